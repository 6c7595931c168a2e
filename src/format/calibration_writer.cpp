#include "format/calibration_writer.h"

#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "base/atomic_file.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "format/byte_writer.h"
#include "format/gguf.h"
#include "format/gguf_keys.h"
#include "format/gguf_model.h"
#include "format/hf_directory.h"
#include "valence/error.h"

namespace valence {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

OrderedJson json_of(const CalibrationValues& values) {
  OrderedJson json{{"temperature", values.temperature}};
  for (const float threshold : values.thresholds) {
    // The shortest decimal that reads as this float: people look at it.
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), threshold);
    json["thresholds"].push_back(OrderedJson::parse(text.data(), end.ptr));
  }
  return json;
}

// The text of a config with its calibration replaced; `indent` as nlohmann's dump.
std::string changed_config(std::string_view text, const std::string& origin,
                           const CalibrationValues& values, int indent) {
  parse_json(text, origin);  // says what is wrong, and where
  OrderedJson config = OrderedJson::parse(text);
  if (!config.is_object()) throw Error(ErrorCode::kCorrupt, origin + ": expected an object");
  config[kCalibrationMember] = json_of(values);
  return config.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

// The file with the string `value` under `key`, in its old place or as the last key.
void write_gguf_with(const GgufFile& file, const std::string& key, const std::string& value,
                     const fs::path& target) {
  const GgufLayout& layout = file.layout;
  std::string entry;
  append_string(entry, key);
  append(entry, static_cast<std::uint32_t>(GgufType::kString));
  append_string(entry, value);
  const bool there = file.metadata.has(key);
  std::string head(kGgufMagic);
  append(head, kGgufVersion);
  append(head, layout.tensors);
  append(head, std::uint64_t{layout.keys.size() + (there ? 0 : 1)});
  for (const GgufLayout::Key& old : layout.keys) {
    if (old.name == key)
      head += entry;
    else
      append_all(head, old.bytes);
  }
  if (!there) head += entry;
  append_all(head, layout.infos);
  const std::uint64_t padding = (layout.alignment - head.size() % layout.alignment);
  head.append(padding % layout.alignment, '\0');
  AtomicFile out(target);
  out.write(head);
  out.write(layout.data);
  out.commit();
}

void write_gguf_calibration(const fs::path& model, const fs::path& target,
                            const CalibrationValues& values) {
  // The mapping outlives the rename that replaces the file.
  const MappedFile mapped(model);
  const GgufFile file = parse_gguf(mapped.bytes(), model.string());
  const auto config = file.metadata.string(kKeyConfig);
  if (config) {
    const std::string origin = model.string() + ": " + kKeyConfig;
    write_gguf_with(file, kKeyConfig, changed_config(*config, origin, values, -1), target);
  } else {
    write_gguf_with(file, kKeyCalibration, json_of(values).dump(), target);
  }
}

void write_config(const fs::path& folder, const fs::path& target, const CalibrationValues& values) {
  const fs::path source = folder / "config.json";
  const std::string text =
      changed_config(MappedFile(source).text(), source.string(), values, 2) + "\n";
  AtomicFile out(target / "config.json");
  out.write(text);
  out.commit();
}

void copy_folder(const fs::path& folder, const fs::path& target, const CalibrationValues& values) {
  const fs::path partial = AtomicFile::partial_path(target);
  std::error_code ignored;
  if (!fs::create_directory(partial))
    throw Error(ErrorCode::kIo, partial.string() +
                                    " is there already, perhaps from an interrupted "
                                    "run; remove it, or choose another output");
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.is_regular_file() && entry.path().filename() != "config.json")
        fs::copy_file(entry.path(), partial / entry.path().filename());
    write_config(folder, partial, values);
    fs::rename(partial, target);
  } catch (...) {
    fs::remove_all(partial, ignored);
    throw;
  }
}

}  // namespace

void check_calibrated_copy(const fs::path& model, const fs::path& target) {
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::kInvalidArgument, why); };
  if (fs::exists(target)) refuse(target.string() + " is there already; choose another name");
  if (!is_gguf(model) && target.extension() == ".gguf")
    refuse(model.string() + " is a folder, and its copy will be one; to get " + target.string() +
           ", calibrate the folder first and then use valence convert");
}

void write_calibration(const fs::path& model, const fs::path& target,
                       const CalibrationValues& values) {
  try {
    if (!target.empty()) check_calibrated_copy(model, target);
    if (is_gguf(model))
      write_gguf_calibration(model, target.empty() ? fs::canonical(model) : target, values);
    else if (target.empty())
      write_config(hf_folder_of(model), hf_folder_of(model), values);
    else
      copy_folder(hf_folder_of(model), target.has_filename() ? target : target.parent_path(),
                  values);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::kIo, "cannot write the calibrated model: " + error.path1().string() +
                                    ": " + error.code().message());
  }
}

}  // namespace valence

#include "train/checkpoint.h"

#include <torch/serialize.h>
#include <torch/utils.h>

#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "valence/error.h"

namespace valence::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIdentity = "run.json";
constexpr const char* kLast = "last.pt";
constexpr const char* kBest = "best.pt";

void write_archive(const fs::path& path, torch::serialize::OutputArchive& archive) {
  AtomicFile file(path);
  archive.save_to([&](const void* bytes, std::size_t size) {
    file.write(std::string_view(static_cast<const char*>(bytes), size));
    return size;
  });
  file.commit();
}

// Archives do not take dots in names.
std::string archive_name(std::string name) {
  for (char& c : name)
    if (c == '.') c = '/';
  return name;
}

void write_parameters(torch::serialize::OutputArchive& archive, const TrainableModel& model) {
  for (const auto& [name, tensor] : model.parameters())
    archive.write(archive_name(name), tensor.detach());
}

void read_parameters(torch::serialize::InputArchive& archive, TrainableModel& model) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : model.parameters()) {
    torch::Tensor stored;
    archive.read(archive_name(name), stored);
    if (stored.sizes() != tensor.sizes())
      throw Error(ErrorCode::kCorrupt,
                  "the checkpoint is of another model: " + name + " has another shape");
    tensor.copy_(stored);
  }
}

// What libtorch throws for a damaged file, as an Error that names it.
template <typename Read>
void read_archive(const fs::path& path, const Read& read) {
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(path.string());
    read(archive);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kCorrupt, path.string() + ": cannot be read (" +
                                         error.what_without_backtrace() +
                                         "); start again with --force");
  }
}

}  // namespace

bool Checkpoints::exists() const {
  return fs::exists(folder_ / kIdentity);
}

Json Checkpoints::identity() const {
  const fs::path path = folder_ / kIdentity;
  return parse_json(MappedFile(path).text(), path.string());
}

void Checkpoints::begin(const Json& identity) const {
  std::error_code failed;
  fs::remove_all(folder_, failed);
  fs::create_directories(folder_, failed);
  if (failed)
    throw Error(ErrorCode::kIo,
                "cannot make the directory " + folder_.string() + ": " + failed.message());
  AtomicFile file(folder_ / kIdentity);
  file.write(identity.dump(1) + "\n");
  file.commit();
}

void Checkpoints::save(const Json& state, const TrainableModel& model,
                       torch::optim::AdamW& optimizer) const {
  torch::serialize::OutputArchive archive;
  archive.write("state", c10::IValue(state.dump()));
  torch::serialize::OutputArchive weights(archive.compilation_unit());
  write_parameters(weights, model);
  archive.write("parameters", weights);
  torch::serialize::OutputArchive moments(archive.compilation_unit());
  optimizer.save(moments);
  archive.write("optimizer", moments);
  write_archive(folder_ / kLast, archive);
}

std::optional<Json> Checkpoints::load(TrainableModel& model, torch::optim::AdamW& optimizer) const {
  const fs::path path = folder_ / kLast;
  if (!fs::exists(path)) return std::nullopt;
  Json state;
  read_archive(path, [&](torch::serialize::InputArchive& archive) {
    c10::IValue text;
    archive.read("state", text);
    state = parse_json(text.toStringRef(), path.string());
    torch::serialize::InputArchive weights;
    archive.read("parameters", weights);
    read_parameters(weights, model);
    torch::serialize::InputArchive moments;
    archive.read("optimizer", moments);
    optimizer.load(moments);
  });
  return state;
}

void Checkpoints::save_best(const TrainableModel& model) const {
  torch::serialize::OutputArchive archive;
  write_parameters(archive, model);
  write_archive(folder_ / kBest, archive);
}

void Checkpoints::load_best(TrainableModel& model) const {
  const fs::path path = folder_ / kBest;
  if (!fs::exists(path)) return;
  read_archive(path,
               [&](torch::serialize::InputArchive& archive) { read_parameters(archive, model); });
}

void Checkpoints::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace valence::train

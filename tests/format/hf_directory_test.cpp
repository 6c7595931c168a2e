#include <fstream>

#include "format/model_file.h"
#include "format/support.h"

namespace valence {
namespace {

namespace fs = std::filesystem;

fs::path fixture(const std::string& name) {
  return fs::path(VALENCE_FIXTURES) / "models" / name;
}

// A copy of a fixture that a test may damage.
struct Copy : TemporaryFolder {
  explicit Copy(const std::string& name) {
    fs::copy(fixture(name), path(), fs::copy_options::recursive);
  }
  void remove(const std::string& name) const { fs::remove(path() / name); }
  Json json(const std::string& name) const {
    std::ifstream file(path() / name);
    return Json::parse(file);
  }
};

TEST_CASE("a Hugging Face folder gives config, tensors and tokenizer") {
  const ModelFile model = open_model_file(fixture("bert"));
  CHECK(model.format == "Hugging Face directory");
  CHECK(model.naming == TensorNaming::kHuggingFace);
  CHECK(model.config.at("model_type") == "bert");
  CHECK(model.tensors.contains("bert.embeddings.word_embeddings.weight"));
  CHECK(model.tokenizer.pipeline.at("model").at("type") == "WordPiece");
  CHECK(model.tokenizer.tokens.size() == model.config.at("vocab_size"));
  CHECK(model.storage.size() == 1);
}

TEST_CASE("a file of the folder stands for the folder") {
  const std::size_t tensors = open_model_file(fixture("bert")).tensors.size();
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"})
    CHECK(open_model_file(fixture("bert") / name).tensors.size() == tensors);
}

TEST_CASE("a weights file of another name can be given") {
  const Copy folder("bert");
  fs::rename(folder.path() / "model.safetensors", folder.path() / "best.safetensors");
  CHECK(!open_model_file(folder.path() / "best.safetensors").tensors.empty());
}

TEST_CASE("shards give the tensors of the whole") {
  const ModelFile whole = open_model_file(fixture("bert-sharded"));
  CHECK(whole.storage.size() > 1);
  CHECK(whole.tensors.contains("classifier.weight"));
  CHECK(whole.tensors.contains("bert.embeddings.word_embeddings.weight"));
}

struct Damage {
  std::string what;
  const char* fixture;
  std::function<void(const Copy&)> damage;
  ErrorCode code;
  const char* part;
};

void edit_index(const Copy& folder, const std::function<void(Json&)>& edit) {
  Json index = folder.json("model.safetensors.index.json");
  edit(index);
  folder.write("model.safetensors.index.json", index.dump());
}

std::string a_shard(const Copy& folder) {
  return folder.json("model.safetensors.index.json").at("weight_map").begin()->get<std::string>();
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Damage> damages() {
  const auto set_shard = [](const char* name) {
    return [name](const Copy& folder) {
      edit_index(folder, [&](Json& index) { *index["weight_map"].begin() = name; });
    };
  };
  return {
      {"no config", "bert", [](const Copy& f) { f.remove("config.json"); }, ErrorCode::kNotFound,
       "has no config.json"},
      {"no config, but a cache", "bert",
       [](const Copy& f) {
         f.remove("config.json");
         fs::create_directory(f.path() / "snapshots");
       },
       ErrorCode::kNotFound, "cache of Hugging Face"},
      {"no config, but a GGUF", "bert",
       [](const Copy& f) {
         f.remove("config.json");
         f.write("some.gguf", "GGUF");
       },
       ErrorCode::kNotFound, "some.gguf"},
      {"config cut off", "bert", [](const Copy& f) { f.write("config.json", "{\"model_type\":"); },
       ErrorCode::kCorrupt, "config.json: not valid JSON"},
      {"config no object", "bert", [](const Copy& f) { f.write("config.json", "[]"); },
       ErrorCode::kCorrupt, "expected an object"},
      {"no weights", "bert", [](const Copy& f) { f.remove("model.safetensors"); },
       ErrorCode::kNotFound, "has no model.safetensors"},
      {"pickled weights", "bert",
       [](const Copy& f) {
         f.remove("model.safetensors");
         f.write("pytorch_model.bin", "PK\3\4");
       },
       ErrorCode::kUnsupported, "save_pretrained(folder, safe_serialization=True)"},
      {"adapter only", "bert",
       [](const Copy& f) {
         fs::rename(f.path() / "model.safetensors", f.path() / "adapter_model.safetensors");
       },
       ErrorCode::kUnsupported, "merge_and_unload"},
      {"weights a pointer of Git LFS", "bert",
       [](const Copy& f) {
         f.write("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0");
       },
       ErrorCode::kCorrupt, "git lfs pull"},
      {"weights a web page", "bert",
       [](const Copy& f) { f.write("model.safetensors", "<!DOCTYPE html><html>"); },
       ErrorCode::kCorrupt, "web page"},
      {"weights empty", "bert", [](const Copy& f) { f.write("model.safetensors", ""); },
       ErrorCode::kCorrupt, "model.safetensors: is empty"},
      {"weights cut off", "bert",
       [](const Copy& f) {
         const fs::path path = f.path() / "model.safetensors";
         fs::resize_file(path, fs::file_size(path) - 100);
       },
       ErrorCode::kCorrupt, "cut off"},
      {"no tokenizer", "bert", [](const Copy& f) { f.remove("tokenizer.json"); },
       ErrorCode::kNotFound, "tokenizer"},
      {"tokenizer cut off", "bert", [](const Copy& f) { f.write("tokenizer.json", "{"); },
       ErrorCode::kCorrupt, "tokenizer.json: not valid JSON"},
      {"added token without a number", "bert",
       [](const Copy& f) {
         f.remove("tokenizer.json");
         f.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
         f.write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer",
           "added_tokens_decoder": {"first": {"content": "<x>"}}})");
       },
       ErrorCode::kCorrupt, "expected numbers of tokens as names, found \"first\""},
      {"tokenizer config cut off", "bert",
       [](const Copy& f) { f.write("tokenizer_config.json", "{"); }, ErrorCode::kCorrupt,
       "tokenizer_config.json: not valid JSON"},
      {"shard missing", "bert-sharded", [](const Copy& f) { f.remove(a_shard(f)); },
       ErrorCode::kNotFound, "is missing from the folder"},
      {"shard above the folder", "bert-sharded", set_shard("../model.safetensors"),
       ErrorCode::kCorrupt, "not the name of a file in the same folder"},
      {"shard at an absolute path", "bert-sharded", set_shard("/etc/hostname"), ErrorCode::kCorrupt,
       "not the name of a file in the same folder"},
      {"shard the folder itself", "bert-sharded", set_shard(".."), ErrorCode::kCorrupt,
       "not the name of a file in the same folder"},
      {"shard without a name", "bert-sharded", set_shard(""), ErrorCode::kCorrupt,
       "not the name of a file in the same folder"},
      {"shard no string", "bert-sharded",
       [](const Copy& f) { edit_index(f, [](Json& index) { *index["weight_map"].begin() = 3; }); },
       ErrorCode::kCorrupt, "expected a string"},
      {"tensor not in its shard", "bert-sharded",
       [](const Copy& f) {
         edit_index(f, [&](Json& index) { index["weight_map"]["ghost"] = a_shard(f); });
       },
       ErrorCode::kCorrupt, "the tensor ghost is not in its shard"},
      {"index without a map", "bert-sharded",
       [](const Copy& f) { f.write("model.safetensors.index.json", "{}"); }, ErrorCode::kCorrupt,
       "\"weight_map\" is missing"},
      {"map no object", "bert-sharded",
       [](const Copy& f) { f.write("model.safetensors.index.json", R"({"weight_map":[1]})"); },
       ErrorCode::kCorrupt, "expected an object"},
      {"index cut off", "bert-sharded",
       [](const Copy& f) { f.write("model.safetensors.index.json", "{\"weight_map\":{"); },
       ErrorCode::kCorrupt, "not valid JSON"},
  };
}

TEST_CASE("broken folders are refused with a message that says what to do") {
  for (const Damage& damage : damages()) {
    CAPTURE(damage.what);
    const Copy folder(damage.fixture);
    damage.damage(folder);
    expect_error(damage.code, damage.part, [&] { open_model_file(folder.path()); });
  }
}

struct Stranger {
  const char* name;
  std::string content;
  const char* part;
};

TEST_CASE("files of other kinds are named") {
  const std::vector<Stranger> strangers{
      {"model.onnx", "\x08\x07pytorch", "is an ONNX model"},
      {"weights.bin", "PK\x03\x04", "PyTorch checkpoint"},
      {"weights.pt", "\x80\x02}q", "PyTorch checkpoint"},
      {"old.bin", "ggml----", "old GGML format"},
      {"keras.h5", "\x89HDF\r\n", "HDF5"},
      {"pointer.gguf", "version https://git-lfs.github.com/spec/v1", "git lfs pull"},
      {"page.gguf", "<!doctype html>", "web page"},
      {"empty.gguf", "", "is empty"},
      {"swapped.gguf", "FUGG", "swapped"},
      {"notes.txt", "hello", "of no known kind"},
  };
  const TemporaryFolder folder;
  for (const Stranger& stranger : strangers) {
    CAPTURE(stranger.name);
    const fs::path path = folder.write(stranger.name, stranger.content);
    expect_error(ErrorCode::kUnsupported, stranger.part, [&] { open_model_file(path); });
    expect_error(ErrorCode::kUnsupported, "GGUF, Hugging Face directory",
                 [&] { open_model_file(path); });
  }
  expect_error(ErrorCode::kNotFound, "no such file", [&] { open_model_file(folder.path() / "x"); });
}

}  // namespace
}  // namespace valence

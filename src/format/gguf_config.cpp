#include "format/gguf_config.h"

#include <optional>

#include "format/gguf_keys.h"
#include "valence/error.h"

namespace valence {
namespace {

const Tensor* find(const GgufFile& file, std::string_view name) {
  const auto found = file.tensors.find(name);
  return found == file.tensors.end() ? nullptr : &found->second;
}

bool has(const GgufFile& file, std::string_view name) {
  return file.tensors.contains(name) || file.unreadable.contains(name);
}

// A missing leading dimension stands for one row.
std::int64_t rows_of(const Tensor& tensor) {
  return tensor.shape.size() < 2 ? 1 : tensor.shape.front();
}

[[noreturn]] void refuse(const GgufFile& file, const std::string& what) {
  throw Error(ErrorCode::kUnsupported, file.metadata.origin() + ": " + what);
}

// The converter knows one architecture, "bert", for all of them; tokenizer and tensors tell which.
std::string infer_model_type(const GgufFile& file, std::vector<std::string>& notes) {
  const std::string tokenizer = file.metadata.need_string(kKeyTokenizerModel);
  if (tokenizer == "gpt2") return "roberta";
  if (tokenizer == "t5") return "xlm-roberta";
  if (tokenizer != "bert")
    refuse(file, "a classifier with the tokenizer \"" + tokenizer + "\" is not known");
  const Tensor* types = find(file, "token_types.weight");
  if (types != nullptr && rows_of(*types) >= 2) return "bert";
  notes.emplace_back(
      "read as DistilBERT, because it has no token types: its head applies ReLU, where "
      "llama.cpp would apply tanh");
  return "distilbert";
}

// The head's first layer, which the converter drops from BERT.
void check_pooler(const GgufFile& file, const std::string& model_type, std::int64_t hidden) {
  const Tensor* cls = find(file, "cls.weight");
  if (cls != nullptr && cls->shape == std::vector{hidden, hidden}) return;
  const std::string origin = file.metadata.origin();
  if (model_type == "bert")
    throw Error(ErrorCode::kCorrupt,
                origin +
                    ": the converter that wrote this file dropped BERT's pooler (the tensor "
                    "bert.pooler.dense), so its scores would be wrong; convert the Hugging Face "
                    "folder again with valence convert");
  throw Error(ErrorCode::kCorrupt,
              origin + ": the tensor cls.weight of shape " +
                  shape_text(std::vector{hidden, hidden}) +
                  " is missing, without which the scores would be wrong; convert the Hugging Face "
                  "folder again with valence convert");
}

void add_labels(const GgufFile& file, const std::string& key, Json& config) {
  const Tensor* output = find(file, "cls.output.weight");
  if (output == nullptr) file.metadata.fail("cls.output.weight", "the tensor is missing");
  const std::int64_t count = rows_of(*output);
  config["num_labels"] = count;
  const auto* labels = file.metadata.strings(key);
  if (labels == nullptr) return;
  if (labels->size() != static_cast<std::size_t>(count))
    file.metadata.fail(
        key, std::to_string(labels->size()) + " names for " + std::to_string(count) + " labels");
  for (std::size_t i = 0; i < labels->size(); ++i) {
    config["id2label"][std::to_string(i)] = std::string((*labels)[i]);
    config["label2id"][std::string((*labels)[i])] = i;
  }
}

Json distilbert_sizes(const GgufMetadata& keys, const std::string& arch) {
  return {{"architectures", {"DistilBertForSequenceClassification"}},
          {"dim", keys.need_size(arch + ".embedding_length")},
          {"n_layers", keys.need_size(arch + ".block_count")},
          {"n_heads", keys.need_size(arch + ".attention.head_count")},
          {"hidden_dim", keys.need_size(arch + ".feed_forward_length")},
          {"activation", "gelu"}};
}

Json bert_sizes(const GgufMetadata& keys, const std::string& arch, const std::string& class_name) {
  const double epsilon = keys.number(arch + ".attention.layer_norm_epsilon").value_or(1e-12);
  return {{"architectures", {class_name}},
          {"hidden_size", keys.need_size(arch + ".embedding_length")},
          {"num_hidden_layers", keys.need_size(arch + ".block_count")},
          {"num_attention_heads", keys.need_size(arch + ".attention.head_count")},
          {"intermediate_size", keys.need_size(arch + ".feed_forward_length")},
          {"layer_norm_eps", epsilon},
          {"hidden_act", "gelu"}};
}

Json sizes_of(const GgufMetadata& keys, const std::string& arch, const std::string& model_type) {
  if (model_type == "distilbert") return distilbert_sizes(keys, arch);
  if (model_type == "roberta") return bert_sizes(keys, arch, "RobertaForSequenceClassification");
  if (model_type == "xlm-roberta")
    return bert_sizes(keys, arch, "XLMRobertaForSequenceClassification");
  return bert_sizes(keys, arch, "BertForSequenceClassification");
}

}  // namespace

Json derive_config(const GgufFile& file, std::vector<std::string>& notes) {
  const GgufMetadata& keys = file.metadata;
  const std::string arch = keys.need_string(kKeyArchitecture);
  if (!has(file, "cls.output.weight") && !has(file, "cls.weight"))
    refuse(file,
           "a GGUF of the architecture " + arch +
               " without a classifier (no tensor cls.output); only text classifiers are read");
  if (arch != "bert")
    refuse(file, "classifiers of the GGUF architecture " + arch + " are not known, only bert");
  if (!file.unreadable.empty()) {
    const auto& [name, type] = *file.unreadable.begin();
    refuse(file, "the tensor " + name + " is of type " + type +
                     ", which is not read; convert the model with --type q8_0");
  }
  const std::string model_type = infer_model_type(file, notes);
  const std::int64_t hidden = keys.need_size(arch + ".embedding_length");
  check_pooler(file, model_type, hidden);
  Json config = sizes_of(keys, arch, model_type);
  config["model_type"] = model_type;
  config["vocab_size"] = keys.need_strings(kKeyTokens).size();
  config["max_position_embeddings"] = keys.need_size(arch + ".context_length");
  if (const auto pad = keys.integer(kKeyPadding)) config["pad_token_id"] = *pad;
  if (const Tensor* types = find(file, "token_types.weight"))
    config["type_vocab_size"] = rows_of(*types);
  add_labels(file, arch + ".classifier.output_labels", config);
  if (const auto calibration = keys.string(kKeyCalibration))
    config[kCalibrationMember] = parse_json(*calibration, keys.origin() + ": " + kKeyCalibration);
  return config;
}

}  // namespace valence

// Text to labels with scores: the whole public interface of the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "valence/error.h"
#include "valence/precision.h"

namespace valence {

// What is done with a text of more tokens than the model's window.
enum class LongText {
  kWindow,    // overlapping windows; their scores are averaged, weighted by their lengths
  kTruncate,  // the first window only
  kError,     // the text gets an error instead of a label
};

// How logits become scores; the names and the meaning of Hugging Face's `function_to_apply`.
enum class ScoreFunction {
  kModel,  // problem_type "regression": none; "multi_label_classification" or one label: sigmoid;
           // else softmax
  kSoftmax,
  kSigmoid,
  kNone,
};

struct ClassifyOptions {
  LongText long_text = LongText::kWindow;
  ScoreFunction function = ScoreFunction::kModel;
  std::size_t top_k = 0;            // how many labels to return; 0 returns all
  std::size_t window_overlap = 64;  // tokens that neighbouring windows share, less in small windows
  // Divide logits by the model's temperature before softmax or sigmoid, and choose labels by its
  // thresholds; changes nothing where the model has none (see ModelInfo).
  bool calibrated = true;
};

struct LabelScore {
  std::int32_t id = 0;
  std::string_view label;  // valid as long as the Classifier
  float score = 0;
  // Part of the answer. Multi-label models with sigmoid: the score reaches the label's threshold,
  // which is 0.5 where the model has no own. Else: this is the highest score.
  bool chosen = false;
};

struct Classification {
  std::vector<LabelScore> scores;  // highest score first; equal scores in id order
  std::size_t tokens = 0;          // of the whole text, the special tokens of one window included
  std::size_t windows = 0;
  bool truncated = false;  // some of the text was not looked at
  std::string error;       // not empty: why this text has no scores
};

struct LoadOptions {
  std::string backend = "cpu";  // or "reference": slow and plain, always in full precision
  std::size_t threads = 0;      // 0: every processor that this process may use
  Precision precision = Precision::kAuto;
  bool pin_threads = false;  // threads beside the caller's keep to a processor each
};

struct ModelInfo {
  std::string path;
  std::string format;          // "Hugging Face directory", "GGUF"
  std::string architecture;    // "bert", "distilbert", ...
  std::string tokenizer;       // "WordPiece", "BPE", "Unigram", "WordLevel"
  std::size_t vocabulary = 0;  // tokens that the tokenizer knows
  std::string problem_type;    // as the config says, else what ScoreFunction::kModel derives
  ScoreFunction function = ScoreFunction::kSoftmax;  // what ScoreFunction::kModel means here
  std::vector<std::string> labels;                   // by id
  double temperature = 1;                            // logits are divided by it; 1: not calibrated
  std::vector<float> thresholds;                     // by id; empty: 0.5 for every label
  std::size_t parameters = 0;
  std::size_t weight_bytes = 0;
  std::string weight_types;  // "Q8_0 24.0 MB, F32 0.9 MB"
  std::size_t window = 0;    // longest input in tokens, special tokens included
  std::size_t layers = 0, hidden_size = 0, heads = 0;
  std::vector<std::string> notes;  // what a person should know about this file
};

struct WindowLogits;

// A loaded model. Immutable: any number of threads may call it at once. What else is in a call
// never changes a text's answer by more than the rounding of floats.
class Classifier {
 public:
  // Throws Error: kNotFound, kIo, kCorrupt (the file is not what it should be), kUnsupported (well
  // formed, but no classifier or of an unknown architecture).
  static Classifier load(const std::filesystem::path& path, const LoadOptions& options = {});

  // A GGUF file that lies in memory, for example in the program itself. The bytes are not copied:
  // they must outlive the Classifier. `name` stands for the path in messages and in info(). Throws
  // Error: kCorrupt, kUnsupported.
  static Classifier load_gguf(std::span<const std::byte> bytes, const std::string& name,
                              const LoadOptions& options = {});
  ~Classifier();
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;

  // One answer a text, in order. Invalid UTF-8 reads as U+FFFD. Memory grows with the sum of the
  // texts' lengths: cut long streams into calls of a few thousand texts.
  std::vector<Classification> classify(std::span<const std::string_view> texts,
                                       const ClassifyOptions& options = {}) const;
  Classification classify(std::string_view text, const ClassifyOptions& options = {}) const;

  const ModelInfo& info() const;

 private:
  // The engine's own seam (src/engine/window_logits.h).
  friend std::vector<WindowLogits> window_logits(const Classifier& classifier,
                                                 std::span<const std::string_view> texts,
                                                 const ClassifyOptions& options);
  struct Parts;
  explicit Classifier(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace valence

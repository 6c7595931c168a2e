// The steps from a text to its answer, one by one: for callers that make batches of many requests.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scores.h"
#include "engine/windows.h"
#include "engine/workspaces.h"
#include "format/model_file.h"
#include "model/architecture.h"
#include "text/tokenizer.h"
#include "valence/classifier.h"

namespace valence {

class ThreadPool;

// How a text becomes sequences that the network can take.
struct InputOptions {
  LongText long_text = LongText::kWindow;
  std::size_t window_overlap = ClassifyOptions{}.window_overlap;
  std::size_t max_tokens = 0;  // of a sequence, special tokens included; 0: the model's window
  bool keep_end = false;       // LongText::kTruncate keeps the end of the text, not its beginning
};

// A text, a pair of texts or a list of ids, ready for the network.
struct PreparedText {
  Encoding tokens;           // of the text alone; where `complete`, as the network sees them
  bool complete = false;     // special tokens are in place: there is one window, of all tokens
  WindowPlan plan;           // without windows when there is an error
  std::size_t length = 0;    // tokens of the whole text, the special tokens of one window included
  std::string error;         // not empty: why the text gets no scores
  bool is_too_long = false;  // that is why: LongText::kError, or ids that cannot be cut
};

// A window of a text, and where its logits go: as many as there are labels.
struct Sequence {
  const PreparedText* text = nullptr;
  std::size_t window = 0;
  float* logits = nullptr;
};

// A loaded model. Immutable: any number of threads may call it at once. `options.threads` is not
// looked at: the caller brings the threads.
class Steps {
 public:
  // Throws as Classifier::load does.
  Steps(const ModelFile& source, const LoadOptions& options);

  // What is wrong with a text is told in PreparedText::error.
  PreparedText prepare(std::string_view text, const InputOptions& options) const;
  // A pair that is too long is cut from the end of the longer text first, as Hugging Face's
  // "longest_first" does; it is never cut into windows.
  PreparedText prepare_pair(std::string_view first, std::string_view second,
                            const InputOptions& options) const;
  // Ids that hold their special tokens already. They are cut only where long_text is kTruncate.
  PreparedText prepare_ids(std::span<const std::int32_t> ids, const InputOptions& options) const;

  // Tokens of a window as the network sees it.
  std::size_t length_of(const PreparedText& text, std::size_t window) const;

  // Runs the network over one batch, its work shared with the idle threads of `pool` (may be null).
  void run(std::span<const Sequence> batch, ThreadPool* pool) const;

  // The scores of a text from the logits of its windows, a row each, which are overwritten: scores
  // of each, averaged with the windows' lengths as weights.
  Classification answer(const PreparedText& text, std::span<float> logits,
                        const ClassifyOptions& options) const;

  const ModelInfo& info() const { return info_; }
  const LabelSet& labels() const { return labels_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  std::size_t width() const { return labels_.names.size(); }  // logits of a window
  // Of a batch at most, for speed (NetworkShape::batch_tokens).
  std::size_t batch_tokens() const { return network_->shape().batch_tokens; }

 private:
  std::size_t window_for(const InputOptions& options) const;
  std::string defect_of(const Encoding& tokens) const;
  PreparedText finished(PreparedText text) const;

  std::vector<std::shared_ptr<const MappedFile>> storage_;
  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Network> network_;
  mutable Workspaces workspaces_;
  LabelSet labels_;
  ModelInfo info_;
};

// The share of a window in the average of a text's windows.
double weight_of(const Window& window);

}  // namespace valence

// Fine-tuning from the first row read to the written model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/train_options.h"
#include "train/validation.h"

namespace valence::train {

struct StepReport {
  std::int64_t step = 0, steps = 0;  // done, and of the whole run
  double epoch = 0;                  // done so far, with its fraction
  double loss = 0;                   // mean of the last steps
  double rate = 0;                   // learning rate
  double tokens_per_second = 0;
  double seconds_left = 0;
};

// Watches a run. Called by the thread that trains.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void say(const std::string& sentence) = 0;  // what was found, what happens now
  virtual void step(const StepReport& report) = 0;
  virtual void validated(std::int64_t step, const Figures& figures, bool best) = 0;
  virtual bool wants_stop() = 0;  // asked after each step; the run is then saved and ends
};

struct TrainResult {
  bool stopped = false;  // before its end: the checkpoint is written, the model is not
  std::int64_t steps = 0;
  std::int64_t best_step = 0;
  Figures figures;  // of the written model on the validation rows; empty where there are none
  std::vector<std::string> labels;
};

// Reads, trains and writes `options.output`: a Hugging Face directory with training_log.jsonl, and
// while the run is not finished the directory `checkpoint`.
//
// The same options, rows, libtorch, device and threads give the same weights; so does a run that
// was interrupted and resumed. Throws Error: kInvalidArgument (options, or rows that do not fit),
// kIo, kCorrupt, kUnsupported; kInternal with advice where the loss is not a number or memory runs
// out.
TrainResult train(const TrainOptions& options, Observer& observer);

}  // namespace valence::train

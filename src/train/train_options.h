// What training was asked to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/labelled_rows.h"
#include "data/labels.h"

namespace valence::train {

// One file of labelled rows.
struct DataFile {
  std::filesystem::path path;
  LabelledReadOptions read;
  double weight = 1;  // how often an epoch sees each row; 0.25: another quarter of them each epoch
};

// Where a text longer than `max_tokens` is cut.
enum class Crop { kHead, kRandom };

enum class Precision { kAuto, kFp32, kBf16 };  // auto: BF16 on CUDA, else F32

struct TrainOptions {
  std::filesystem::path
      base;  // a Hugging Face directory or a GGUF file, of a classifier or encoder
  std::filesystem::path output;  // the directory to write
  std::vector<DataFile> data;
  std::vector<DataFile> valid;
  double valid_split = 0;  // the share of the training rows held back where `valid` is empty
  Task task = Task::kSingleLabel;
  std::vector<std::string> labels;  // the classes in this order; empty: the base's, or the data's

  double epochs = 3;
  std::int64_t max_steps = 0;  // 0: as many as the epochs have
  std::size_t batch_tokens = 4096;
  std::size_t max_tokens = 256;  // of a text, special tokens included
  Crop crop = Crop::kHead;

  double learning_rate = 5e-5;
  double warmup = 0.06;  // the share of all steps
  double weight_decay = 0.01;
  double clip = 1;                // largest norm of all gradients together; 0: none
  std::optional<double> dropout;  // in place of all the config's rates
  double label_smoothing = 0;
  // A file whose rows lack some of the classes says nothing of those: its rows only compare the
  // classes that it has. Else it teaches that the others do not occur.
  bool partial = false;
  bool balanced = false;  // class weights: rows / (classes * rows of the class)
  std::map<std::string, double> class_weights;  // by name; others weigh 1
  std::int64_t freeze_layers = 0;  // the embeddings and this many layers keep their weights; -1:
                                   // the whole encoder

  std::filesystem::path teacher;  // empty: none
  double temperature = 2;         // of the teacher's and the student's probabilities
  double teacher_share = 0.5;     // of the loss

  std::int64_t eval_steps = 0;  // 0: at the end of each epoch
  std::int64_t patience = 0;    // validations without a better one before training stops; 0: never
  std::string best_by;          // a name of Figures; empty: the task's

  Precision precision = Precision::kAuto;
  std::string device = "auto";  // "cpu", "cuda"
  std::size_t threads = 0;      // 0: all processors
  std::uint64_t seed = 1;
  double checkpoint_minutes = 5;
  std::int64_t log_steps = 20;
  bool resume = false, force = false;
};

}  // namespace valence::train

// Labelled rows as token ids and targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "text/tokenizer.h"
#include "train/train_options.h"

namespace valence::train {

struct Example {
  std::vector<std::int32_t> tokens;  // without special tokens
  std::int32_t label = 0;            // single-label: the class
  std::vector<float> values;         // multi-label: 1 for each class it has; regression: the number
  std::vector<float> teacher;        // logits of the teacher by class; empty: there is none
  std::uint32_t file = 0;            // index into the list of files
};

// The rows of some files, as they were read.
struct RawRows {
  struct File {
    DataFile source;
    LabelledRows found;
  };
  std::vector<File> files;

  std::size_t size() const;
};

// Throws what read_labelled_rows throws, and Error(kInvalidArgument) where no row can be used.
RawRows read_rows(const std::vector<DataFile>& files, Task task);

// The classes to train: `wanted` where there are any; else the base's, if all labels of the data
// are among them; else the labels of the data in order, numbers by their size. Throws
// Error(kInvalidArgument) where a label of the data is none of `wanted`, or there are fewer than
// two classes.
std::vector<std::string> choose_labels(const RawRows& rows, Task task,
                                       const std::vector<std::string>& wanted,
                                       const std::vector<std::string>& base);

// Labels are compared without regard to case (ASCII).
bool same_labels(const std::vector<std::string>& a, const std::vector<std::string>& b);

// In the order of the files. Ids from `vocabulary` up are refused: Error(kCorrupt).
std::vector<Example> make_examples(const RawRows& rows, Task task,
                                   const std::vector<std::string>& labels,
                                   const Tokenizer& tokenizer, std::int64_t vocabulary,
                                   std::size_t threads);

// For each file, which classes its rows have.
std::vector<std::vector<bool>> classes_by_file(const std::vector<Example>& examples,
                                               std::size_t files, std::size_t classes);

// Moves a share of the examples, drawn by `seed`, to the result. Rows of the same file and label
// are drawn in proportion.
std::vector<Example> split_off(std::vector<Example>& examples, double share, std::uint64_t seed);

}  // namespace valence::train

#include "train/collate.h"

#include <algorithm>

#include "train/random.h"

namespace valence::train {

// The part of the example that fits, with special tokens.
Encoding Collator::cut(const Example& example, Crop crop, std::uint64_t seed) const {
  const std::size_t room = max_tokens_ - std::min(max_tokens_, tokenizer_.special_count());
  const std::size_t size = std::min(room, example.tokens.size());
  std::size_t begin = 0;
  if (crop == Crop::kRandom && size < example.tokens.size())
    begin = Random(seed).below(example.tokens.size() - size + 1);
  Encoding content;
  const auto first = example.tokens.begin() + static_cast<std::ptrdiff_t>(begin);
  content.ids.assign(first, first + static_cast<std::ptrdiff_t>(size));
  content.offsets.resize(size);
  content.type_ids.resize(size);
  return tokenizer_.with_specials(content, 0, size);
}

namespace {

torch::Tensor present_in(const std::vector<Example>& examples, const Batch& batch,
                         const std::vector<std::vector<bool>>& present) {
  torch::Tensor rows = torch::zeros(
      {static_cast<std::int64_t>(batch.size()), static_cast<std::int64_t>(present.front().size())},
      torch::kBool);
  bool* next = rows.data_ptr<bool>();
  for (const std::size_t index : batch)
    next =
        std::copy(present[examples[index].file].begin(), present[examples[index].file].end(), next);
  return rows;
}

}  // namespace

TokenBatch Collator::tokens(const std::vector<Example>& examples, const Batch& batch, Crop crop,
                            std::uint64_t seed) const {
  std::vector<Encoding> parts;
  std::size_t longest = 1;
  for (const std::size_t index : batch) {
    parts.push_back(cut(examples[index], crop, seed + index));
    longest = std::max(longest, parts.back().size());
  }
  const auto rows = static_cast<std::int64_t>(batch.size());
  const auto width = static_cast<std::int64_t>(longest);
  TokenBatch out{torch::zeros({rows, width}, torch::kInt64),
                 torch::zeros({rows, width}, torch::kInt64),
                 torch::zeros({rows, width}, torch::kBool)};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t begin = i * longest;
    std::copy(parts[i].ids.begin(), parts[i].ids.end(), out.ids.data_ptr<std::int64_t>() + begin);
    std::copy(parts[i].type_ids.begin(), parts[i].type_ids.end(),
              out.types.data_ptr<std::int64_t>() + begin);
    std::fill_n(out.mask.data_ptr<bool>() + begin, parts[i].size(), true);
  }
  return {out.ids.to(device_), out.types.to(device_), out.mask.to(device_)};
}

Targets Collator::targets(const std::vector<Example>& examples, const Batch& batch,
                          const std::vector<std::vector<bool>>& present) const {
  Targets targets;
  const auto rows = static_cast<std::int64_t>(batch.size());
  const auto stack = [&](const auto& row_of) {
    std::vector<float> values;
    for (const std::size_t index : batch) {
      const std::vector<float>& row = row_of(examples[index]);
      values.insert(values.end(), row.begin(), row.end());
    }
    return torch::tensor(values).view({rows, -1}).to(device_);
  };
  if (task_ == Task::kSingleLabel) {
    std::vector<std::int64_t> classes;
    for (const std::size_t index : batch) classes.push_back(examples[index].label);
    targets.classes = torch::tensor(classes).to(device_);
    if (!present.empty()) targets.present = present_in(examples, batch, present).to(device_);
  } else {
    targets.values = stack([](const Example& e) -> const std::vector<float>& { return e.values; });
  }
  if (!examples[batch.front()].teacher.empty())
    targets.teacher =
        stack([](const Example& e) -> const std::vector<float>& { return e.teacher; });
  return targets;
}

}  // namespace valence::train

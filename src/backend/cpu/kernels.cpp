#include "backend/cpu/kernels.h"

#include <array>
#include <cstdlib>
#include <string>

#include "backend/cpu/isa/common.h"
#include "valence/error.h"

namespace valence::cpu {
namespace {

constexpr auto kTables = std::to_array<const Kernels*>({
#if defined(__x86_64__)
  &kAmxKernels, &kAvx512Bf16Kernels, &kAvx512VnniKernels, &kAvx512VlVnniKernels, &kAvx512Kernels,
      &kAvxVnniKernels, &kAvx2Kernels,
#elif defined(__aarch64__)
  &kNeonBf16Kernels, &kNeonI8mmKernels, &kNeonDotKernels,
#endif
      &kBaselineKernels,
});

// Without tiles, Intel's processors multiply half as many numbers of bfloat16 a second as floats.
bool is_chosen_by_name_only(const Kernels& table) {
#if defined(__x86_64__)
  return &table == &kAvx512Bf16Kernels && __builtin_cpu_is("intel") != 0;
#else
  static_cast<void>(table);
  return false;
#endif
}

std::string names() {
  std::string list;
  for (const Kernels* table : kTables)
    if (table->supported()) list += (list.empty() ? "" : ", ") + std::string(table->name);
  return list;
}

}  // namespace

std::int64_t attention_scratch(std::int64_t keys, std::int64_t size) {
  // Packed keys and values, scores, and packed queries: see AttentionMemory.
  const std::int64_t stride = padded_keys(keys);
  const std::int64_t width = padded_keys(size);
  return 2 * width * stride + kept_queries(keys) * stride + kLeastQueries * width;
}

std::span<const Kernels* const> all_kernels() {
  return kTables;
}

const Kernels& kernels_by_name(std::string_view name) {
  for (const Kernels* table : kTables) {
    if (name.empty() ? is_chosen_by_name_only(*table) : table->name != name) continue;
    if (table->supported()) return *table;
    if (!name.empty())
      throw Error(ErrorCode::kInvalidArgument, "this processor cannot run the instruction set \"" +
                                                   std::string(name) + "\"; it has: " + names());
  }
  throw Error(ErrorCode::kInvalidArgument, "there is no instruction set \"" + std::string(name) +
                                               "\"; this machine has: " + names());
}

const Kernels& choose_kernels() {
  const char* forced = std::getenv("VALENCE_ISA");
  return kernels_by_name(forced == nullptr ? "" : forced);
}

}  // namespace valence::cpu

// The names of metadata and tensors that the GGUF reader and writer share: llama.cpp's, and our own
// for what llama.cpp's cannot hold.
#pragma once

#include <cstdint>

namespace valence {

inline constexpr const char* kKeyArchitecture = "general.architecture";

inline constexpr const char* kKeyTokenizerModel = "tokenizer.ggml.model";
inline constexpr const char* kKeyTokenizerPre = "tokenizer.ggml.pre";
inline constexpr const char* kKeyTokens = "tokenizer.ggml.tokens";
inline constexpr const char* kKeyTokenTypes = "tokenizer.ggml.token_type";
inline constexpr const char* kKeyScores = "tokenizer.ggml.scores";
inline constexpr const char* kKeyMerges = "tokenizer.ggml.merges";
inline constexpr const char* kKeyCharsmap = "tokenizer.ggml.precompiled_charsmap";
inline constexpr const char* kKeyTypeCount = "tokenizer.ggml.token_type_count";
inline constexpr const char* kKeyLowercase = "tokenizer.ggml.normalizer.lowercase";
inline constexpr const char* kKeyStripAccents = "tokenizer.ggml.normalizer.strip_accents";
inline constexpr const char* kKeyAddBos = "tokenizer.ggml.add_bos_token";
inline constexpr const char* kKeyAddEos = "tokenizer.ggml.add_eos_token";
inline constexpr const char* kKeyAddSep = "tokenizer.ggml.add_sep_token";
inline constexpr const char* kKeyAddSpacePrefix = "tokenizer.ggml.add_space_prefix";
inline constexpr const char* kKeyRemoveSpaces = "tokenizer.ggml.remove_extra_whitespaces";
inline constexpr const char* kKeyBos = "tokenizer.ggml.bos_token_id";
inline constexpr const char* kKeyEos = "tokenizer.ggml.eos_token_id";
inline constexpr const char* kKeyUnknown = "tokenizer.ggml.unknown_token_id";
inline constexpr const char* kKeySeparator = "tokenizer.ggml.seperator_token_id";  // so spelled
inline constexpr const char* kKeyPadding = "tokenizer.ggml.padding_token_id";
inline constexpr const char* kKeyCls = "tokenizer.ggml.cls_token_id";
inline constexpr const char* kKeyMask = "tokenizer.ggml.mask_token_id";

// Ours, and only in a file without kKeyConfig, which holds it otherwise: the JSON of the config's
// member kCalibrationMember.
inline constexpr const char* kKeyCalibration = "valence.calibration";
inline constexpr const char* kCalibrationMember = "valence_calibration";

// Our own. The last four are written only where llama.cpp's form loses something.
inline constexpr const char* kKeyConfig = "valence.config";         // config.json
inline constexpr const char* kKeyTokenizer = "valence.tokenizer";   // TokenizerSpec::pipeline
inline constexpr const char* kKeyMaxLength = "valence.max_length";  // ModelFile::max_length
inline constexpr const char* kKeyVocabularySize = "valence.tokenizer.vocab_size";
inline constexpr const char* kKeyExactTokens = "valence.tokenizer.tokens";
inline constexpr const char* kKeyExactScores = "valence.tokenizer.scores";
inline constexpr const char* kKeyExactMerges = "valence.tokenizer.merges";  // first, second, ...

// Followed by a tensor's name: Tensor::outliers.
inline constexpr const char* kKeyOutliers = "valence.outliers.";

// tokenizer.ggml.token_type
enum class TokenType : std::int32_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

// {arch}.pooling_type
inline constexpr std::uint32_t kPoolingRank = 4;

}  // namespace valence

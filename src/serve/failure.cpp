#include "serve/failure.h"

#include <array>

namespace valence::serve {
namespace {

constexpr auto kStatuses = std::to_array<std::pair<FailureKind, int>>({
    {FailureKind::kBadRequest, 400},   {FailureKind::kEmpty, 400},
    {FailureKind::kUnauthorized, 401}, {FailureKind::kForbidden, 403},
    {FailureKind::kNoRoute, 404},      {FailureKind::kUnknownModel, 404},
    {FailureKind::kMethod, 405},       {FailureKind::kSlow, 408},
    {FailureKind::kConflict, 409},     {FailureKind::kTooLarge, 413},
    {FailureKind::kMediaType, 415},    {FailureKind::kInvalid, 422},
    {FailureKind::kTooLong, 422},      {FailureKind::kTooMany, 422},
    {FailureKind::kOverloaded, 429},   {FailureKind::kHeaderTooLarge, 431},
    {FailureKind::kInternal, 500},     {FailureKind::kUnavailable, 503},
    {FailureKind::kTimeout, 504},
});

}  // namespace

int status_of(FailureKind kind) {
  for (const auto& [known, status] : kStatuses)
    if (known == kind) return status;
  return 500;
}

FailureKind kind_of(int status) {
  for (const auto& [kind, known] : kStatuses)
    if (known == status) return kind;
  return FailureKind::kInternal;
}

}  // namespace valence::serve

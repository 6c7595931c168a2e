// What can go wrong with a request; each protocol tells it in its own shape.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace valence::serve {

enum class FailureKind {
  kBadRequest,      // 400: not JSON, not HTTP
  kEmpty,           // 400: no text where there has to be one
  kUnauthorized,    // 401: no key, or a wrong one
  kForbidden,       // 403: not for this key
  kNoRoute,         // 404
  kUnknownModel,    // 404
  kMethod,          // 405
  kSlow,            // 408: the request did not come in time
  kConflict,        // 409
  kTooLarge,        // 413: the body
  kMediaType,       // 415
  kInvalid,         // 422: JSON, but not what it should be
  kTooLong,         // 422, 400 in OpenAI's shape: a text, where it may not be cut
  kTooMany,         // 422, 400 in OpenAI's shape: texts in a request
  kOverloaded,      // 429
  kHeaderTooLarge,  // 431
  kInternal,        // 500
  kUnavailable,     // 503: ending, or nothing loaded
  kTimeout,         // 504: the request's own time was up before it was its turn
};

// `message` never quotes a text that was sent.
struct Failure {
  FailureKind kind = FailureKind::kInternal;
  std::string message;
  std::string where;  // the member that is wrong: "body/inputs"; may be empty
};

int status_of(FailureKind kind);
FailureKind kind_of(int status);  // of those that the sockets' side finds

class RequestError : public std::exception {
 public:
  RequestError(FailureKind kind, std::string message, std::string where = {})
      : failure_{kind, std::move(message), std::move(where)} {}
  const char* what() const noexcept override { return failure_.message.c_str(); }
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

}  // namespace valence::serve

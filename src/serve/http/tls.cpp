#include "serve/http/tls.h"

#include "valence/error.h"

namespace valence::serve {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void check(const error_code& error, const std::filesystem::path& path, const char* what) {
  if (error) throw Error(ErrorCode::kCorrupt, path.string() + ": " + what + ": " + error.message());
}

void need_file(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw Error(ErrorCode::kNotFound, "there is no file " + path.string());
}

}  // namespace

std::shared_ptr<ssl::context> load_certificate(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key) {
  need_file(certificate);
  need_file(key);
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  error_code error;
  context->use_certificate_chain_file(certificate.string(), error);
  check(error, certificate, "not a PEM certificate chain");
  context->use_private_key_file(key.string(), ssl::context::pem, error);
  check(error, key, "not the PEM key of that certificate");
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    throw Error(ErrorCode::kCorrupt, key.string() + ": is not the key of " + certificate.string());
  return context;
}

}  // namespace valence::serve

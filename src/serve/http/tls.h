// Certificates.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>

namespace valence::serve {

// A server's context: TLS 1.2 and 1.3. Throws Error: kNotFound (no such file), kCorrupt (not PEM,
// or a key that does not belong to the certificate).
std::shared_ptr<boost::asio::ssl::context> load_certificate(
    const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace valence::serve

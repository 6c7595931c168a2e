// Sockets: accepts connections, reads requests, writes answers. The only place, with its
// neighbours in this folder, that knows Boost.Beast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "serve/http/message.h"

namespace valence::serve {

struct HttpLimits {
  std::size_t connections = 16384;
  std::uint32_t header_bytes = 16384;
  // Seconds that a client may take: to begin its next request, to send a header, to send a body, to
  // take an answer, or the next piece of a stream; to notice that the connection ends.
  std::chrono::milliseconds idle{75000};
  std::chrono::milliseconds header{10000};
  std::chrono::milliseconds body{60000};
  std::chrono::milliseconds write{30000};
  std::chrono::milliseconds linger{2000};
};

struct ListenOptions {
  std::string address = "127.0.0.1";  // of an interface; IPv4 or IPv6
  std::uint16_t port = 0;             // 0: one that is free
  std::size_t threads = 1;
  HttpLimits limits;
  std::filesystem::path certificate, key;  // PEM; both empty: no TLS
};

class Listener {
 public:
  // Binds, so that port() is known; nothing is accepted yet. `service` must outlive the Listener.
  // Throws Error: kInvalidArgument (no such address), kIo (cannot bind), kNotFound and kCorrupt
  // (certificate or key).
  Listener(const ListenOptions& options, HttpService& service);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start();
  std::uint16_t port() const;
  std::size_t connections() const;

  // New connections get the certificate and key that are in the files now. Throws Error, and keeps
  // the old ones, where these are not good.
  void reload_certificate();

  // No connection is accepted any more; those that are there end after the request they are at, or
  // soon where they are idle.
  void drain();
  // Cuts all connections; what waits on an HttpStream ends with an error.
  void cut();
  // Ends the threads. No HttpStream may be left.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace valence::serve

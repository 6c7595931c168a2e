// One connection: its requests, one after another.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "serve/http/listener.h"
#include "serve/http/message.h"

namespace valence::serve {

class Connection {
 public:
  Connection() = default;
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From any thread.
  virtual void start() = 0;
  virtual void drain() = 0;  // see Listener::drain
  virtual void cut() = 0;
};

// What connections share.
struct ConnectionSetting {
  HttpService& service;
  const HttpLimits& limits;
  std::atomic<bool> draining = false;
};

// The connections of a listener. Thread-safe.
class Connections {
 public:
  void add(const std::shared_ptr<Connection>& connection);
  void remove(const Connection* connection);
  std::size_t size() const;
  std::vector<std::shared_ptr<Connection>> all() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> open_;
};

// With TLS where `tls` is not null. The connection lives as long as there is something to do on it.
std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket,
                                            std::shared_ptr<boost::asio::ssl::context> tls,
                                            ConnectionSetting& setting, Connections& connections);

}  // namespace valence::serve

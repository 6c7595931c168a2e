// A connection on which tests write and read bytes as they like.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace valence::serve {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(context_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  // Whether the other end still takes them.
  bool try_to_send(std::string_view bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes), error);
    return !error;
  }
  void shut_down_sending() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

  // Up to and with `stop`; what there is where the connection ends before.
  std::string read_until(std::string_view stop) {
    boost::system::error_code error;
    const std::size_t count =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), stop, error);
    return take(error ? buffer_.size() : count);
  }
  std::string read(std::size_t count) {
    boost::system::error_code error;
    while (buffer_.size() < count && !error) {
      char part[4096];
      const std::size_t got = socket_.read_some(boost::asio::buffer(part), error);
      buffer_.append(part, got);
    }
    return take(std::min(count, buffer_.size()));
  }
  std::string read_to_end() { return read(static_cast<std::size_t>(-1)); }

  // A whole answer that has a Content-Length: head and body.
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    return head + read(std::stoul(head.substr(at + 16)));
  }

 private:
  std::string take(std::size_t count) {
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::string buffer_;
};

inline std::string post(const std::string& path, const std::string& body,
                        const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace valence::serve

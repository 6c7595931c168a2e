#include "serve/http/beast_message.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace valence::serve {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string text_of(beast::string_view view) {
  return {view.data(), view.size()};
}

// The time as HTTP writes it; made anew once a second.
const std::string& http_date() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == made) return text;
  made = now;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> buffer{};
  // In the C locale, which the program never leaves, the names are the English ones.
  std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text = buffer.data();
}

}  // namespace

HttpRequest request_of(const http::request_header<>& header, const std::string& client) {
  HttpRequest request;
  request.method = text_of(header.method_string());
  const beast::string_view target = header.target();
  const std::size_t query = std::min(target.find('?'), target.size());
  request.path = text_of(target.substr(0, query));
  if (query < target.size()) request.query = text_of(target.substr(query + 1));
  for (const auto& field : header)
    request.fields.add(text_of(field.name_string()), text_of(field.value()));
  request.client = client;
  request.received = Clock::now();
  return request;
}

void set_head(http::response_header<>& header, const HttpResponse& response) {
  header.set(http::field::server, "valence");
  header.set(http::field::date, http_date());
  if (!response.content_type.empty()) header.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.fields) header.insert(name, value);
}

}  // namespace valence::serve

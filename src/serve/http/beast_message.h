// Between Beast's messages and ours.
#pragma once

#include <boost/beast/http/message.hpp>
#include <string>

#include "serve/http/message.h"

namespace valence::serve {

// Method, target and fields; received now.
HttpRequest request_of(const boost::beast::http::request_header<>& header,
                       const std::string& client);

// All but status and body.
void set_head(boost::beast::http::response_header<>& header, const HttpResponse& response);

}  // namespace valence::serve

// What the routes over the store of served answers share.
#pragma once

#include <functional>

#include "serve/api.h"
#include "serve/routes/parameters.h"
#include "store/result_store.h"

namespace valence::serve {

// Throws RequestError(kNoRoute) where nothing is kept.
const ResultRecorder& need_recorder(const Api& api);

// A connection of its own, to read. Throws RequestError(kUnavailable) where that is not possible
// now.
ResultStore open_store(const ResultRecorder& recorder);

// `model` and `label` of a query; empty ones are none.
ResultQuery read_filters(Parameters& parameters);

// Answers from a thread that may wait for the disk.
void answer_later(Api& api, const CallPtr& call, std::function<HttpResponse()> make);

}  // namespace valence::serve

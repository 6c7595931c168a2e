// All that a server can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "serve/http/listener.h"
#include "serve/models.h"
#include "serve/protocol/protocol.h"
#include "serve/recorder.h"
#include "serve/scheduler.h"
#include "valence/classifier.h"

namespace valence::serve {

struct RequestLimits {
  std::size_t body_bytes = 2'000'000;                 // of a buffered request
  std::size_t texts = 1024;                           // in a request
  std::size_t memory_bytes = std::size_t{256} << 20;  // bodies of all requests at a time
  std::size_t bulk_jobs = 4;                          // at a time
  std::chrono::milliseconds timeout{30000};           // of requests that do not say; 0: none
};

struct ServeOptions {
  ListenOptions listen;
  LoadOptions engine;             // threads 0: all processors that this process may use
  std::vector<ModelSpec> models;  // the first one is the default; at least one
  SchedulerLimits scheduler;
  RequestLimits limits;
  ProtocolDefaults defaults;
  std::size_t cache_bytes = 0;
  std::vector<std::string> keys;        // none: everybody may ask
  std::vector<std::string> admin_keys;  // none: nobody may change models
  std::filesystem::path model_root;     // models pushed at run time lie in it; empty: anywhere
  std::vector<std::string> cors_origins;
  std::string
      root_path;  // "/a/b": all routes are there too, for proxies that leave it in; or empty
  StoreOptions store;
  std::filesystem::path access_log = "-";
  bool log_texts = false, log_clients = false;
  std::chrono::milliseconds grace{30000};  // for requests that are there when the server ends
};

}  // namespace valence::serve

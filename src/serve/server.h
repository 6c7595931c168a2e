// A server as a whole: models, threads, sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "serve/metrics.h"
#include "serve/observer.h"
#include "serve/options.h"

namespace valence::serve {

// Not thread-safe: one thread starts it, changes it and ends it.
class Server {
 public:
  // Loads the models and binds the port. `open` opens model files; observers must outlive the
  // Server. Throws Error: what loading a model throws, and what Listener and AccessLog throw.
  Server(const ServeOptions& options, Models::Open open,
         std::vector<AnswerObserver*> observers = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  std::uint16_t port() const;

  // Models, keys and certificate become those of `options`; models are read anew even where their
  // paths stayed the same; the log is opened anew. Each of these that fails is told, and leaves
  // what was; the rest of the options is not looked at. Throws Error with all that failed.
  void reload(const ServeOptions& options);
  // The certificate alone, where its file has changed since it was read. Throws as reload().
  void reload_changed_certificate();

  // No new requests. Those that are there are answered.
  void begin_drain();
  bool drained() const;
  // Ends, whatever is still there.
  void stop();

  Metrics& metrics();
  Models& models();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace valence::serve

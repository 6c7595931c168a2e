#include "serve/http/connection.h"

namespace valence::serve {

void Connections::add(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  open_.emplace(connection.get(), connection);
}

void Connections::remove(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  open_.erase(connection);
}

std::size_t Connections::size() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

std::vector<std::shared_ptr<Connection>> Connections::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> list;
  list.reserve(open_.size());
  for (const auto& [key, weak] : open_)
    if (auto connection = weak.lock()) list.push_back(std::move(connection));
  return list;
}

}  // namespace valence::serve

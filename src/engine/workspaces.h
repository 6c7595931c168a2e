// Scratch memory that is lent to callers and used again.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "backend/backend.h"

namespace valence {

// Thread-safe. Keeps as many workspaces as were ever out at once.
class Workspaces {
 public:
  explicit Workspaces(const Backend& backend) : backend_(backend) {}

  // A workspace out on loan; goes back when destroyed.
  class Lease {
   public:
    Lease(Workspaces& owner, std::unique_ptr<Workspace> workspace)
        : owner_(owner), workspace_(std::move(workspace)) {}
    ~Lease() { owner_.take_back(std::move(workspace_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Workspace& operator*() const { return *workspace_; }

   private:
    Workspaces& owner_;
    std::unique_ptr<Workspace> workspace_;
  };

  Lease lease() {
    std::unique_lock lock(mutex_);
    if (free_.empty()) {
      lock.unlock();
      return {*this, backend_.make_workspace()};
    }
    std::unique_ptr<Workspace> workspace = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(workspace)};
  }

 private:
  void take_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(workspace));
  }

  const Backend& backend_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

}  // namespace valence

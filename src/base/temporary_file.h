// A file that is gone when the program ends, whatever ends it.
#pragma once

#include <string>
#include <string_view>

namespace valence {

// In TMPDIR, or /tmp. Throws Error(kIo).
class TemporaryFile {
 public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view bytes);

  // A name under which it can be opened as long as this lives.
  std::string path() const;

 private:
  int descriptor_ = -1;
};

}  // namespace valence

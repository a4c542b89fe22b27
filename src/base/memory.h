// How much memory this process may have, and the refusal to take more. Linux promises memory that
// it does not have and kills the process that uses it, so a large piece is compared with what is
// there before it is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace hikaku {

/// Of the host: the limits of this process's cgroup count. Bytes; 0 where unknown.
struct MemoryFacts {
  std::int64_t total = 0;
  std::int64_t available = 0;
};

/// Of this moment. Never throws.
[[nodiscard]] MemoryFacts read_memory();

/// The most memory that this process has held, in bytes. Not getrusage()'s: that counts the program
/// that started this one, too. 0 where unknown.
[[nodiscard]] std::int64_t peak_process_memory();

/// Says what was asked for and what is there.
class OutOfMemory : public Error {
 public:
  /// `place` is whose memory it is: "host memory". `what` is asked for: "a batch of 16 pictures".
  OutOfMemory(const std::string& place, const std::string& what, std::size_t needed,
              std::size_t available, std::string fix);

  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] std::size_t available() const { return available_; }  ///< bytes

 private:
  std::string place_;
  std::size_t available_;
};

/// What to throw where the host has no `bytes` more.
[[nodiscard]] OutOfMemory out_of_host_memory(std::size_t bytes);

/// Throws that if `bytes` are many and more than what is available.
void require_host_memory(std::size_t bytes);

}  // namespace hikaku

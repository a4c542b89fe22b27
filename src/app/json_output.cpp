#include "app/json_output.h"

#include <fmt/format.h>

#include <filesystem>
#include <span>

#include "base/atomic_file.h"
#include "base/console.h"
#include "base/error.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

/// Whether writing one would lose the other.
bool is_same(const std::string& one, const std::string& other) {
  if (one == "-" || other == "-") return one == other;
  std::error_code ignored;
  if (fs::exists(one, ignored) && !fs::is_regular_file(one, ignored)) return false;
  return fs::equivalent(one, other, ignored) || fs::absolute(one, ignored).lexically_normal() ==
                                                    fs::absolute(other, ignored).lexically_normal();
}

}  // namespace

void require_target(const std::string& destination, const std::vector<std::string>& others) {
  if (destination.empty()) return;
  for (const std::string& other : others) {
    if (other.empty() || !is_same(destination, other)) continue;
    throw Error(
        ExitCode::usage,
        fmt::format("{}: this command also reads or writes it; another one is needed", destination),
        "name another file to write");
  }
  if (destination != "-") AtomicFile{destination};  // made and removed
}

void write_json(const std::string& text, const std::string& destination) {
  if (destination == "-") {
    write_stdout(text);
  } else {
    write_file(destination, std::as_bytes(std::span(text)));
  }
}

}  // namespace hikaku

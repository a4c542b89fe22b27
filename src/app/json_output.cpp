#include "app/json_output.h"

#include <span>

#include "base/atomic_file.h"
#include "base/console.h"

namespace hikaku {

void require_json_target(const std::string& destination) {
  if (!destination.empty() && destination != "-") AtomicFile{destination};  // made and removed
}

void write_json(const std::string& text, const std::string& destination) {
  if (destination == "-") {
    write_stdout(text);
  } else {
    write_file(destination, std::as_bytes(std::span(text)));
  }
}

}  // namespace hikaku

#include "app/json_output.h"

#include <nlohmann/json.hpp>
#include <span>

#include "base/atomic_file.h"
#include "base/console.h"

namespace hikaku {

void write_json(const nlohmann::ordered_json& value, const std::string& destination) {
  using Json = nlohmann::ordered_json;
  const std::string text = value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (destination == "-") {
    write_stdout(text);
  } else {
    write_file(destination, std::as_bytes(std::span(text)));
  }
}

}  // namespace hikaku

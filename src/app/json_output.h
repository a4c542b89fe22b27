// Where `--json FILE|-` goes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace hikaku {

/// Writes `value`, indented, to stdout for "-", else to the file `destination`. Text that is not
/// UTF-8 (a file's name) gets replacement characters. Throws ExitCode::bad_data if it cannot.
void write_json(const nlohmann::ordered_json& value, const std::string& destination);

}  // namespace hikaku

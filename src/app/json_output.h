// Where `--json FILE|-` goes.
#pragma once

#include <string>

namespace hikaku {

/// Throws what write_json() would throw for the folder's sake; before anything long is done for it.
void require_json_target(const std::string& destination);

/// Writes `text` to stdout for "-", else to the file `destination`, which is complete or not there.
/// Throws ExitCode::bad_data if it cannot.
void write_json(const std::string& text, const std::string& destination);

}  // namespace hikaku

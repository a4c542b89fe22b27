// Where `--json FILE|-` goes.
#pragma once

#include <string>
#include <vector>

namespace hikaku {

/// Throws what write_json() would throw for the folder's sake; before anything long is done for it.
/// Throws ExitCode::usage if it is one of `others`, which the command reads or writes, too.
void require_target(const std::string& destination, const std::vector<std::string>& others = {});

/// Writes `text` to stdout for "-", else to the file `destination`, which is complete or not there.
/// Throws ExitCode::bad_data if it cannot.
void write_json(const std::string& text, const std::string& destination);

}  // namespace hikaku

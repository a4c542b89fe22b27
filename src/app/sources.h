// Results from files, and the recorded ones that came with the program.
#pragma once

#include <string>

#include "base/locale.h"
#include "report/page/sources.h"

namespace hikaku {

/// Reads a result.json. Throws ExitCode::bad_data naming the file.
[[nodiscard]] Source read_source(const std::string& file);

/// Recorded results of a machine with a GPU, made by this program: share/hikaku/reference beside
/// the program's own folder, of an installation or of a build. None where that folder is not there.
[[nodiscard]] Sources recorded_sources();

/// `own`, followed by the recorded ones where no result of `own` has anything of a GPU.
[[nodiscard]] Sources with_recorded(Sources own);

/// Writes the page of this result, as compare does at its end.
void write_page(const Result& result, const std::string& json_name, Language language,
                const std::string& file);

}  // namespace hikaku

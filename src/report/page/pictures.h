// Pictures of the validation list beside what the network answered.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// Nothing where no result holds pictures.
[[nodiscard]] Markup picture_rows(const Sources& sources);

/// What a result calls a label and draws it with: by its own classes, or PASCAL VOC's.
[[nodiscard]] std::string class_text(const Result& result, std::int64_t label);
[[nodiscard]] std::string class_colour(const Result& result, std::int64_t label);

}  // namespace hikaku

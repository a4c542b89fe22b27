// The 300 and 100 pictures of PASCAL VOC 2012 that the experiment trains and evaluates on.
#pragma once

#include <string_view>

namespace hikaku {

/// As its list files hold them, an id a line.
[[nodiscard]] std::string_view voc_sample_train();
[[nodiscard]] std::string_view voc_sample_val();

}  // namespace hikaku

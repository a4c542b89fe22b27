// Text in columns on a terminal, where a Japanese character takes two cells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hikaku {

/// Lines of at most `width` cells, broken at blanks, or anywhere between wide characters; lines
/// after the first begin with `indent` blanks.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, int width, int indent = 0);

/// The first row is the heading; columns are as wide as their widest cell and two blanks apart. The
/// columns before `first_right` are set to the left, the others to the right.
[[nodiscard]] std::vector<std::string> align(const std::vector<std::vector<std::string>>& rows,
                                             std::size_t first_right);

}  // namespace hikaku

// What is UTF-8, and how much room it takes on a terminal, where a Japanese character takes two
// columns.
#pragma once

#include <cstddef>
#include <string_view>

namespace hikaku {

struct CharacterSize {
  std::size_t bytes;
  int columns;
};

/// Of the character that `text`, which must not be empty, begins with: East Asian wide and
/// full-width ones take two columns, combining marks none (Unicode Standard Annex 11). A byte that
/// is not UTF-8 is a character of one column.
[[nodiscard]] CharacterSize first_character(std::string_view text);

[[nodiscard]] int display_width(std::string_view text);

/// Overlong forms, surrogates and codes above U+10FFFF are not UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

/// The longest beginning of `text` that fits in `columns`; whole characters only.
[[nodiscard]] std::string_view fit(std::string_view text, int columns);

}  // namespace hikaku

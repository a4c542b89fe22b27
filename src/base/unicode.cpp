#include "base/unicode.h"

#include <algorithm>
#include <array>

namespace hikaku {
namespace {

struct Character {
  char32_t code;
  std::size_t bytes;
};

/// A bad byte stands for itself.
Character decode_first(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  char32_t code = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0u) != 0x80u) return {lead, 1};
    code = code << 6 | (next & 0x3fu);
  }
  return {code, bytes};
}

int width_of(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  constexpr std::array combining{Range{0x300, 0x36f}, Range{0x3099, 0x309a}, Range{0x200b, 0x200f},
                                 Range{0xfe00, 0xfe0f}};
  constexpr std::array wide{Range{0x1100, 0x115f},  Range{0x2e80, 0x303e}, Range{0x3041, 0x33ff},
                            Range{0x3400, 0x4dbf},  Range{0x4e00, 0x9fff}, Range{0xa960, 0xa97f},
                            Range{0xac00, 0xd7a3},  Range{0xf900, 0xfaff}, Range{0xfe30, 0xfe6f},
                            Range{0xff01, 0xff60},  Range{0xffe0, 0xffe6}, Range{0x1f300, 0x1faff},
                            Range{0x20000, 0x3fffd}};
  const auto holds = [code](Range range) { return range.first <= code && code <= range.last; };
  if (std::any_of(combining.begin(), combining.end(), holds)) return 0;
  return std::any_of(wide.begin(), wide.end(), holds) ? 2 : 1;
}

/// Of one character, as decode_first() cuts it.
bool is_in_range(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead < 0x80;
  const auto second = static_cast<unsigned char>(character[1]);
  if (character.size() == 2) return lead >= 0xc2;
  if (character.size() == 3) {
    return !(lead == 0xe0 && second < 0xa0) && !(lead == 0xed && second >= 0xa0);
  }
  return !(lead == 0xf0 && second < 0x90) && (lead < 0xf4 || (lead == 0xf4 && second < 0x90));
}

}  // namespace

CharacterSize first_character(std::string_view text) {
  const Character character = decode_first(text);
  return {character.bytes, width_of(character.code)};
}

int display_width(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const CharacterSize character = first_character(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = decode_first(text).bytes;
    if (!is_in_range(text.substr(0, bytes))) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string_view fit(std::string_view text, int columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CharacterSize character = first_character(text.substr(bytes));
    columns -= character.columns;
    if (columns < 0) break;
    bytes += character.bytes;
  }
  return text.substr(0, bytes);
}

}  // namespace hikaku

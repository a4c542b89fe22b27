#include "report/columns.h"

#include <algorithm>
#include <array>

namespace hikaku {
namespace {

struct Range {
  char32_t first, last;
};

constexpr std::array wide_ranges{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF}, Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60}, Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

bool is_wide(char32_t character) {
  return std::any_of(wide_ranges.begin(), wide_ranges.end(), [=](const Range& range) {
    return range.first <= character && character <= range.last;
  });
}

/// The bytes of the character that `text` begins with; a broken one counts as one byte.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  return std::min(bytes, text.size());
}

char32_t decode(std::string_view character) {
  constexpr std::array<unsigned, 5> lead_mask{0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = static_cast<unsigned char>(character[0]) & lead_mask.at(character.size());
  for (const char byte : character.substr(1)) {
    code = (code << 6) | (static_cast<unsigned char>(byte) & 0x3F);
  }
  return code;
}

/// What must not be broken: a word with the blanks before it, or one wide character. What may not
/// begin a line in Japanese stays with the character before it.
std::size_t unbreakable_bytes(std::string_view text) {
  constexpr std::array<std::string_view, 6> never_first{"。", "、", "）", "」", "ー", "："};
  const auto starts_with_any = [&](std::string_view rest) {
    return std::any_of(never_first.begin(), never_first.end(),
                       [&](std::string_view mark) { return rest.starts_with(mark); });
  };
  std::size_t size = 0;
  bool word = false;
  while (size < text.size()) {
    const std::string_view rest = text.substr(size);
    const std::string_view character = rest.substr(0, character_bytes(rest));
    const bool wide = is_wide(decode(character));
    if (word && (character == " " || wide) && !starts_with_any(rest)) break;
    size += character.size();
    word = word || character != " ";
  }
  return size;
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    width += is_wide(decode(text.substr(0, bytes))) ? 2 : 1;
    text.remove_prefix(bytes);
  }
  return width;
}

std::vector<std::string> wrap(std::string_view text, int width, int indent) {
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    std::string_view piece = text.substr(0, unbreakable_bytes(text));
    text.remove_prefix(piece.size());
    if (display_width(lines.back()) + display_width(piece) > width) {
      lines.emplace_back(static_cast<std::size_t>(indent), ' ');
      piece.remove_prefix(std::min(piece.find_first_not_of(' '), piece.size()));
    }
    lines.back() += piece;
  }
  return lines;
}

std::vector<std::string> align(const std::vector<std::vector<std::string>>& rows,
                               std::size_t first_right) {
  std::vector<int> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(static_cast<std::size_t>(widths[i] - display_width(row[i])), ' ');
      line += (i == 0 ? "" : "  ") + (i < first_right ? row[i] + space : space + row[i]);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace hikaku

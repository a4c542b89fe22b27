#include "report/columns.h"

#include <algorithm>
#include <array>

#include "base/unicode.h"

namespace hikaku {
namespace {

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
    const CharacterSize character = first_character(rest);
    const bool blank = rest[0] == ' ';
    if (word && (blank || character.columns == 2) && !starts_with_any(rest)) break;
    size += character.bytes;
    word = word || !blank;
  }
  return size;
}

}  // namespace

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

// Text files that people write: a line at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hikaku {

/// Without the blanks at both ends, and without the first half of a Windows line end.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Calls visit(number, line) for each line, counted from 1; the last one need not end. A byte order
/// mark of UTF-8 is passed over.
template <class Visit>
void each_line(std::string_view text, const Visit& visit) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace hikaku

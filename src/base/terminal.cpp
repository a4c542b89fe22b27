#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

namespace hikaku {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = environment(name); !value.empty()) return value;
  }
  return "";
}

bool locale_is_utf8() {
  std::string locale = first_set({"LC_ALL", "LC_CTYPE", "LANG"});
  std::transform(locale.begin(), locale.end(), locale.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

bool wants_color(ColorChoice choice, bool capable) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  if (!environment("NO_COLOR").empty()) return false;
  const std::string force = environment("CLICOLOR_FORCE");
  return (!force.empty() && force != "0") || capable;
}

int columns_of(int fd) {
  winsize size{};
  constexpr int narrowest = 20, usual = 80;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual;
  return std::max<int>(size.ws_col, narrowest);
}

struct Character {
  char32_t code;
  std::size_t bytes;
};

/// The first character of `text`, which must not be empty; a bad byte stands for itself.
Character first_character(std::string_view text) {
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

}  // namespace

Terminal inspect_terminal(int fd, ColorChoice choice) {
  Terminal terminal;
  terminal.is_terminal = isatty(fd) == 1;
  const bool capable = terminal.is_terminal && environment("TERM") != "dumb";
  terminal.color = wants_color(choice, capable);
  terminal.utf8 = locale_is_utf8();
  terminal.redraw = capable && environment("CI").empty();
  terminal.width = columns_of(fd);
  return terminal;
}

Language language_of_locale() {
  return first_set({"LC_ALL", "LC_MESSAGES", "LANG"}).starts_with("ja") ? Language::ja
                                                                        : Language::en;
}

int display_width(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += width_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string_view fit(std::string_view text, int columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = first_character(text.substr(bytes));
    columns -= width_of(character.code);
    if (columns < 0) break;
    bytes += character.bytes;
  }
  return text.substr(0, bytes);
}

std::string printable(std::string_view text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n') || byte == 0x7f) {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace hikaku

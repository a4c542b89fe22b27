#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/locale.h"

namespace hikaku {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
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

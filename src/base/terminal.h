// What the terminal behind a stream can show.
#pragma once

#include <string>
#include <string_view>

namespace hikaku {

enum class ColorChoice { automatic, always, never };

struct Terminal {
  bool is_terminal = false;
  bool color = false;
  bool utf8 = false;    ///< the locale's encoding; else only ASCII may be drawn
  bool redraw = false;  ///< a line may be overwritten: a terminal, not a dumb one, not in CI
  int width = 80;       ///< columns
};

/// `choice` wins; then NO_COLOR (set and not empty: off), then CLICOLOR_FORCE (on unless "0"), then
/// whether `fd` is a terminal and TERM is not "dumb".
[[nodiscard]] Terminal inspect_terminal(int fd, ColorChoice choice);

/// Control characters as \xNN, so that a file's name cannot move the cursor; newlines stay.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace hikaku

// What the terminal behind a stream can show, and what its user reads.
#pragma once

#include <string>
#include <string_view>

namespace hikaku {

enum class Language { en, ja };
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

/// From LC_ALL, LC_MESSAGES, LANG in this order, as POSIX has it: the first that is not empty.
[[nodiscard]] Language language_of_locale();

/// Columns that UTF-8 text takes: East Asian wide and full-width characters take two, combining
/// marks none (Unicode Standard Annex 11). Bytes that are not UTF-8 take one each.
[[nodiscard]] int display_width(std::string_view text);

/// The longest beginning of `text` that fits in `columns`; whole characters only.
[[nodiscard]] std::string_view fit(std::string_view text, int columns);

/// Control characters as \xNN, so that a file's name cannot move the cursor; newlines stay.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace hikaku

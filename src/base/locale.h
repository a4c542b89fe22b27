// What the user reads, by the environment's locale. The C library's own locale stays "C", so that
// numbers keep their decimal point.
#pragma once

namespace hikaku {

enum class Language { en, ja };

/// From LC_ALL, LC_MESSAGES, LANG in this order, as POSIX has it: the first that is not empty.
[[nodiscard]] Language language_of_locale();

/// From LC_ALL, LC_CTYPE, LANG in the same way.
[[nodiscard]] bool locale_is_utf8();

}  // namespace hikaku

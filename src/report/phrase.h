// A sentence in the two languages of the page.
#pragma once

#include <fmt/format.h>

#include <string>

namespace hikaku {

struct Phrase {
  std::string en, ja;

  /// The same in both: a name, a number.
  static Phrase same(const std::string& text) { return {text, text}; }
};

/// Both sentences with the same values in their places ({0}, {1}, ...).
template <class... Args>
[[nodiscard]] Phrase say(const char* en, const char* ja, const Args&... args) {
  return {fmt::format(fmt::runtime(en), args...), fmt::format(fmt::runtime(ja), args...)};
}

[[nodiscard]] inline Phrase operator+(const Phrase& first, const Phrase& second) {
  return {first.en + second.en, first.ja + second.ja};
}

}  // namespace hikaku

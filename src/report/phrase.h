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

/// Where no markup can choose: "epoch / エポック".
[[nodiscard]] inline std::string both(const Phrase& phrase) {
  return phrase.en == phrase.ja ? phrase.en : fmt::format("{} / {}", phrase.en, phrase.ja);
}

[[nodiscard]] inline Phrase operator+(const Phrase& first, const Phrase& second) {
  return {first.en + second.en, first.ja + second.ja};
}

/// One behind the other, with a comma where both are there.
[[nodiscard]] inline Phrase joined(const Phrase& first, const Phrase& second) {
  const bool one = first.en.empty() || second.en.empty();
  return first + (one ? Phrase{} : Phrase{", ", "、"}) + second;
}

}  // namespace hikaku

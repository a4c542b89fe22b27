// HTML and SVG as they are written. All text and every attribute's value is escaped here and
// nowhere else: there is no way to put a text in unescaped, whatever a result holds.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/phrase.h"

namespace hikaku {

/// `text` for an element's content or an attribute's value. Control characters, characters that
/// turn the direction of writing, and bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

class Markup {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  /// `name` and the attributes' names are constants of the source.
  Markup& open(std::string_view name, const Attributes& attributes = {});
  /// Closes the element that was opened last, whose name this must be; throws
  /// ExitCode::internal otherwise.
  Markup& close(std::string_view name);
  /// An element without content: <img>, <rect/>.
  Markup& leaf(std::string_view name, const Attributes& attributes = {});
  Markup& text(std::string_view text);
  /// Both languages, of which the page shows one; once where they are the same.
  Markup& text(const Phrase& phrase);
  /// open, text, close.
  Markup& element(std::string_view name, const Attributes& attributes, std::string_view content);
  Markup& element(std::string_view name, const Attributes& attributes, const Phrase& content);
  Markup& element(std::string_view name, const Phrase& content) {
    return element(name, {}, content);
  }
  Markup& add(const Markup& other);
  /// The page's own rules; the text must be a constant of the source or made of numbers.
  Markup& style(std::string_view rules);

  /// Throws ExitCode::internal while an element is open.
  [[nodiscard]] const std::string& str() const;

 private:
  void tag(std::string_view name, const Attributes& attributes, std::string_view end);

  std::string out_;
  std::vector<std::string> open_;
  int svg_depth_ = 0;  ///< inside <svg> a language's text is a <tspan>
};

/// A coordinate or a length: at most two decimals, no trailing zeros.
[[nodiscard]] std::string coordinate(double value);
[[nodiscard]] std::string percent_of(double value, double whole);  ///< "43.21%"

}  // namespace hikaku

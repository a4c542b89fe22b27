#include "report/markup.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/unicode.h"

namespace hikaku {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

/// U+0085 and the other C1 controls, U+200E..200F, U+2028..202E, U+2060..206F, U+FEFF: what is not
/// seen, or turns the direction of all that follows it.
bool is_hidden(std::string_view character) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 2) return at(0) == 0xc2 && at(1) < 0xa0;
  if (character.size() != 3) return false;
  if (at(0) == 0xe2 && at(1) == 0x80)
    return (at(2) >= 0x8e && at(2) <= 0x8f) || (at(2) >= 0xa8 && at(2) <= 0xae);
  if (at(0) == 0xe2 && at(1) == 0x81) return at(2) >= 0xa0 && at(2) <= 0xaf;
  return at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf;
}

std::string_view entity_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = text.substr(0, first_character(text).bytes);
    text.remove_prefix(character.size());
    const auto lead = static_cast<unsigned char>(character[0]);
    const bool control =
        character.size() == 1 && (lead < 0x20 || lead == 0x7f) && lead != '\n' && lead != '\t';
    if (control || !is_utf8(character) || is_hidden(character)) {
      out += replacement;
    } else if (const auto entity = entity_of(character[0]); !entity.empty()) {
      out += entity;
    } else {
      out += character;
    }
  }
  return out;
}

void Markup::tag(std::string_view name, const Attributes& attributes, std::string_view end) {
  out_ += fmt::format("<{}", name);
  for (const auto& [key, value] : attributes)
    out_ += fmt::format(" {}=\"{}\"", key, escaped(value));
  out_ += end;
}

Markup& Markup::open(std::string_view name, const Attributes& attributes) {
  tag(name, attributes, ">");
  open_.emplace_back(name);
  if (name == "svg") ++svg_depth_;
  return *this;
}

Markup& Markup::close(std::string_view name) {
  require(!open_.empty() && open_.back() == name, "[markup] </{}> closes <{}>", name,
          open_.empty() ? "" : open_.back());
  open_.pop_back();
  if (name == "svg") --svg_depth_;
  // A line break where blanks mean nothing, so that the page can be read and compared as text.
  const bool block =
      name != "span" && name != "tspan" && name != "a" && name != "b" && name != "em";
  out_ += fmt::format("</{}>{}", name, block ? "\n" : "");
  return *this;
}

Markup& Markup::leaf(std::string_view name, const Attributes& attributes) {
  tag(name, attributes, svg_depth_ > 0 ? "/>" : ">");
  return *this;
}

Markup& Markup::text(std::string_view text) {
  out_ += escaped(text);
  return *this;
}

Markup& Markup::text(const Phrase& phrase) {
  if (phrase.en == phrase.ja) return text(phrase.en);
  const std::string_view part = svg_depth_ > 0 ? "tspan" : "span";
  return element(part, {{"lang", "en"}}, phrase.en).element(part, {{"lang", "ja"}}, phrase.ja);
}

Markup& Markup::element(std::string_view name, const Attributes& attributes,
                        std::string_view content) {
  return open(name, attributes).text(content).close(name);
}

Markup& Markup::element(std::string_view name, const Attributes& attributes,
                        const Phrase& content) {
  return open(name, attributes).text(content).close(name);
}

Markup& Markup::add(const Markup& other) {
  out_ += other.str();
  return *this;
}

Markup& Markup::style(std::string_view rules) {
  require(rules.find('<') == std::string_view::npos, "[markup] a rule of style holds <");
  out_ += fmt::format("<style>{}</style>\n", rules);
  return *this;
}

const std::string& Markup::str() const {
  require(open_.empty(), "[markup] <{}> is open", open_.empty() ? "" : open_.back());
  return out_;
}

std::string coordinate(double value) {
  require(std::isfinite(value), "[markup] a coordinate is not finite");
  std::string text = fmt::format("{:.2f}", value);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string percent_of(double value, double whole) { return coordinate(100 * value / whole) + "%"; }

}  // namespace hikaku

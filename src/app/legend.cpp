#include "app/legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/options.h"
#include "report/markup.h"

namespace hikaku {
namespace {

struct Entry {
  int label;
  std::string name, colour;
  double share;
};

std::vector<Entry> entries_of(const std::map<int, std::int64_t>& pixels, const Classes& classes) {
  double all = 0;
  for (const auto& [label, count] : pixels) all += static_cast<double>(count);
  std::vector<Entry> entries;
  entries.reserve(pixels.size());
  for (const auto& [label, count] : pixels) {
    entries.push_back({label, classes.name(label), colour_text(classes.colour(label)),
                       static_cast<double>(count) / all});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.share > b.share; });
  return entries;
}

}  // namespace

std::vector<std::uint8_t> legend_svg(const std::map<int, std::int64_t>& pixels,
                                     const Classes& classes, Language language) {
  constexpr int row = 24, width = 280;
  const auto entries = entries_of(pixels, classes);
  const int height = row * (static_cast<int>(entries.size()) + 1) + 8;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" "
      "font-family=\"sans-serif\" font-size=\"14\">\n<rect width=\"{0}\" height=\"{1}\" "
      "fill=\"#fff\"/>\n<text x=\"8\" y=\"20\" font-weight=\"bold\">{2}</text>\n",
      width, height, Text{"class, share of the pixels", "クラスと画素の割合"}.in(language));
  int y = row + 4;
  for (const Entry& entry : entries) {
    svg += fmt::format(
        "<rect x=\"8\" y=\"{}\" width=\"20\" height=\"16\" fill=\"{}\" stroke=\"#888\"/>"
        "<text x=\"36\" y=\"{}\">{} {}</text><text x=\"{}\" y=\"{}\" "
        "text-anchor=\"end\">{:.1f}%</text>"
        "\n",
        y, entry.colour, y + 13, entry.label, escaped(entry.name), width - 8, y + 13,
        100 * entry.share);
    y += row;
  }
  svg += "</svg>\n";
  return {svg.begin(), svg.end()};
}

std::string legend_text(const std::map<int, std::int64_t>& pixels, const Classes& classes) {
  std::string text;
  for (const Entry& entry : entries_of(pixels, classes)) {
    text += fmt::format("  {:>3} {:<14} {} {:6.2f}%\n", entry.label, entry.name, entry.colour,
                        100 * entry.share);
  }
  return text;
}

}  // namespace hikaku

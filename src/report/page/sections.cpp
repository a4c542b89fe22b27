#include "report/page/sections.h"

namespace hikaku {

void open_section(Markup& out, const char* id, const Phrase& title) {
  out.open("section", {{"id", id}, {"aria-labelledby", fmt::format("{}-title", id)}});
  out.element("h2", {{"id", fmt::format("{}-title", id)}}, title);
}

void paragraph(Markup& out, const Phrase& content) { out.element("p", content); }

void nothing_here(Markup& out, const Phrase& content) {
  out.element("p", {{"class", "nothing"}}, content);
}

namespace {

/// A number and its unit stay on one line; a sentence may wrap.
Markup::Attributes cell_attributes(const Phrase& cell) {
  constexpr std::size_t longest = 22;
  if (cell.en.size() > longest) return {};
  return {{"class", "short"}};
}

}  // namespace

void table(Markup& out, const Phrase& title, const Cells& heading, const std::vector<Cells>& rows) {
  if (rows.empty()) return;
  out.open(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", both(title)}});
  out.open("table").element("caption", {{"class", "said"}}, title).open("thead").open("tr");
  for (const Phrase& cell : heading) out.element("th", {{"scope", "col"}}, cell);
  out.close("tr").close("thead").open("tbody");
  for (const Cells& row : rows) {
    out.open("tr");
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 0) {
        out.element("th", {{"scope", "row"}}, row[i]);
      } else {
        out.element("td", cell_attributes(row[i]), row[i]);
      }
    }
    out.close("tr");
  }
  out.close("tbody").close("table").close("div");
}

}  // namespace hikaku

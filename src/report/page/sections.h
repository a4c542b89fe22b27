// The sections of the page, in their order. Each says plainly where there is nothing to show.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

[[nodiscard]] Markup verdict_section(const Sources& sources);
/// Rules by which the bars of the verdict grow at one speed, the longest for six seconds: a race in
/// slow motion or fast, but a true one.
[[nodiscard]] std::string race_rules(const Sources& sources);
[[nodiscard]] Markup product_section(const Sources& sources);
[[nodiscard]] Markup unet_section(const Sources& sources);
[[nodiscard]] Markup quality_section(const Sources& sources);
[[nodiscard]] Markup fooled_section(const Sources& sources);
[[nodiscard]] Markup energy_section(const Sources& sources);
[[nodiscard]] Markup machine_section(const Sources& sources);
[[nodiscard]] Markup samples_section(const Sources& sources);

/// <section id="..."><h2>...</h2>, to be closed by "section".
void open_section(Markup& out, const char* id, const Phrase& title);
void paragraph(Markup& out, const Phrase& content);
/// What is not there, and how to get it.
void nothing_here(Markup& out, const Phrase& content);

using Cells = std::vector<Phrase>;
/// A table whose first column names the row; scrolls on its own where it is wider than the page.
/// `title` is for those who do not see it, and no other table's on the page.
void table(Markup& out, const Phrase& title, const Cells& heading, const std::vector<Cells>& rows);

}  // namespace hikaku

#include "report/page/pictures.h"

#include <set>

#include "data/voc_palette.h"
#include "report/page/sections.h"

namespace hikaku {
namespace {

std::string class_text(std::int64_t label) {
  if (label >= 0 && label < class_count) return std::string(class_name(static_cast<int>(label)));
  return label == void_label ? "void" : std::to_string(label);
}

void image(Markup& out, const char* kind, const std::string& data, const Phrase& what,
           const std::string& name) {
  out.open("figure");
  out.leaf("img", {{"src", fmt::format("data:image/{};base64,{}", kind, data)},
                   {"alt", fmt::format("{} ({}): {}", what.en, what.ja, name)}});
  out.element("figcaption", what).close("figure");
}

std::string colour_text(std::int64_t label) {
  const Colour colour = voc_colour(static_cast<std::uint8_t>(label));
  return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

void class_legend(const std::set<std::int64_t>& labels, Markup& out) {
  out.open("ul", {{"class", "legend"}});
  for (const std::int64_t label : labels) {
    if (label < 0 || label > void_label) continue;
    out.open("li").open("svg", {{"width", "14"}, {"height", "14"}, {"aria-hidden", "true"}});
    out.leaf(
        "rect",
        {{"width", "14"}, {"height", "14"}, {"fill", colour_text(label)}, {"class", "swatch"}});
    out.close("svg").text(class_text(label)).close("li");
  }
  out.close("ul");
}

}  // namespace

Markup picture_rows(const Sources& sources) {
  Markup out;
  const auto all = all_of(sources, &Result::pictures);
  if (all.empty()) return out;
  out.element("h3", Phrase{"What it answers", "ネットワークの答え"});
  std::set<std::int64_t> labels;
  for (const auto& [source, picture] : all) {
    labels.insert(picture->truth_classes.begin(), picture->truth_classes.end());
    labels.insert(picture->prediction_classes.begin(), picture->prediction_classes.end());
  }
  class_legend(labels, out);
  for (const auto& [source, picture] : all) {
    const Phrase device = device_and_type(picture->device, picture->precision);
    out.element("p", {{"class", "whose"}},
                noted(sources, *source, Phrase::same(picture->name) + Phrase{", ", "、"} + device));
    out.open("div", {{"class", "pictures"}});
    image(out, "jpeg", picture->picture_jpeg, {"picture", "入力"}, picture->name);
    image(out, "png", picture->truth_png, {"truth", "正解"}, picture->name);
    image(out, "png", picture->prediction_png, {"answer", "答え"}, picture->name);
    image(out, "jpeg", picture->overlay_jpeg, {"answer on the picture", "重ね合わせ"},
          picture->name);
    out.close("div");
  }
  return out;
}

}  // namespace hikaku

#include "report/page/pictures.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "data/classes.h"
#include "report/page/sections.h"

namespace hikaku {
namespace {

void image(Markup& out, const char* kind, const std::string& data, const Phrase& what,
           const std::string& name) {
  out.open("figure");
  out.leaf("img", {{"src", fmt::format("data:image/{};base64,{}", kind, data)},
                   {"alt", fmt::format("{}: {}", both(what), name)}});
  out.element("figcaption", what).close("figure");
}

/// What it is called and drawn with; results may have classes of their own.
using Legend = std::vector<std::pair<std::string, std::string>>;

void add_labels(const Result& result, const std::vector<std::int64_t>& labels, Legend& legend) {
  for (const std::int64_t label : labels) {
    if (label < 0 || label > void_label) continue;
    const std::pair entry{class_text(result, label), class_colour(result, label)};
    if (std::find(legend.begin(), legend.end(), entry) == legend.end()) legend.push_back(entry);
  }
}

void class_legend(const Legend& legend, Markup& out) {
  out.open("ul", {{"class", "legend"}});
  for (const auto& [name, colour] : legend) {
    out.open("li").open("svg", {{"width", "14"}, {"height", "14"}, {"aria-hidden", "true"}});
    out.leaf("rect", {{"width", "14"}, {"height", "14"}, {"fill", colour}, {"class", "swatch"}});
    out.close("svg").text(name).close("li");
  }
  out.close("ul");
}

/// A picture and the truth, and what each network of one machine answered.
void one_picture(const Sources& sources, const std::vector<Found<PictureResult>>& answers,
                 Markup& out) {
  const PictureResult& picture = *answers[0].item;
  out.element("p", {{"class", "whose"}},
              noted(sources, *answers[0].source, Phrase::same(picture.name)));
  out.open("div", {{"class", "pictures"}});
  image(out, "jpeg", picture.picture_jpeg, {"picture", "入力"}, picture.name);
  image(out, "png", picture.truth_png, {"truth", "正解"}, picture.name);
  for (const auto& [source, answer] : answers) {
    const Phrase who = device_and_type(answer->device, answer->precision);
    image(out, "png", answer->prediction_png, who + Phrase{": answer", "：答え"}, picture.name);
    image(out, "jpeg", answer->overlay_jpeg, who + Phrase{": on the picture", "：重ね合わせ"},
          picture.name);
  }
  out.close("div");
}

}  // namespace

Markup picture_rows(const Sources& sources) {
  Markup out;
  auto all = all_of(sources, &Result::pictures);
  if (all.empty()) return out;
  out.element("h3", Phrase{"What it answers", "ネットワークの答え"});
  std::map<const Source*, std::set<std::int64_t>> labels;  // of a source in their order
  std::vector<const Source*> order;
  for (const auto& [source, picture] : all) {
    if (!labels.contains(source)) order.push_back(source);
    labels[source].insert(picture->truth_classes.begin(), picture->truth_classes.end());
    labels[source].insert(picture->prediction_classes.begin(), picture->prediction_classes.end());
  }
  Legend legend;
  for (const Source* source : order) {
    add_labels(source->result, {labels[source].begin(), labels[source].end()}, legend);
  }
  class_legend(legend, out);
  while (!all.empty()) {
    const Found<PictureResult> first = all.front();
    const auto others = std::stable_partition(all.begin(), all.end(), [&](const auto& other) {
      return other.source == first.source && other.item->name == first.item->name;
    });
    one_picture(sources, {all.begin(), others}, out);
    all.erase(all.begin(), others);
  }
  return out;
}

std::string class_text(const Result& result, std::int64_t label) {
  const auto count = static_cast<std::int64_t>(result.classes.size());
  if (label < 0 || label >= count) return Classes().name(label);
  return result.classes[static_cast<std::size_t>(label)].name;
}

std::string class_colour(const Result& result, std::int64_t label) {
  const auto count = static_cast<std::int64_t>(result.classes.size());
  if (label < 0 || label >= count) return colour_text(Classes().colour(label));
  return result.classes[static_cast<std::size_t>(label)].colour;
}

}  // namespace hikaku

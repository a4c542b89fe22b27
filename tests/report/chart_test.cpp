// Scales, charts and the palette.
#include <gtest/gtest.h>

#include "report/line_chart.h"
#include "report/palette.h"
#include "report/row_chart.h"
#include "report/units.h"

namespace hikaku {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Scale, HasRoundTicks) {
  EXPECT_EQ(Scale::linear(0, 47).ticks(5), (std::vector<double>{0, 10, 20, 30, 40}));
  EXPECT_EQ(Scale::between(1.6, 2.3).ticks(4).size(), 4U);
  EXPECT_EQ(Scale::logarithmic(1, 1000).ticks(), (std::vector<double>{1, 10, 100, 1000}));
  EXPECT_EQ(Scale::logarithmic(20, 30).ticks(), (std::vector<double>{10, 20, 50, 100}));
  EXPECT_EQ(Scale::logarithmic(16, 4096).ticks(),
            (std::vector<double>{20, 50, 100, 200, 500, 1000, 2000}));
  EXPECT_EQ(Scale::logarithmic(1, 1e12).ticks().size(), 7U);
  EXPECT_DOUBLE_EQ(Scale::logarithmic(1, 100).place(10), 0.5);
  EXPECT_DOUBLE_EQ(Scale::linear(0, 0).place(0), 0);
}

RowChart bars() {
  RowChart chart{{"Time", "時間"}, {"seconds", "秒"}, pretty_seconds, {}};
  chart.rows.push_back({.name = {"CPU", "CPU"},
                        .note = {},
                        .segments = {{45, "cpu", {}}},
                        .value = {"45.0 s", "45.0 s"},
                        .low = 44,
                        .high = 46,
                        .samples = {}});
  chart.rows.push_back({.name = {"GPU", "GPU"},
                        .note = {"recorded", "記録"},
                        .segments = {{0.6, "gpu", {}}},
                        .value = {"0.6 s", "0.6 s"},
                        .samples = {},
                        .recorded = true});
  return chart;
}

TEST(RowChart, BarsAreAsLongAsTheirValues) {
  const std::string text = draw(bars()).str();
  // The axis ends at 46, the whisker's end: 98 * 45 / 46.
  EXPECT_NE(text.find("width=\"95.87%\" height=\"20\" class=\"fill-cpu part\""), std::string::npos)
      << text;
  EXPECT_NE(text.find("width=\"1.28%\" height=\"20\" class=\"fill-gpu part\""), std::string::npos);
  EXPECT_EQ(count(text, "whisker"), 3);
  EXPECT_EQ(count(text, "url(#hatch)"), 1);
  EXPECT_NE(text.find("<title>GPU, recorded: 0.6 s / GPU、記録: 0.6 s</title>"), std::string::npos);
}

TEST(RowChart, WhatWasNotMeasuredHasNoBar) {
  RowChart chart = bars();
  chart.rows[1].segments[0].size = nan;
  chart.rows[0].low = nan;
  const std::string text = draw(chart).str();
  EXPECT_EQ(count(text, "fill-gpu"), 0);
  EXPECT_EQ(count(text, "whisker"), 0);
  EXPECT_EQ(text.find("nan"), std::string::npos);
  chart.rows[0].segments.clear();
  EXPECT_EQ(count(draw(chart).str(), " part"), 0);
  chart.rows.clear();
  EXPECT_EQ(draw(chart).str(), "");
}

TEST(RowChart, StackedPartsFollowEachOtherAndHaveALegend) {
  RowChart chart = bars();
  chart.rows = {{.name = {"CPU", "CPU"},
                 .note = {},
                 .segments = {{1, "cpu", {"wait", "待ち"}}, {3, "third", {"steps", "計算"}}},
                 .value = {"4 s", "4 s"},
                 .samples = {}}};
  const std::string text = draw(chart).str();
  EXPECT_NE(text.find("x=\"1%\" y=\"3\" width=\"24.5%\""), std::string::npos) << text;
  EXPECT_NE(text.find("x=\"25.5%\" y=\"3\" width=\"73.5%\""), std::string::npos);
  EXPECT_EQ(count(text, "class=\"legend\""), 1);
  EXPECT_NE(text.find("<span lang=\"ja\">待ち</span>"), std::string::npos);
}

TEST(RowChart, AStripShowsEachSampleAndTheMedian) {
  RowChart chart = bars();
  chart.from_zero = false;
  chart.rows = {
      {.name = {"CPU", "CPU"}, .note = {}, .segments = {}, .value = {}, .samples = {1, 2, 3, nan}}};
  const std::string text = draw(chart).str();
  EXPECT_EQ(count(text, "<circle"), 3);
  EXPECT_NE(text.find("x1=\"50%\" x2=\"50%\" y1=\"1\""), std::string::npos) << text;
  EXPECT_NE(text.find("x=\"25.5%\" y=\"3\" width=\"49%\""), std::string::npos);
}

LineChart lines() {
  LineChart chart;
  chart.title = {"Loss", "損失"};
  chart.x_format = chart.y_format = pretty_number;
  chart.series = {{{"CPU", "CPU"}, "cpu", {{1, 3}, {2, 2}, {3, nan}, {4, 1}}},
                  {{"GPU", "GPU"}, "gpu", {{1, 3}, {4, 1}}, true}};
  return chart;
}

TEST(LineChart, AGapBreaksTheLine) {
  const std::string text = draw(lines()).str();
  EXPECT_NE(text.find("d=\"M66 12L170 111M378 210\""), std::string::npos) << text;
  EXPECT_EQ(count(text, "dashed"), 2);  // the line and its legend
  EXPECT_EQ(count(text, "<desc>"), 1);
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

TEST(LineChart, ALogAxisPassesOverZero) {
  LineChart chart = lines();
  chart.log_x = chart.log_y = true;
  chart.series = {{{"CPU", "CPU"}, "cpu", {{0, 1}, {10, 1}, {100, 10}, {1000, 100}}}};
  chart.marker = {100, {"here", "ここ"}};
  const std::string text = draw(chart).str();
  EXPECT_NE(text.find("d=\"M66 210L222 111L378 12\""), std::string::npos) << text;
  EXPECT_NE(text.find("x1=\"222\" y1=\"12\" x2=\"222\""), std::string::npos);
  chart.series[0].points = {{0, 0}};
  EXPECT_EQ(draw(chart).str(), "");
}

std::string_view colour(std::string_view name, std::string_view PageColour::*scheme) {
  for (const PageColour& entry : page_colours) {
    if (entry.name == name) return entry.*scheme;
  }
  ADD_FAILURE() << name;
  return "#000000";
}

TEST(Palette, ComputesContrastAsWcagDoes) {
  EXPECT_NEAR(contrast_ratio("#000000", "#ffffff"), 21, 1e-9);
  EXPECT_NEAR(contrast_ratio("#ffffff", "#767676"), 4.54, 0.005);
}

TEST(Palette, StandsOutInLightAndDark) {
  for (const auto scheme : {&PageColour::light, &PageColour::dark}) {
    for (const Contrast& pair : contrasts) {
      EXPECT_GE(contrast_ratio(colour(pair.colour, scheme), colour(pair.ground, scheme)),
                pair.ratio)
          << pair.colour << " on " << pair.ground
          << (scheme == &PageColour::light ? ", light" : ", dark");
    }
  }
}

}  // namespace
}  // namespace hikaku

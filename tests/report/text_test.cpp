// Widths, units and the two languages.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "base/error.h"
#include "measure/caveats.h"
#include "measure/machine.h"
#include "report/columns.h"
#include "report/result.h"
#include "report/texts.h"
#include "report/units.h"

namespace hikaku {
namespace {

TEST(Wrap, BreaksAtBlanksAndBetweenWideCharacters) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("one two", 4, 1), (std::vector<std::string>{"one", " two"}));
  EXPECT_EQ(wrap("行列の積", 4), (std::vector<std::string>{"行列", "の積"}));
  EXPECT_EQ(wrap("行列。積", 4), (std::vector<std::string>{"行", "列。", "積"}));
  EXPECT_EQ(wrap("", 4), (std::vector<std::string>{""}));
}

TEST(Align, PadsByCellsNotBytes) {
  EXPECT_EQ(align({{"型", "時間"}, {"f32", "1"}}, 1),
            (std::vector<std::string>{"型   時間", "f32     1"}));
}

TEST(Units, ThreeDigitsAndAFittingUnit) {
  EXPECT_EQ(pretty_seconds(5.914), "5.91 s");
  EXPECT_EQ(pretty_seconds(0.01234), "12.3 ms");
  EXPECT_EQ(pretty_seconds(0.9999), "1.00 s");
  EXPECT_EQ(pretty_seconds(45e-6), "45.0 µs");
  EXPECT_EQ(pretty_seconds(119.6), "120 s");
  EXPECT_EQ(pretty_seconds(303.6), "5 min 04 s");
  EXPECT_EQ(pretty_seconds(754), "12 min 34 s");
  EXPECT_EQ(pretty_seconds(3599.6), "1 h 00 min");
  EXPECT_EQ(pretty_seconds(7500), "2 h 05 min");
  EXPECT_EQ(pretty_seconds(not_measured), "-");
  EXPECT_EQ(pretty_flops(1.734e11), "173 GFLOP/s");
  EXPECT_EQ(pretty_flops(9.999e11), "1.00 TFLOP/s");
  EXPECT_EQ(pretty_bytes(1536), "1.50 KiB");
  EXPECT_EQ(pretty_percent(0.8604), "86.0%");
  EXPECT_EQ(pretty_ratio({45.94, 44.8, 46.9}), "45.9x (44.8 .. 46.9)");
  EXPECT_EQ(pretty_median({{1.0}}), "1.00 s");
  EXPECT_EQ(pretty_median({{1.0, 1.1, 0.9}}), "1.00 s ± 10.0%");
}

TEST(Texts, HaveBothLanguages) {
  EXPECT_EQ(text("column.device", Language::en), "device");
  EXPECT_EQ(text("column.device", Language::ja), "デバイス");
  EXPECT_THROW(static_cast<void>(text("no.such.key", Language::en)), Error);
}

TEST(Texts, EachCaveatSpeaksJapanese) {
  for (int id = 0; id <= static_cast<int>(CaveatId::different_work); ++id) {
    const Caveat caveat = make_caveat(static_cast<CaveatId>(id));
    for (const auto& [kind, english] :
         {std::pair{"caveat.", caveat.text}, {"remedy.", caveat.remedy}}) {
      EXPECT_NE(translated(kind + caveat.id, english, Language::ja), english) << caveat.id;
      EXPECT_EQ(translated(kind + caveat.id, english, Language::en), english) << caveat.id;
    }
  }
  EXPECT_EQ(translated("caveat.unknown", "as it is", Language::ja), "as it is");
}

TEST(Texts, EachReasonForNoGpuSpeaksJapanese) {
  for (const char* id : no_gpu_ids) {
    EXPECT_NE(translated(std::string("no_gpu.") + id, "English", Language::ja), "English") << id;
  }
}

TEST(Texts, TheReasonsForNoGpuAreThoseThatAreGiven) {
  const std::regex made(R"re((?:NoGpu\{|return \{)\s*"([a-z_]+)",)re");
  std::set<std::string> given;
  for (const char* file : {"/src/measure/gpu.cpp", "/src/app/devices.cpp"}) {
    std::ifstream in(HIKAKU_SOURCE_DIR + std::string(file));
    const std::string source(std::istreambuf_iterator<char>(in), {});
    for (std::sregex_iterator at(source.begin(), source.end(), made), end; at != end; ++at) {
      given.insert((*at)[1]);
    }
  }
  EXPECT_EQ(given, std::set<std::string>(no_gpu_ids.begin(), no_gpu_ids.end()));
}

}  // namespace
}  // namespace hikaku

#include "report/terminal.h"
#include "base/unicode.h"

#include <gtest/gtest.h>

#include <sstream>

#include "report/columns.h"
#include "sample_result.h"

namespace hikaku {
namespace {

const TerminalStyle english{};
const TerminalStyle japanese{Language::ja};

void expect_holds(const std::string& output, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    EXPECT_NE(output.find(part), std::string::npos) << part << "\n" << output;
  }
}

TEST(Terminal, ShowsMedianSpreadRateAndVerdict) {
  expect_holds(render_terminal(sample_result(), english),
               {"n = 8000", "cpu     f64   verified   5.90 s ± 1.0%   174 GFLOP/s    85.3%",
                "20.0 ms ± 1.0%", "51.2 TFLOP/s", "with copies", "200 ms", "71.2%",
                "cuda:0 against cpu, the same precision on both:", "148x (", "training (projected)",
                "No GPU: no NVIDIA driver is loaded", "  - unet f32 on cpu: the time was projected",
                "-> leave out --quick"});
}

TEST(Terminal, TellsWhetherBothDidTheSameWork) {
  const std::string output = render_terminal(sample_result(), english);
  expect_holds(output, {"same initial weights: yes", "largest difference is 1.0e-07",
                        "MORE THAN THAT", "as it should be", "cuda:0 bf16", "1.900010"});
}

TEST(Terminal, SaysWhyAnEvaluationSoSoonIsErratic) {
  Result result = sample_result();
  EXPECT_EQ(render_terminal(result, english).find("erratic"), std::string::npos);
  result.unet.at(0).eval.mean_loss = 10 * result.unet.at(0).train.mean_loss;
  expect_holds(render_terminal(result, english), {"an evaluation so soon is erratic"});
}

TEST(Terminal, ShowsTheWrongNumberBesideTheRightOne) {
  expect_holds(render_terminal(sample_result(), english),
               {"How to be fooled (measured wrongly on purpose)",
                "GPU not waited for  cuda:0  f32   8000   10.5 µs   20.1 ms  1910x faster",
                "CPU on one thread   cpu     f32   1500    205 ms    105 ms  1.95x slower"});
  expect_holds(render_terminal(sample_result(), japanese), {"だまされる方法", "倍遅い", "倍速い"});
}

TEST(Terminal, NamesThePrecisionsOfAPairAndLeavesOutAnUnknownInterval) {
  Result result = sample_result();
  Speedup& pair = result.speedups.emplace_back(result.speedups[0]);
  pair.kind = "best";
  pair.what = "train best";
  pair.baseline_precision = "f32";
  pair.device_precision = "bf16";
  pair.ratio.low = pair.ratio.high = not_measured;
  const std::string output = render_terminal(result, english);
  expect_holds(output, {"each at its best precision:", "training, whole  f32 : bf16  148x\n"});
}

TEST(Terminal, SpeaksJapanese) {
  expect_holds(render_terminal(sample_result(), japanese),
               {"行列の積", "時間（中央値）", "正しい", "GPU なし：NVIDIA ドライバがなく",
                "unet f32 on cpu: 全部ではなく", "→ --quick を外すと"});
}

TEST(Terminal, KeepsToEightyCellsInBothLanguages) {
  for (const TerminalStyle& style : {english, japanese}) {
    std::istringstream lines(render_terminal(sample_result(), style));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80) << line;
  }
}

TEST(Terminal, TellsWhichEnergyCanBeCountedWhereNoneWas) {
  Result result = sample_result();
  result.energy->window_seconds = 0;
  result.energy->work.clear();
  expect_holds(render_terminal(result, english),
               {"Counters of energy\n  cpu: measured, RAPL: package-0\n",
                "  energy of cuda:1 is unavailable: it does not open\n"});
}

TEST(Terminal, ColoursOnlyWhenAsked) {
  Result result = sample_result();
  result.matmul[0].verified = false;
  EXPECT_EQ(render_terminal(result, english).find('\x1b'), std::string::npos);
  expect_holds(render_terminal(result, {Language::en, true}), {"\x1b[31m", "WRONG", "\x1b[0m"});
}

TEST(Terminal, LeavesOutWhatWasNotRun) {
  Result result;
  const std::string output = render_terminal(result, english);
  EXPECT_EQ(output.find("U-Net"), std::string::npos);
  EXPECT_EQ(output.find("Matrix"), std::string::npos);
  EXPECT_EQ(output.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace hikaku

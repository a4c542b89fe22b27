// The bars that compare leaves on a terminal.
#include "app/race.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace hikaku {
namespace {

/// What a race of two devices writes on such a terminal.
std::string race_on(const Terminal& terminal, Language language) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  Console console(ends[1], terminal, false);
  Race race(console, language);
  EXPECT_EQ(race.whole_seconds("train"), 0);
  race.finish("train", "cpu f32", 42);
  EXPECT_EQ(race.whole_seconds("train"), 42);
  race.finish("train", "cuda:0 f32", 21);
  race.finish("train", "cuda:0 bf16", 0.01);
  race.finish("eval", "cuda:0 f32", 3);
  close(ends[1]);
  std::string text(4096, ' ');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], text.data(), 4096), 0)));
  close(ends[0]);
  return text;
}

TEST(Race, BarsOfOneWorkShareAScale) {
  EXPECT_EQ(race_on({.redraw = true, .width = 39}, Language::en),
            "training, whole\n"
            "  cpu f32      ########## 42.0 s\n"
            "  cuda:0 f32   #####..... 21.0 s\n"
            "  cuda:0 bf16  #......... 10.0 ms\n"
            "evaluation, whole\n"
            "  cuda:0 f32   ########## 3.00 s\n");
}

TEST(Race, SpeaksUtf8JapaneseAndColour) {
  const std::string text =
      race_on({.color = true, .utf8 = true, .redraw = true, .width = 39}, Language::ja);
  for (const char* part : {"訓練全体\n", "cpu f32      \x1b[34m██████████\x1b[0m 42.0 s\n",
                           "cuda:0 bf16  \x1b[33m▏         \x1b[0m 10.0 ms\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(Race, IsSilentWhereNothingIsRedrawn) { EXPECT_EQ(race_on({}, Language::en), ""); }

}  // namespace
}  // namespace hikaku

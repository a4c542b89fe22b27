#include "base/unicode.h"

#include <gtest/gtest.h>

namespace hikaku {
namespace {

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("epoch 1"), 7);
  EXPECT_EQ(display_width("学習 1回"), 8);
  EXPECT_EQ(display_width("（中央値） ± µs"), 15);
  EXPECT_EQ(display_width("ｱ"), 1);         // a half-width katakana
  EXPECT_EQ(display_width("か\u3099"), 2);  // a combining voice mark
  EXPECT_EQ(display_width("\xe5\xad"), 2);  // a character cut short: two odd bytes
}

TEST(Fit, CutsBetweenCharacters) {
  EXPECT_EQ(fit("学習中", 5), "学習");
  EXPECT_EQ(fit("abc", 5), "abc");
  EXPECT_EQ(fit("abc", 0), "");
}

}  // namespace
}  // namespace hikaku

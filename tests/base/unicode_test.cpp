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

TEST(IsUtf8, HoldsForWholeTexts) {
  for (const char* text : {"", "road", "学習 é 😀", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"a\x8c\xa2", "\xe5\xad", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf8\x88\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Fit, CutsBetweenCharacters) {
  EXPECT_EQ(fit("学習中", 5), "学習");
  EXPECT_EQ(fit("abc", 5), "abc");
  EXPECT_EQ(fit("abc", 0), "");
}

}  // namespace
}  // namespace hikaku

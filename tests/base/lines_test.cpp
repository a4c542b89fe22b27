#include "base/lines.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hikaku {
namespace {

TEST(Trimmed, HasNoBlanksAtItsEnds) {
  EXPECT_EQ(trimmed(" \ta b\t \r"), "a b");
  EXPECT_EQ(trimmed(" \r"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(EachLine, IsCountedAndNeedNotEnd) {
  std::vector<std::string> seen;
  each_line(
      "\xef\xbb\xbf"
      "a\n\nb",
      [&](int number, std::string_view line) {
        seen.push_back(std::to_string(number) + std::string(line));
      });
  EXPECT_EQ(seen, (std::vector<std::string>{"1a", "2", "3b"}));
  each_line("", [&](int, std::string_view) { ADD_FAILURE() << "there is no line"; });
}

}  // namespace
}  // namespace hikaku

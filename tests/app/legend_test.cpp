#include "app/legend.h"

#include <gtest/gtest.h>

namespace hikaku {
namespace {

TEST(Legend, NamesTheClassesInBothForms) {
  const Classes classes({{"<a> & b", {1, 2, 3}}, {"\xe9", {4, 5, 6}}});
  const std::map<int, std::int64_t> pixels{{0, 3}, {1, 1}};
  const auto bytes = legend_svg(pixels, classes, Language::en);
  const std::string svg(bytes.begin(), bytes.end());
  EXPECT_NE(svg.find(">0 &lt;a&gt; &amp; b<"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("<a>"), std::string::npos);
  EXPECT_EQ(svg.find('\xe9'), std::string::npos);  // Latin-1 would be no XML
  EXPECT_NE(svg.find("fill=\"#040506\""), std::string::npos);
  EXPECT_NE(legend_text(pixels, classes).find("<a> & b        #010203  75.00%"), std::string::npos)
      << legend_text(pixels, classes);
}

}  // namespace
}  // namespace hikaku

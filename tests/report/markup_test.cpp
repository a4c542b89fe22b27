#include "report/markup.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace hikaku {
namespace {

TEST(Escaped, TurnsWhatMeansSomethingIntoText) {
  EXPECT_EQ(escaped("<script>alert('x' & \"y\")</script>"),
            "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;");
  EXPECT_EQ(escaped("行列 \t\n"), "行列 \t\n");
}

TEST(Escaped, ReplacesWhatCannotBeSeen) {
  const std::string_view mark = "\xef\xbf\xbd";
  for (const char* hidden : {"\x01", "\x7f", "\x1b", "\xc2\x85", "\xe2\x80\xae", "\xe2\x81\xa6",
                             "\xe2\x80\x8f", "\xef\xbb\xbf"}) {
    EXPECT_EQ(escaped(hidden), mark) << hidden;
  }
  EXPECT_EQ(escaped(std::string_view("\0", 1)), mark);
}

TEST(Escaped, ReplacesWhatIsNoUtf8) {
  for (const char* bad : {"\xff", "\xc0\xbc", "\xe0\x80\xbc", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf0\x80\x80\xbc", "\xc3", "\x80"}) {
    const std::string text = escaped(bad);
    EXPECT_EQ(text.substr(0, 3), "\xef\xbf\xbd") << bad;
    EXPECT_EQ(text.find('<'), std::string::npos);
  }
}

TEST(Markup, WritesElementsAndBothLanguages) {
  Markup out;
  out.open("p", {{"class", "a\"b"}})
      .text(Phrase{"yes", "はい"})
      .text(Phrase::same("3 < 4"))
      .close("p");
  EXPECT_EQ(out.str(),
            "<p class=\"a&quot;b\"><span lang=\"en\">yes</span><span lang=\"ja\">はい</span>"
            "3 &lt; 4</p>\n");
  Markup svg;
  svg.open("svg").leaf("rect").element("text", Phrase{"a", "b"}).close("svg");
  EXPECT_EQ(svg.str(),
            "<svg><rect/><text><tspan lang=\"en\">a</tspan><tspan lang=\"ja\">b</tspan></text>\n"
            "</svg>\n");
}

TEST(Markup, RefusesWhatIsNotClosed) {
  Markup out;
  out.open("p");
  EXPECT_THROW(static_cast<void>(out.str()), Error);
  EXPECT_THROW(out.close("div"), Error);
  EXPECT_THROW(out.style("</style>"), Error);
}

TEST(Coordinate, IsShort) {
  EXPECT_EQ(coordinate(12.5), "12.5");
  EXPECT_EQ(coordinate(100), "100");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(percent_of(1, 3), "33.33%");
  EXPECT_THROW(static_cast<void>(coordinate(HUGE_VAL)), Error);
}

}  // namespace
}  // namespace hikaku

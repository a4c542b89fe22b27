#include "data/list.h"

#include "files.h"

namespace hikaku {
namespace {

std::vector<std::string> ids(std::string_view text) {
  std::vector<std::string> result;
  for (const ListEntry& entry : parse_list(text, "l.txt").entries) result.push_back(entry.id);
  return result;
}

std::string refused(std::string_view text) {
  return refusal([&] { (void)parse_list(text, "l.txt"); });
}

TEST(List, AcceptsWhatEditorsLeave) {
  const std::vector<std::string> both{"2007_000032", "b"};
  EXPECT_EQ(ids("2007_000032\nb\n"), both);
  EXPECT_EQ(ids("2007_000032\nb"), both);
  EXPECT_EQ(ids("2007_000032\r\nb\r\n"), both);
  EXPECT_EQ(ids("\xef\xbb\xbf"
                "2007_000032\nb\n"),
            both);
  EXPECT_EQ(ids("2007_000032  \n\tb\t \n"), both);
  EXPECT_EQ(ids("\n\n2007_000032\n\n  \nb\n\n"), both);
}

TEST(List, KeepsTheLines) {
  const List list = parse_list("a\n\n\r\nb\n", "l.txt");
  EXPECT_EQ(list.entries[0].line, 1);
  EXPECT_EQ(list.entries[1].line, 4);
}

TEST(List, EmptyIsRefused) {
  for (const char* text : {"", "\n", "  \n\t\r\n", "\xef\xbb\xbf"}) {
    EXPECT_REFUSAL(refused(text), "l.txt: 0 entries; at least 1 is needed | write one id a line");
  }
}

TEST(List, WhatIsNoFileNameIsRefusedWithItsLine) {
  const std::string rule = "is not an id; folders, blanks and a leading dot are not allowed";
  for (const std::string id : {"../x", "/etc/passwd", "a/b", "a\\b", "..", ".hidden", "a 1"}) {
    EXPECT_REFUSAL(refused(fmt::format("ok\n{}\n", id)),
                   fmt::format("l.txt:2: \"{}\" {}", id, rule));
  }
  EXPECT_REFUSAL(refused(std::string_view("ok\na\0b\n", 7)), "l.txt:2: control character 0x00");
  EXPECT_REFUSAL(refused("ok\nk\x1b[31m\n"), "l.txt:2: control character 0x1b");
  EXPECT_REFUSAL(refused("\n" + std::string(1 << 20, 'x')),
                 "l.txt:2: an id of 1048576 bytes; at most 200 are allowed");
}

TEST(List, DuplicatesAndOverlapAreWarnings) {
  const List train = parse_list("a\nb\na\n", "train.txt"), val = parse_list("c\nb\n", "val.txt");
  const std::vector<Finding> warnings = list_warnings(train, val);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(to_string(warnings[0]), "train.txt:3: \"a\" is also in train.txt:1; it counts twice");
  EXPECT_EQ(to_string(warnings[1]), "val.txt:2: \"b\" is also in train.txt:2; it counts twice");
  EXPECT_TRUE(list_warnings(val, parse_list("d", "x")).empty());
}

}  // namespace
}  // namespace hikaku

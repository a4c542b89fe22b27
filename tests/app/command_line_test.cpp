#include "app/command_line.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace hikaku {
namespace {

TEST(Nearest, IsTheOneWithFewestEdits) {
  const std::vector<std::string> names{"compare", "matmul", "train", "eval"};
  EXPECT_EQ(nearest("comapre", names), "compare");
  EXPECT_EQ(nearest("trian", names), "train");
  EXPECT_EQ(nearest("eva", names), "eval");
  EXPECT_EQ(nearest("predict", names), "");
  EXPECT_EQ(nearest("train", {}), "");
}

TEST(Commands, EachHasItsOwnNameAndTwoLanguages) {
  std::set<std::string> names;
  for (const auto& command : all_commands()) {
    const Command::Description about = command->describe();
    EXPECT_TRUE(names.insert(about.name).second) << about.name;
    EXPECT_STRNE(about.summary.en, about.summary.ja) << about.name;
    EXPECT_TRUE(about.example.starts_with("hikaku " + about.name)) << about.example;
  }
}

TEST(Commands, EachExampleParses) {
  for (const auto& command : all_commands()) {
    std::vector<std::string> words;
    std::istringstream line(command->describe().example);
    for (std::string word; line >> word;) words.push_back(word);
    Settings settings;
    const CommandLine parsed = parse_command_line(words, settings);
    ASSERT_NE(parsed.command, nullptr) << command->describe().example;
    EXPECT_EQ(parsed.command->describe().name, command->describe().name);
  }
}

TEST(CommandLine, SettingsMayStandAnywhere) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"hikaku", "-q", "--color", "never", "info"},
                                             {"hikaku", "info", "--quiet", "--color=never"}}) {
    Settings settings;
    EXPECT_NE(parse_command_line(words, settings).command, nullptr);
    EXPECT_TRUE(settings.quiet);
    EXPECT_EQ(settings.color, ColorChoice::never);
  }
}

TEST(SettingTable, ReadsWhatItWrote) {
  const std::string odd = "a \"b\"\\n # c\n= d";
  std::string value = odd;
  SettingTable table;
  table.add(
      "data", [&](const std::string& text) { value = text; }, [&] { return value; });
  const std::string text = table.text({});
  value.clear();
  table.apply(text, "f.toml");
  EXPECT_EQ(value, odd) << text;
}

}  // namespace
}  // namespace hikaku

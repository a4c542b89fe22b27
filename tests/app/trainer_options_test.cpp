// The options of `hikaku train` and its config files.
#include "trainer_program.h"

namespace hikaku {
namespace {

TEST_F(TrainerProgram, AConfigFileSaysWhatOptionsSay) {
  std::ofstream(out("config.toml"))
      << "# a recipe\nlr = 0.01\nbatch_size = 3   # fewer\nflip = true\n"
         "schedule = \"cosine\"\n";
  ASSERT_EQ(train("by_file", "--config " + out("config.toml") + " --lr 0.02").status, 0);
  const std::string resolved = bytes_of(out("by_file") + "/config.toml");
  EXPECT_NE(resolved.find("\nlr = 0.02\n"), std::string::npos) << resolved;  // an option wins
  EXPECT_NE(resolved.find("\nbatch-size = 2\n"), std::string::npos) << resolved;
  EXPECT_NE(resolved.find("\nflip = true\n"), std::string::npos) << resolved;
  EXPECT_NE(resolved.find("\nschedule = \"cosine\"\n"), std::string::npos) << resolved;
  // What it wrote is itself a config file.
  const Outcome again =
      run_program("train -q --config " + out("by_file") + "/config.toml --out " + out("again"));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(bytes_of(out("again") + "/last.safetensors"),
            bytes_of(out("by_file") + "/last.safetensors"));
}

TEST_F(TrainerProgram, TakesTheRecipesThatComeWithIt) {
  int recipes = 0;
  for (const fs::directory_entry& recipe : fs::directory_iterator(HIKAKU_SOURCE_DIR "/configs")) {
    const std::string name = "recipe" + std::to_string(++recipes);
    const Outcome outcome = train(name, "--epochs 1 --config " + recipe.path().string());
    EXPECT_EQ(outcome.status, 0) << recipe.path() << outcome.err;
  }
  EXPECT_GE(recipes, 1);
}

TEST_F(TrainerProgram, TheCacheChangesNoByte) {
  const std::string more = "--epochs 3 --flip --rotate 10 --cache-mb ";
  ASSERT_EQ(train("cache", more + "auto").status, 0);
  ASSERT_EQ(train("no_cache", more + "0").status, 0);
  EXPECT_EQ(bytes_of(out("cache") + "/metrics.csv"), bytes_of(out("no_cache") + "/metrics.csv"));
  const std::string resolved = bytes_of(out("cache") + "/config.toml");
  EXPECT_NE(resolved.find("\ncache-mb = \"auto\"\n"), std::string::npos) << resolved;
}

struct BadConfig {
  const char *text, *says;
};

class ConfigFault : public TrainerProgram, public testing::WithParamInterface<BadConfig> {};

TEST_P(ConfigFault, IsNamedWithItsLine) {
  std::ofstream(out("bad.toml")) << GetParam().text;
  const Outcome outcome = train("bad_config", "--config " + out("bad.toml"));
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, ConfigFault,
    testing::Values(BadConfig{"\nbatchsize = 3\n", "bad.toml:2: no such key 'batchsize'"},
                    BadConfig{"shedule = \"poly\"", "did you mean 'schedule'?"},
                    BadConfig{"lr = fast", "bad.toml:1: --lr: found 'fast'"},
                    BadConfig{"lr = 1\nlr = 2", "bad.toml:2: 'lr' is there twice, first in line 1"},
                    BadConfig{"[train]", "bad.toml:1: found '[train]'"},
                    BadConfig{"data = \"x", "bad.toml:1: found 'data = \"x'"},
                    BadConfig{"flip = maybe", "allowed is true or false"}));

struct BadOptions {
  const char *options, *says;
};

class OptionFault : public TrainerProgram, public testing::WithParamInterface<BadOptions> {};

TEST_P(OptionFault, IsStatusTwo) {
  const Outcome outcome = train("bad_option", GetParam().options);
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(
    Options, OptionFault,
    testing::Values(BadOptions{"--class-weights 1,2,3", "22 numbers of 0 or more"},
                    BadOptions{"--class-weights heavy", "allowed is none, balanced"},
                    BadOptions{"--void 255", "allowed is background, ignore"},
                    BadOptions{"--crop 0", "--crop: found '0'"},
                    BadOptions{"--dice-share 1.5", "allowed is a number from 0 to 1"},
                    BadOptions{"--cache-mb some", "allowed is auto, or a whole number from 0"},
                    BadOptions{"--size 66", "allowed is a multiple of 4"},
                    BadOptions{"--levels 8", "fix: for example --size 128"}));

}  // namespace
}  // namespace hikaku

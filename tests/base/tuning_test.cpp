#include "base/tuning.h"

#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "scoped_variable.h"
#include "scratch_folder.h"

namespace hikaku {
namespace {

class TuningTest : public test::ScratchFolder {
 protected:
  /// Learns that "quick" is faster and saves it.
  static void learn(const std::string& file, const std::string& key,
                    const std::string& machine = "this") {
    Tuning tuning(file, machine);
    EXPECT_EQ(tuning.fastest(key, {{"slow", [] { usleep(3000); }}, {"quick", [] {}}}), "quick");
    tuning.save();
  }
  static std::string known(const std::string& file, const std::string& key,
                           const std::string& machine = "this") {
    return Tuning(file, machine).known(key);
  }
  std::string file = path("cache/hikaku/tuning.json");
};

TEST_F(TuningTest, WhatWasLearntIsKnownToTheNextProgram) {
  EXPECT_EQ(known(file, "a"), "");
  learn(file, "a");
  learn(file, "b");
  EXPECT_EQ(known(file, "a"), "quick");
  EXPECT_EQ(known(file, "b"), "quick");
  EXPECT_EQ(known(file, "a", "another machine"), "");
  learn(file, "a", "another machine");
  EXPECT_EQ(known(file, "a"), "quick");
}

TEST_F(TuningTest, AChoiceThatIsNoLongerOfferedIsReplaced) {
  learn(file, "a");
  Tuning tuning(file, "this");
  EXPECT_EQ(tuning.fastest("a", {{"other", [] {}}}), "other");
  tuning.save();
  EXPECT_EQ(known(file, "a"), "other");
}

TEST_F(TuningTest, WhatIsKnownIsNotTimedAgain) {
  learn(file, "a");
  Tuning tuning(file, "this");
  int runs = 0;
  const auto count = [&] { ++runs; };
  EXPECT_EQ(tuning.fastest("a", {{"slow", count}, {"quick", count}}), "quick");
  EXPECT_EQ(runs, 0);
  // A choice that is no longer offered is made again.
  EXPECT_NE(tuning.fastest("a", {{"other", count}}), "quick");
  EXPECT_GT(runs, 0);
}

TEST_F(TuningTest, ADamagedFileIsReplaced) {
  const std::vector<std::string> damaged{"",
                                         "{",
                                         "[]",
                                         "\"text\"",
                                         "\xff\xfe",
                                         "{\"this\": 5}",
                                         "{\"this\": [1]}",
                                         "{\"this\": {\"a\": 5}}",
                                         std::string(100000, '[')};
  for (const std::string& text : damaged) {
    std::filesystem::create_directories(path("cache/hikaku"));
    std::ofstream(file, std::ios::binary) << text;
    EXPECT_EQ(known(file, "a"), "") << text.substr(0, 20);
    learn(file, "a");
    EXPECT_EQ(known(file, "a"), "quick") << text.substr(0, 20);
  }
}

TEST_F(TuningTest, AFileThatCannotBeWrittenCostsNothingElse) {
  std::filesystem::create_directories(file);  // a folder where the file should be
  EXPECT_NO_THROW(learn(file, "a"));
  EXPECT_EQ(known(file, "a"), "");
  std::ofstream(path("plain")) << "x";
  EXPECT_NO_THROW(learn(path("plain") / "below/tuning.json", "a"));
  EXPECT_EQ(test::content_of(path("plain")), "x");
  EXPECT_NO_THROW(learn("", "a"));
}

TEST_F(TuningTest, AReadOnlyFolderIsLeftAlone) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  learn(file, "a");
  const std::string before = test::content_of(file);
  std::filesystem::permissions(path("cache/hikaku"), std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_exec);
  learn(file, "b");
  EXPECT_EQ(test::content_of(file), before);
  std::filesystem::permissions(path("cache/hikaku"), std::filesystem::perms::owner_all);
}

TEST_F(TuningTest, SeveralWritersAtOnceLeaveAWholeFile) {
  int writers = 4;
  for (int writer = 0; writer < writers; ++writer) {
    if (fork() == 0) {
      for (int i = 0; i < 50; ++i) {
        Tuning tuning(file, "this");
        const std::string key(static_cast<std::size_t>(1 + i * 37 % 400),
                              static_cast<char>('a' + writer));
        tuning.fastest(key, {{"only", [] {}}});
        tuning.save();
      }
      _exit(0);
    }
  }
  // A reader sees either no file or a whole one.
  int seen = 0;
  while (writers > 0) {
    if (waitpid(-1, nullptr, WNOHANG) > 0) --writers;
    if (!std::filesystem::exists(file)) continue;
    const std::string text = test::content_of(file);
    EXPECT_TRUE(nlohmann::json::accept(text)) << text.size() << " bytes";
    ++seen;
  }
  EXPECT_GT(seen, 0);
  EXPECT_TRUE(nlohmann::json::accept(test::content_of(file)));
  EXPECT_FALSE(std::filesystem::exists(file + ".tmp"));
}

TEST(DefaultTuningFile, FollowsTheEnvironment) {
  const ScopedVariable home("HOME", "/home/somebody");
  {
    const ScopedVariable cache("XDG_CACHE_HOME", "/cache");
    EXPECT_EQ(default_tuning_file(), "/cache/hikaku/tuning.json");
  }
  {
    const ScopedVariable cache("XDG_CACHE_HOME", "not/absolute");
    EXPECT_EQ(default_tuning_file(), "/home/somebody/.cache/hikaku/tuning.json");
  }
  const ScopedVariable cache("XDG_CACHE_HOME", ""), nowhere("HOME", "");
  EXPECT_EQ(default_tuning_file(), "");
}

}  // namespace
}  // namespace hikaku

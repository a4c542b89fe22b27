// `hikaku data check` as its users meet it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "run_program.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class DataProgram : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    ASSERT_EQ(run_program("data synth --train 3 --val 2 " + scenes()).status, 0);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string scenes() const { return folder_ + "/scenes"; }
  [[nodiscard]] std::string sums() const { return folder_ + "/sums"; }

  const std::string folder_ = testing::TempDir() + "hikaku_data_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(DataProgram, AManifestIsWrittenAndVerifiedAlsoBySha256sum) {
  ASSERT_EQ(run_program("data check " + scenes() + "/ --write-manifest " + sums()).status, 0);
  EXPECT_EQ(std::system(("cd " + scenes() + " && sha256sum --quiet -c " + sums()).c_str()), 0);
  EXPECT_EQ(run_program("data check " + scenes() + " --manifest " + sums()).status, 0);

  const std::string list = scenes() + "/listfile/val_list_100.txt";
  std::ofstream(list, std::ios::app) << "\n";
  fs::remove(scenes() + "/JPEGImages/scene_000001.jpg");
  const Outcome bad = run_program("data check " + scenes() + " --json - --manifest " + sums());
  EXPECT_EQ(bad.status, 4);
  expect_two_lines(bad);
  const auto findings = nlohmann::json::parse(bad.out)["findings"];
  ASSERT_EQ(findings.size(), 2u) << bad.out;  // the missing file once
  EXPECT_EQ(findings[0]["file"], scenes() + "/JPEGImages/scene_000001.jpg");
  EXPECT_EQ(findings[1]["file"], list);
}

TEST_F(DataProgram, NoManifestIsWrittenOfBadData) {
  fs::resize_file(scenes() + "/JPEGImages/scene_000001.jpg", 100);
  EXPECT_EQ(run_program("data check " + scenes() + " --write-manifest " + sums()).status, 4);
  EXPECT_FALSE(fs::exists(sums()));
  const Outcome nowhere = run_program("data check " + scenes() + " --write-manifest /nowhere/sums");
  EXPECT_EQ(nowhere.status, 4);
  EXPECT_EQ(nowhere.out, "");  // nothing was read for it
  std::ofstream(sums()) << "nonsense\n";
  const Outcome outcome = run_program("data check " + scenes() + " --manifest " + sums());
  EXPECT_EQ(outcome.status, 4);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("sums:1: no line of a manifest"), std::string::npos) << outcome.err;
}

TEST_F(DataProgram, ClassesAreCountedAndTheSamePictureInBothListsIsNoted) {
  fs::copy_file(scenes() + "/JPEGImages/scene_000001.jpg",
                scenes() + "/JPEGImages/scene_000004.jpg", fs::copy_options::overwrite_existing);
  fs::copy_file(scenes() + "/SegmentationClass/scene_000001.png",
                scenes() + "/SegmentationClass/scene_000004.png",
                fs::copy_options::overwrite_existing);
  const Outcome outcome = run_program("data check --lang en " + scenes());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("scene_000004.jpg: the same picture as scene_000001.jpg"),
            std::string::npos)
      << outcome.err;
  EXPECT_TRUE(std::regex_search(
      outcome.out,
      std::regex("  0 background +[0-9.]+ % +3 +2\n(.*\n)*255 void +[0-9.]+ % +3 +2\n")))
      << outcome.out;
  const auto report = nlohmann::json::parse(run_program("data check --json - " + scenes()).out);
  EXPECT_EQ(report["pictures_by_label"]["void"]["train"], 3);
  EXPECT_EQ(report["pictures_by_label"]["unlabelled"]["val"], 0);
}

}  // namespace
}  // namespace hikaku

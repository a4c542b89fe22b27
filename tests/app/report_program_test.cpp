// The commands that read results: what they write, and the exit codes that a CI asks for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "run_program.h"

namespace hikaku {
namespace {

const std::string before = HIKAKU_SOURCE_DIR "/docs/results/gpu/h100-step-tf32.json";
const std::string after = HIKAKU_SOURCE_DIR "/docs/results/gpu/h100-step-bf16.json";

/// `before` with every sample twice as long.
std::string slower_copy() {
  std::string file = testing::TempDir() + "slower.json";
  const std::string script =
      "import json, sys; r = json.load(open(sys.argv[1])); "
      "[b['seconds'].update(samples=[2 * s for s in b['seconds']['samples']]) for b in "
      "r['bench']]; "
      "json.dump(r, open(sys.argv[2], 'w'))";
  EXPECT_EQ(std::system(("python3 -c \"" + script + "\" " + before + " " + file).c_str()), 0);
  return file;
}

TEST(DiffProgram, TellsACiWhatItFound) {
  const std::string slower = slower_copy();
  EXPECT_EQ(run_program("diff " + before + " " + before).status, 0);
  EXPECT_EQ(run_program("diff --strict " + before + " " + before).status, 0);
  EXPECT_EQ(run_program("diff " + before + " " + slower).status, 9);
  EXPECT_EQ(run_program("diff " + slower + " " + before).status, 0);
  // 100.5 % is just above the change, so that it is neither below nor past it for sure.
  EXPECT_EQ(run_program("diff --effect 100.5 --strict " + before + " " + slower).status, 10);
  EXPECT_EQ(run_program("diff " + before + " " + after).status, 4) << "no figure in common";
  EXPECT_EQ(run_program("diff " + before).status, 2);
  EXPECT_EQ(run_program("diff").status, 2);
}

TEST(ReportProgram, WritesEachFormat) {
  const Outcome csv = run_program("report --format csv " + before);
  EXPECT_EQ(csv.status, 0);
  EXPECT_TRUE(csv.out.starts_with("file,what,device")) << csv.out;
  const Outcome markdown = run_program("report --format md " + before);
  EXPECT_NE(markdown.out.find("| bench train\\_step tf32"), std::string::npos) << markdown.out;
  const Outcome page = run_program("report -o - " + before);
  EXPECT_TRUE(page.out.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.out.ends_with("</html>\n"));
}

TEST(ReportProgram, BringsAnotherMachinesRecordWhereThereIsNoGpu) {
  const std::string cpu = HIKAKU_SOURCE_DIR "/docs/results/scenes-128-8-epochs.json";
  EXPECT_NE(run_program("report -o - " + cpu).out.find("recorded: h100"), std::string::npos);
  EXPECT_EQ(run_program("report --only-own -o - " + cpu).out.find("recorded: h100"),
            std::string::npos);
}

TEST(ReportProgram, NeverWritesOverWhatItReads) {
  const std::string copy = testing::TempDir() + "read_and_written.json";
  std::filesystem::copy_file(before, copy, std::filesystem::copy_options::overwrite_existing);
  for (const char* command : {"report -o ", "report --format csv -o ", "diff --json "}) {
    const Outcome outcome = run_program(fmt::format("{}{} {} {}", command, copy, copy, before));
    EXPECT_EQ(outcome.status, 2) << command;
    expect_two_lines(outcome);
  }
  EXPECT_EQ(std::filesystem::file_size(copy), std::filesystem::file_size(before));
}

TEST(ReportProgram, NamesAFileThatIsAnotherKindOfJson) {
  const std::string file = testing::TempDir() + "other.json";
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"{}", "has no schema_version"},
      {"[1]", "the whole is an array"},
      {"{\"schema_version\": 7}", "schema_version is 7"}};
  for (const auto& [text, says] : kinds) {
    std::ofstream(file) << text;
    const Outcome outcome = run_program("report " + file);
    EXPECT_EQ(outcome.status, 4);
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  }
}

TEST(ReportProgram, NamesAFileThatIsNoResult) {
  const Outcome outcome = run_program("report " HIKAKU_SOURCE_DIR "/README.md");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.err.find("README.md: is not JSON"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace hikaku

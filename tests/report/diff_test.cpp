#include "report/diff.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/philox.h"
#include "base/unicode.h"
#include "golden.h"
#include "sample_result.h"

namespace hikaku {
namespace {

/// One product whose samples lie around `center`, apart by at most `spread` of it.
Result product(double center, double spread = 0.01, std::uint64_t seed = 0, int samples = 12) {
  Philox random(seed, RandomUse::check);
  Result result;
  MatmulResult matmul;
  matmul.device = "cpu";
  matmul.dtype = "f32";
  matmul.n = 1000;
  for (int i = 0; i < samples; ++i) {
    matmul.seconds.values.push_back(center * (1 + spread * (2 * random.uniform() - 1)));
  }
  result.matmul = {matmul};
  return result;
}

Verdict verdict(const Result& before, const Result& after, const DiffOptions& options = {}) {
  const Diff diff = compare_results({before}, {after}, options);
  EXPECT_EQ(diff.figures.size(), 1U);
  return diff.figures.at(0).verdict;
}

TEST(Diff, TellsFasterSlowerAndSame) {
  EXPECT_EQ(verdict(product(1), product(1.2, 0.01, 1)), Verdict::slower);
  EXPECT_EQ(verdict(product(1), product(0.8, 0.01, 1)), Verdict::faster);
  EXPECT_EQ(verdict(product(1), product(1, 0.01, 1)), Verdict::same);
}

TEST(Diff, AChangeBelowTheEffectIsNoNews) {
  EXPECT_EQ(verdict(product(1), product(1.03, 0.01, 1)), Verdict::same);
  EXPECT_EQ(verdict(product(1), product(1.03, 0.01, 1), {.effect = 0.01}), Verdict::slower);
}

TEST(Diff, IsUnsureWhenItCannotKnow) {
  EXPECT_EQ(verdict(product(1, 0.5), product(1.05, 0.5, 1)), Verdict::unsure);
  EXPECT_EQ(verdict(product(1, 0.01, 0, 3), product(1.2, 0.01, 1, 3)), Verdict::unsure);
  EXPECT_EQ(verdict(product(1, 0, 0, 1), product(1, 0, 0, 1)), Verdict::unsure);
  Result nothing = product(1);
  nothing.matmul[0].seconds.values = {not_measured};
  EXPECT_EQ(verdict(product(1), nothing), Verdict::unsure);
}

TEST(Diff, OfManyRunsComparesTheirMedians) {
  // Within a run all samples agree, but the runs do not: together they would look certain.
  std::vector<Result> before, after;
  for (int run = 0; run < 5; ++run) {
    before.push_back(product(1 + 0.1 * run, 0.001, static_cast<std::uint64_t>(run)));
    after.push_back(product(1.05 + 0.1 * run, 0.001, 10 + static_cast<std::uint64_t>(run)));
  }
  const Diff diff = compare_results(before, after, {});
  EXPECT_EQ(diff.figures[0].before.values.size(), 5U);
  EXPECT_EQ(diff.figures[0].verdict, Verdict::unsure);
  EXPECT_EQ(diff.runs, 5U);
}

TEST(Diff, NamesWhatHasNoCounterpart) {
  Result other = product(1);
  other.matmul[0].n = 2000;
  other.machine.cpu.model = "another";
  const Diff diff = compare_results({product(1)}, {other}, {});
  EXPECT_TRUE(diff.figures.empty());
  EXPECT_EQ(diff.only_before, std::vector<std::string>{"matmul f32 n=1000 cpu"});
  EXPECT_EQ(diff.only_after, std::vector<std::string>{"matmul f32 n=2000 cpu"});
  EXPECT_FALSE(diff.same_machine);
}

TEST(Diff, ShowsWhatARunTellsOnceWithoutJudgingIt) {
  Result after = sample_result();
  after.unet[0].train.profile->phase_seconds["forward"] *= 2;
  after.energy->work[0].net_joules_each = 70.5;
  const Diff diff = compare_results({sample_result()}, {after}, {});
  const std::string text = render_diff(diff, Language::en);
  for (const char* part :
       {"not judged:\n", "step forward f32 batch=16 size=256 cpu\n    +100.0%, 1.50 s -> 3.00 s",
        "energy matmul f32 cpu, of cpu\n    -50.0%, 141 J -> 70.5 J"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
  EXPECT_EQ(text.find("train epoch"), std::string::npos) << "it was projected";
  EXPECT_EQ(count(diff, Verdict::slower), 0);
}

Diff sample_diff() {
  Result after = sample_result();
  for (double& value : after.matmul[0].seconds.values) value *= 1.5;
  for (double& value : after.matmul[1].seconds.values) value *= 0.5;
  after.bench.clear();
  return compare_results({sample_result()}, {after}, {});
}

TEST(Diff, IsAsItWasLookedAt) {
  expect_golden(render_diff(sample_diff(), Language::en), "diff.en.txt");
  expect_golden(render_diff(sample_diff(), Language::ja), "diff.ja.txt");
  expect_golden(diff_json(sample_diff()), "diff.json");
}

TEST(Diff, KeepsToEightyCells) {
  for (const Language language : {Language::en, Language::ja}) {
    std::istringstream lines(render_diff(sample_diff(), language));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80) << line;
  }
}

}  // namespace
}  // namespace hikaku

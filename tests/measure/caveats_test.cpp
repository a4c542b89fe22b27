#include "measure/caveats.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hikaku {
namespace {

bool has(const std::vector<Caveat>& caveats, CaveatId id) {
  return std::any_of(caveats.begin(), caveats.end(),
                     [&](const Caveat& caveat) { return caveat.id == name_of(id); });
}

Machine calm_machine() {
  Machine machine;
  machine.cpu.cores = machine.cpu.threads = 8;
  return machine;
}

TEST(Caveats, IdsAreStable) {
  EXPECT_EQ(name_of(CaveatId::debug_build), "debug_build");
  EXPECT_EQ(name_of(CaveatId::blas_misdetected), "blas_misdetected");
  EXPECT_EQ(name_of(CaveatId::impossible_rate), "impossible_rate");
  EXPECT_EQ(name_of(CaveatId::projected), "projected");
}

TEST(Caveats, NameTheirSubjectAndARemedy) {
  const Caveat caveat = make_caveat(CaveatId::few_samples, "matmul f32 on cpu");
  EXPECT_EQ(caveat.subject, "matmul f32 on cpu");
  EXPECT_FALSE(caveat.text.empty());
  EXPECT_FALSE(caveat.remedy.empty());
}

TEST(MachineCaveats, ACalmMachineHasNone) { EXPECT_TRUE(machine_caveats(calm_machine()).empty()); }

TEST(MachineCaveats, EachFaultIsTold) {
  Machine machine = calm_machine();
  machine.cpu.governor = "powersave";
  machine.cpu.virtualised = true;
  machine.cpu.load = 7;
  machine.cpu.threads = 16;
  machine.cpu.cpu_limit = 2;
  const auto found = machine_caveats(machine);
  for (const CaveatId id : {CaveatId::cpu_scaling, CaveatId::virtualised, CaveatId::busy_machine,
                            CaveatId::oversubscribed, CaveatId::cpu_limit}) {
    EXPECT_TRUE(has(found, id)) << name_of(id);
  }
  machine.cpu.threads = 1;
  EXPECT_TRUE(has(machine_caveats(machine), CaveatId::fewer_threads));
  EXPECT_FALSE(has(machine_caveats(machine), CaveatId::oversubscribed));
}

TEST(SampleCaveats, FewAndNoisy) {
  EXPECT_TRUE(sample_caveats({{1, 1, 1, 1, 1}}, "x").empty());
  EXPECT_TRUE(has(sample_caveats({{1, 1, 1, 1}}, "x"), CaveatId::few_samples));
  EXPECT_TRUE(has(sample_caveats({{1, 1.2, 0.8, 1.3, 0.7}}, "x"), CaveatId::noisy_samples));
}

TEST(RateCaveat, BeginsAboveElevenTenthsOfThePeak) {
  EXPECT_FALSE(rate_caveat(1.09e12, 1e12, "x"));
  ASSERT_TRUE(rate_caveat(1.11e12, 1e12, "x"));
  EXPECT_EQ(rate_caveat(1.11e12, 1e12, "x")->id, "impossible_rate");
  EXPECT_FALSE(rate_caveat(1e12, 0, "no peak known"));
}

}  // namespace
}  // namespace hikaku

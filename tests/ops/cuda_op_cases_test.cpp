// The table of op cases on the GPU, in each precision, against the reference. Skipped where there
// is no GPU or the module is missing.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <ostream>
#include <tuple>

#include "../support/relative_l2.h"
#include "base/error.h"
#include "base/tuning.h"
#include "compare/op_cases.h"
#include "device/cuda_module.h"

namespace hikaku {

void PrintTo(const OpCase& op_case, std::ostream* out) { *out << op_case.name; }
void PrintTo(Precision precision, std::ostream* out) { *out << name_of(precision); }

namespace {

/// One GPU, opened once for each precision; null with the reason where it cannot be.
struct Gpu {
  std::unique_ptr<Backend> backend;
  std::string why_not;
};

const Gpu& gpu(Precision precision) {
  static std::map<Precision, Gpu> opened;
  const auto [found, fresh] = opened.try_emplace(precision);
  if (!fresh) return found->second;
  try {
    // A scale of 1: single ops are compared with what they are given.
    found->second.backend =
        open_cuda({.precision = precision, .tuning_file = default_tuning_file(), .loss_scale = 1});
  } catch (const Error& error) {
    if (error.code() != ExitCode::missing) throw;
    found->second.why_not = error.what();
  }
  return found->second;
}

class CudaOpCaseTest : public testing::TestWithParam<std::tuple<Precision, OpCase>> {};

TEST_P(CudaOpCaseTest, AgreesWithTheReference) {
  const auto& [precision, op_case] = GetParam();
  const Gpu& device = gpu(precision);
  if (device.backend == nullptr) GTEST_SKIP() << device.why_not;
  OpOutputs found;
  try {
    found = run_case(op_case, *device.backend);
  } catch (const Error& error) {
    if (error.code() != ExitCode::usage) throw;
    GTEST_SKIP() << error.what();  // a shape that no library has in this type
  }
  const OpOutputs truth = reference_case(op_case, activation_type(*device.backend));
  ASSERT_EQ(found.size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_EQ(found[i].name, truth[i].name);
    ASSERT_EQ(found[i].values.size(), truth[i].values.size()) << truth[i].name;
    EXPECT_LE(relative_l2(truth[i].values, found[i].values),
              op_limit(op_case, truth[i].name, precision))
        << truth[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cuda, CudaOpCaseTest,
                         testing::Combine(testing::Values(Precision::f32, Precision::f32x,
                                                          Precision::tf32, Precision::bf16,
                                                          Precision::f16),
                                          testing::ValuesIn(op_cases())),
                         [](const auto& info) {
                           return std::string(name_of(std::get<0>(info.param))) + "_" +
                                  std::get<1>(info.param).name;
                         });

}  // namespace
}  // namespace hikaku

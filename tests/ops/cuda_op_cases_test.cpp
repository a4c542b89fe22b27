// The table of op cases on the GPU, in each precision, against the reference. Skipped where there
// is no GPU or the module is missing.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <ostream>
#include <tuple>
#include <vector>

#include "../support/relative_l2.h"
#include "base/error.h"
#include "base/tuning.h"
#include "compare/op_cases.h"
#include "device/cuda_module.h"

namespace hikaku {

void PrintTo(const OpCase& op_case, std::ostream* out) { *out << op_case.name; }
void PrintTo(Precision precision, std::ostream* out) { *out << name_of(precision); }

namespace {

/// Null with the reason where it cannot be opened.
struct Gpu {
  std::unique_ptr<Backend> backend;
  std::string why_not;
};

Gpu open(const CudaOptions& options) {
  try {
    return {open_cuda(options), {}};
  } catch (const Error& error) {
    if (error.code() != ExitCode::missing) throw;
    return {nullptr, error.what()};
  }
}

void expect_as_the_reference(const OpCase& op_case, Precision precision, const Gpu& device) {
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

class CudaOpCaseTest : public testing::TestWithParam<std::tuple<Precision, OpCase>> {};

TEST_P(CudaOpCaseTest, AgreesWithTheReference) {
  const auto& [precision, op_case] = GetParam();
  // Each precision is opened once.
  static std::map<Precision, Gpu> opened;
  const auto [device, fresh] = opened.try_emplace(precision);
  if (fresh) {
    // A scale of 1: single ops are compared with what they are given.
    device->second =
        open({.precision = precision, .tuning_file = default_tuning_file(), .loss_scale = 1});
  }
  expect_as_the_reference(op_case, precision, device->second);
}

class CudaShortOfWorkspaceTest : public testing::TestWithParam<OpCase> {};

// Engines that want more take a part of the pictures at a time, or give way to others.
TEST_P(CudaShortOfWorkspaceTest, AgreesWithTheReference) {
  constexpr std::size_t little = 64 << 10;
  static const Gpu device =
      open({.precision = Precision::f32, .tuning_file = {}, .workspace_limit = little});
  expect_as_the_reference(GetParam(), Precision::f32, device);
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

std::vector<OpCase> convolutions() {
  std::vector<OpCase> cases = op_cases();
  std::erase_if(cases, [](const OpCase& op_case) { return !op_case.name.starts_with("conv2d"); });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Cuda, CudaShortOfWorkspaceTest, testing::ValuesIn(convolutions()),
                         [](const auto& info) { return "f32_" + info.param.name; });

}  // namespace
}  // namespace hikaku

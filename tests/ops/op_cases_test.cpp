// A backend against the reference, by the table of op cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <set>

#include "../support/relative_l2.h"
#include "compare/op_cases.h"
#include "cpu/backend.h"

namespace hikaku {

void PrintTo(const OpCase& op_case, std::ostream* out) { *out << op_case.name; }

namespace {

class OpCaseTest : public testing::TestWithParam<OpCase> {
 protected:
  static Backend& cpu() {
    static const std::unique_ptr<Backend> backend = make_cpu_backend();
    return *backend;
  }
};

TEST_P(OpCaseTest, AgreesWithTheReference) {
  const OpOutputs truth = reference_case(GetParam()), found = run_case(GetParam(), cpu());
  ASSERT_EQ(found.size(), truth.size());
  const char* algorithm = std::getenv("HIKAKU_CONV2D");
  const bool direct = algorithm != nullptr && std::string_view(algorithm) == "direct";
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_EQ(found[i].name, truth[i].name);
    ASSERT_EQ(found[i].values.size(), truth[i].values.size()) << truth[i].name;
    const double limit = op_limit(GetParam(), truth[i].name, Precision::f32, direct);
    EXPECT_LE(relative_l2(truth[i].values, found[i].values), limit) << truth[i].name;
  }
}

/// A comparison of zeros would prove nothing. (On a map of 1 x 1, eight weights of nine are not
/// used.)
TEST_P(OpCaseTest, HasOutputsThatAreMostlyNotZero) {
  for (const OpOutput& output : reference_case(GetParam())) {
    const auto zeros = std::count(output.values.begin(), output.values.end(), 0.0);
    EXPECT_LE(static_cast<double>(zeros), 0.9 * static_cast<double>(output.values.size()))
        << output.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cpu, OpCaseTest, testing::ValuesIn(op_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(OpCases, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const OpCase& op_case : op_cases()) {
    EXPECT_TRUE(names.insert(op_case.name).second) << op_case.name;
    EXPECT_TRUE(op_case.name.starts_with(kind_of(op_case))) << op_case.name;
  }
}

}  // namespace
}  // namespace hikaku

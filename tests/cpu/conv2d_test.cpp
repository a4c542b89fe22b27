// Which algorithm a convolution takes, and what it does with a choice that was kept.
#include "cpu/conv2d.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "../base/scoped_variable.h"
#include "../base/scratch_folder.h"
#include "base/error.h"

namespace hikaku::cpu {
namespace {

class ConvChoiceTest : public test::ScratchFolder {
 protected:
  /// Plans a convolution that Winograd fits, and keeps what was chosen.
  static void plan() {
    Context context;
    const CpuConv2d conv({{2, 32, 16, 16}, 32, 3, 32}, ConvUse::training, context);
    context.tuning.save();
  }
  [[nodiscard]] nlohmann::json kept() const { return nlohmann::json::parse(std::ifstream(file)); }
  void keep_everywhere(const std::string& choice) {
    nlohmann::json json = kept();
    for (auto& machine : json) {
      for (auto& kept_choice : machine) kept_choice = choice;
    }
    std::ofstream(file) << json;
  }

  std::string file = path("hikaku/tuning.json");
  ScopedVariable cache{"XDG_CACHE_HOME", path("").string()};
};

TEST_F(ConvChoiceTest, AKeptChoiceThatTheLibraryLacksIsTimedAgain) {
  plan();
  for (const char* choice : {"an_algorithm_of_tomorrow", "onednn_winograd"}) {
    keep_everywhere(choice);
    ASSERT_NO_THROW(plan()) << choice;
  }
  Context context;
  bool has_winograd = true;
  try {
    CpuConv2d({{2, 32, 16, 16}, 32, 3, 32}, ConvUse::training, context,
              ConvAlgorithm::onednn_winograd);
  } catch (const dnnl::error&) {
    has_winograd = false;
  }
  for (const auto& machine : kept()) {
    for (const auto& choice : machine) {
      EXPECT_EQ(choice.get<std::string>() == "onednn_winograd", has_winograd);
    }
  }
}

TEST_F(ConvChoiceTest, AWishForAnUnknownAlgorithmIsRefused) {
  const ScopedVariable wish{"HIKAKU_CONV2D", "fastest"};
  try {
    plan();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("fastest"), std::string::npos);
  }
}

}  // namespace
}  // namespace hikaku::cpu

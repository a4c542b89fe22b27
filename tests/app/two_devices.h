// A folder with the program beside a module for GPUs, and a driver to be found: devices that this
// machine need not have.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "run_program.h"

namespace hikaku {

class TwoDevices : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    program_ = (folder_ / "hikaku").string();
    std::filesystem::create_hard_link(HIKAKU_PROGRAM, program_);
    place(HIKAKU_FAKE_MODULE, "libhikaku_cuda.so");
    place(HIKAKU_STUB_DRIVER_FILE, "libcuda.so.1");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// The file under the name by which it is looked for; "" takes it away.
  void place(const std::string& file, const std::string& name) const {
    std::filesystem::remove(folder_ / name);
    if (!file.empty()) std::filesystem::create_symlink(file, folder_ / name);
  }
  /// With the folder's libraries before those of the system.
  [[nodiscard]] Outcome run(const std::string& arguments, const std::string& variables = "") const {
    return run_program(arguments, "LD_LIBRARY_PATH=" + folder_.string() + " " + variables,
                       program_);
  }
  [[nodiscard]] nlohmann::json run_to_json(const std::string& arguments,
                                           const std::string& variables = "") const {
    const Outcome outcome = run(arguments + " --json -", variables);
    EXPECT_EQ(outcome.status, 0) << arguments << "\n" << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(HIKAKU_TWO_DEVICES) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
  std::string program_;
};

}  // namespace hikaku

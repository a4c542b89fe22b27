// Runs the program as a shell would, and keeps what it prints.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace hikaku {

struct Outcome {
  int status = -1;  ///< the exit status; 128 + the signal where one ended it
  std::string out, err;
};

/// The device of tests that can run on any: "cuda" where tools/gpu-check asks for it, else "".
inline std::string test_device() {
  const char* device = std::getenv("HIKAKU_TEST_DEVICE");
  return device != nullptr ? device : "";
}

/// `arguments` goes through the shell, so that it may hold redirections; `before` stands in front
/// of the program: variables, a pipe. A GPU of this machine is hidden, for what is expected is the
/// CPU's, unless the tests are run for it.
inline Outcome run_program(const std::string& arguments, const std::string& before = "",
                           const std::string& program = HIKAKU_PROGRAM) {
  const std::string folder = std::filesystem::temp_directory_path() / "hikaku_program_XXXXXX";
  std::string made = folder;
  if (mkdtemp(made.data()) == nullptr) return {};
  const std::string hidden = test_device().empty() ? "export CUDA_VISIBLE_DEVICES=-1; " : "";
  const std::string command = "( " + hidden + before + " " + program + " " + arguments + " ) >" +
                              made + "/out 2>" + made + "/err";
  const int status = std::system(command.c_str());
  const auto read = [](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                  read(made + "/out"), read(made + "/err")};
  std::filesystem::remove_all(made);
  return outcome;
}

/// Nothing but the two lines of an error on stderr.
inline void expect_two_lines(const Outcome& outcome) {
  static const std::regex two_lines("error: .+\nfix: .+\n");
  EXPECT_TRUE(std::regex_match(outcome.err, two_lines)) << outcome.err;
}

}  // namespace hikaku

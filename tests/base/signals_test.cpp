#include "base/signals.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/console.h"

namespace hikaku {
namespace {

int code_after(int signal) {
  if (stop_requested()) return 1;
  std::raise(signal);
  return static_cast<int>(stop_requested().value_or(ExitCode::ok));
}

// Each statement runs in a process of its own: a request to stop cannot be taken back.
TEST(Signals, TheFirstAsksToStop) {
  EXPECT_EXIT((install_signal_handlers(), std::exit(code_after(SIGINT))),
              testing::ExitedWithCode(130), "");
  EXPECT_EXIT((install_signal_handlers(), std::exit(code_after(SIGTERM))),
              testing::ExitedWithCode(143), "");
  EXPECT_EXIT((install_signal_handlers(), std::exit(code_after(SIGHUP))),
              testing::ExitedWithCode(143), "");
}

bool handled_apart(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  stack_t stack{};
  sigaltstack(nullptr, &stack);
  return (action.sa_flags & SA_ONSTACK) != 0 && (stack.ss_flags & SS_DISABLE) == 0 &&
         stack.ss_size >= static_cast<std::size_t>(MINSIGSTKSZ);
}

// A handler on the thread's stack writes over what oneDNN's kernels keep below it.
TEST(Signals, TheHandlersHaveAStackOfTheirOwn) {
  EXPECT_EXIT(
      (install_signal_handlers(),
       std::exit(handled_apart(SIGINT) && handled_apart(SIGTERM) && handled_apart(SIGHUP) ? 42
                                                                                          : 1)),
      testing::ExitedWithCode(42), "");
}

void wait_for_another_request() {
  std::this_thread::sleep_for(std::chrono::milliseconds(one_request_milliseconds + 10));
}

TEST(Signals, ALaterOneEndsAtOnce) {
  EXPECT_EXIT((install_signal_handlers(), std::raise(SIGTERM), wait_for_another_request(),
               std::raise(SIGINT), std::exit(0)),
              testing::ExitedWithCode(130), "");
}

TEST(Signals, OneRightBehindIsTheSameRequest) {
  EXPECT_EXIT((install_signal_handlers(), std::raise(SIGTERM), std::raise(SIGTERM),
               std::exit(stop_requested() == ExitCode::terminated ? 42 : 1)),
              testing::ExitedWithCode(42), "");
}

TEST(Signals, WhatWasIgnoredStaysIgnored) {
  EXPECT_EXIT(
      (std::signal(SIGINT, SIG_IGN), install_signal_handlers(), std::exit(code_after(SIGINT))),
      testing::ExitedWithCode(0), "");
}

TEST(Signals, ALoopWithNothingToSaveThrows) {
  EXPECT_EXIT(
      {
        install_signal_handlers();
        std::raise(SIGINT);
        try {
          stop_if_requested();
        } catch (const Error& error) {
          std::exit(static_cast<int>(error.code()));
        }
      },
      testing::ExitedWithCode(130), "");
}

TEST(Signals, AReaderWhoLeavesIsAnErrorOfTheWrite) {
  EXPECT_EXIT(
      {
        install_signal_handlers();
        int ends[2];
        if (pipe(ends) != 0) std::exit(1);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        try {
          write_stdout("x");
        } catch (const Error& error) {
          std::exit(static_cast<int>(error.code()));
        }
      },
      testing::ExitedWithCode(4), "");
}

}  // namespace
}  // namespace hikaku

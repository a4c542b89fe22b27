#include "base/console.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/unicode.h"

namespace hikaku {
namespace {

/// A console that writes into a pipe, at a time that the test sets.
class ConsoleTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(pipe_), 0);
    // Room for all that a test writes before it reads.
    fcntl(pipe_[1], F_SETPIPE_SZ, 1 << 20);
  }
  void TearDown() override { close(pipe_[0]); }

  Console make(Terminal terminal, bool quiet = false) {
    return {pipe_[1], terminal, quiet, [this] { return now_; }};
  }
  /// All that was written; the console may not be used afterwards.
  std::string written() {
    close(pipe_[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(pipe_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }

  int pipe_[2] = {-1, -1};
  double now_ = 0;
};

TEST_F(ConsoleTest, AnErrorIsTwoLines) {
  Console console = make({});
  console.error("a.jpg: ends early", "replace the file");
  EXPECT_EQ(written(), "error: a.jpg: ends early\nfix: replace the file\n");
}

TEST_F(ConsoleTest, QuietKeepsWarningsAndErrors) {
  Console console = make({}, true);
  console.note("n");
  console.warning("w");
  console.error("e", "f");
  EXPECT_EQ(written(), "warning: w\nerror: e\nfix: f\n");
}

TEST_F(ConsoleTest, ColorIsOnTheFirstWordOnly) {
  Console console = make({.color = true});
  console.warning("w");
  EXPECT_EQ(written(), "\x1b[1;33mwarning:\x1b[0m w\n");
}

TEST_F(ConsoleTest, WithoutRedrawALineEveryTenSeconds) {
  Console console = make({});
  {
    Progress progress(console, "epoch 1", 40);
    for (int step = 1; step <= 25; ++step) {
      now_ += 1;
      progress.update(step, 16.0, 2.5);
    }
  }
  EXPECT_EQ(written(),
            "note: epoch 1: step 10 of 40, 16 images/s, loss 2.5, ETA 0:30\n"
            "note: epoch 1: step 20 of 40, 16 images/s, loss 2.5, ETA 0:20\n");
}

TEST_F(ConsoleTest, AMessageStandsAboveTheBarAndTheEndWipesIt) {
  Console console = make({.redraw = true, .width = 40});
  {
    Progress progress(console, "epoch 1", 2);
    progress.update(1);
    console.warning("w");
    progress.update(2);  // no time has passed: not drawn
  }
  const std::string wipe = "\r\x1b[K";
  const std::string text = written();
  EXPECT_TRUE(text.starts_with(wipe + "epoch 1 [")) << text;
  const std::string shown = text.substr(wipe.size(), text.find(wipe, 1) - wipe.size());
  EXPECT_EQ(text, wipe + shown + wipe + "warning: w\n" + shown + wipe);
}

TEST_F(ConsoleTest, ALineStaysWhereThereAreBarsAndIsNothingElsewhere) {
  Console shown = make({.redraw = true}), piped = make({}), quiet = make({.redraw = true}, true);
  for (Console* console : {&shown, &piped, &quiet}) console->line("bar");
  EXPECT_EQ(written(), "bar\n");
}

TEST_F(ConsoleTest, ThreadsDoNotMixTheirLines) {
  Console console = make({});
  {
    const auto chat = [&console] {
      for (int i = 0; i < 200; ++i) console.note("0123456789");
    };
    const std::jthread one(chat), other(chat);
  }
  std::string expected;
  for (int i = 0; i < 400; ++i) expected += "note: 0123456789\n";
  EXPECT_EQ(written(), expected);
}

TEST(ProgressBar, FitsTheTerminalInBothAlphabets) {
  const ProgressState state{"学習 1", 12, 19, 8.0, 1.5, 2.345678};
  for (const int width : {20, 40, 60, 80, 200}) {
    for (const bool utf8 : {false, true}) {
      const std::string bar = progress_bar(state, {.utf8 = utf8, .width = width});
      EXPECT_LT(display_width(bar), width) << bar;
    }
  }
  EXPECT_EQ(progress_bar(state, {.width = 80}),
            "学習 1 [#################...........] 12/19  1.5 images/s  loss 2.346  ETA 0:05");
}

TEST(ProgressBar, WhereItIsNarrowTheLossGoesFirst) {
  ProgressState state{"cuda:0 bf16 train", 12, 19, 8.0, 1009, 1.876};
  state.busy = "CPU 12% GPU 97%";
  EXPECT_EQ(progress_bar(state, {.width = 80}),
            "cuda:0 bf16 train [######.....] 12/19  1009 images/s  ETA 0:05  CPU 12% GPU 97%");
  EXPECT_NE(progress_bar(state, {.width = 120}).find("loss 1.876"), std::string::npos);
  EXPECT_NE(progress_bar(state, {.width = 70}).find("loss 1.876"), std::string::npos);
  EXPECT_EQ(progress_bar(state, {.width = 70}).find("CPU"), std::string::npos);
}

TEST(ProgressBar, GrowsOnTheScaleOfAnother) {
  ProgressState state{"e", 19, 20, 2.0, {}, {}};
  state.whole_seconds = 20;
  EXPECT_EQ(progress_bar(state, {.width = 35}), "e [#.............] 19/20  ETA 0:01");
}

TEST(ProgressBar, WhatWasDoneBeforeTookNoTimeOfThisRun) {
  ProgressState state{"e", 801, 1000, 1.0, {}, {}};
  EXPECT_NE(progress_bar(state, {.width = 60}).find("ETA 0:01"), std::string::npos);
  state.first = 800;
  EXPECT_NE(progress_bar(state, {.width = 60}).find("ETA 3:19"), std::string::npos);
}

TEST(ProgressBar, EighthsOfAColumnInUtf8) {
  const std::string bar = progress_bar({"e", 1, 64, 0, {}, {}}, {.utf8 = true, .width = 28});
  EXPECT_EQ(bar, "e ▕▏       ▏ 1/64  ETA 0:00");
}

TEST(WriteStdout, AFullDeviceIsAnError) {
  const int full = open("/dev/full", O_WRONLY);
  const int saved = dup(STDOUT_FILENO);
  dup2(full, STDOUT_FILENO);
  std::string what;
  ExitCode code = ExitCode::ok;
  try {
    write_stdout("x");
  } catch (const Error& error) {
    what = error.what();
    code = error.code();
  }
  dup2(saved, STDOUT_FILENO);
  close(full);
  close(saved);
  EXPECT_EQ(code, ExitCode::bad_data);
  EXPECT_EQ(what, "stdout: No space left on device; an open stream with room is needed");
}

TEST(ReserveStandardStreams, AClosedStdoutStaysAnError) {
  EXPECT_EXIT(
      {
        close(STDOUT_FILENO);
        reserve_standard_streams();
        const bool reserved = open("/dev/null", O_WRONLY) > STDERR_FILENO;
        try {
          write_stdout("x");
        } catch (const Error& error) {
          std::exit(reserved ? static_cast<int>(error.code()) : 1);
        }
        std::exit(0);
      },
      testing::ExitedWithCode(4), "");
}

}  // namespace
}  // namespace hikaku

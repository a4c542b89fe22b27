#include "base/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/locale.h"
#include "scoped_variable.h"

namespace hikaku {
namespace {

class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    winsize size{};
    size.ws_col = 132;
    if (openpty(&controller_, &terminal_, nullptr, nullptr, &size) != 0) {
      GTEST_SKIP() << "this system has no pseudo-terminals (/dev/pts)";
    }
  }
  void TearDown() override {
    close(controller_);
    close(terminal_);
  }
  int controller_ = -1, terminal_ = -1;
  ScopedVariable no_color_{"NO_COLOR", ""}, force_{"CLICOLOR_FORCE", ""}, ci_{"CI", ""};
  ScopedVariable term_{"TERM", "xterm"}, locale_{"LC_ALL", "ja_JP.UTF-8"};
};

TEST_F(TerminalTest, ATerminalHasColorRedrawAndItsOwnWidth) {
  const Terminal found = inspect_terminal(terminal_, ColorChoice::automatic);
  EXPECT_TRUE(found.is_terminal);
  EXPECT_TRUE(found.color);
  EXPECT_TRUE(found.redraw);
  EXPECT_TRUE(found.utf8);
  EXPECT_EQ(found.width, 132);
}

TEST_F(TerminalTest, ADumbTerminalHasNone) {
  const ScopedVariable dumb("TERM", "dumb");
  const Terminal found = inspect_terminal(terminal_, ColorChoice::automatic);
  EXPECT_FALSE(found.color);
  EXPECT_FALSE(found.redraw);
}

TEST_F(TerminalTest, CiKeepsLinesAsTheyAre) {
  const ScopedVariable ci("CI", "true");
  EXPECT_FALSE(inspect_terminal(terminal_, ColorChoice::automatic).redraw);
}

TEST_F(TerminalTest, NoColorBeatsForceAndTheOptionBeatsBoth) {
  const ScopedVariable no_color("NO_COLOR", "1"), force("CLICOLOR_FORCE", "1");
  EXPECT_FALSE(inspect_terminal(terminal_, ColorChoice::automatic).color);
  EXPECT_TRUE(inspect_terminal(terminal_, ColorChoice::always).color);
}

TEST_F(TerminalTest, AFileHasColorOnlyByForce) {
  const int file = open("/dev/null", O_WRONLY);
  EXPECT_FALSE(inspect_terminal(file, ColorChoice::automatic).color);
  const ScopedVariable force("CLICOLOR_FORCE", "1");
  EXPECT_TRUE(inspect_terminal(file, ColorChoice::automatic).color);
  EXPECT_FALSE(inspect_terminal(file, ColorChoice::never).color);
  EXPECT_FALSE(inspect_terminal(file, ColorChoice::automatic).redraw);
  close(file);
}

TEST(Locale, TheFirstVariableThatIsSetDecides) {
  const ScopedVariable none("LC_ALL", ""), messages("LC_MESSAGES", "ja_JP"), lang("LANG", "en_US");
  EXPECT_EQ(language_of_locale(), Language::ja);
  const ScopedVariable all("LC_ALL", "C");
  EXPECT_EQ(language_of_locale(), Language::en);
}

TEST(Printable, NothingMovesTheCursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\r.jpg"), "a\\x1b[2Jb\\x0d.jpg");
  EXPECT_EQ(printable("学習\n"), "学習\n");
}

}  // namespace
}  // namespace hikaku

#include "base/console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/unicode.h"

namespace hikaku {
namespace {

constexpr const char* wipe_line = "\r\x1b[K";

/// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// Images per second, loss and time left, as far as they are known.
std::string figures(const ProgressState& state, std::string_view separator) {
  std::string text;
  if (state.images_per_second) {
    const double rate = *state.images_per_second;
    text += fmt::format("{}{} images/s", separator,
                        rate < 1000 ? fmt::format("{:.3g}", rate) : fmt::format("{:.0f}", rate));
  }
  if (state.loss) text += fmt::format("{}loss {:.4g}", separator, *state.loss);
  if (state.step > state.first && state.step < state.steps) {
    const double left = state.seconds / static_cast<double>(state.step - state.first) *
                        static_cast<double>(state.steps - state.step);
    text += fmt::format("{}ETA {}", separator, duration(left));
  }
  if (!state.busy.empty()) text += fmt::format("{}{}", separator, state.busy);
  return text;
}

std::string bar_of(double fraction, int columns, bool utf8) {
  const std::string filled = filled_columns(fraction, columns, utf8);
  return utf8 ? "▕" + filled + "▏" : "[" + filled + "]";
}

}  // namespace

void write_stdout(std::string_view text) {
  if (const int code = write_all(STDOUT_FILENO, text); code != 0) {
    throw Error(ExitCode::bad_data,
                fmt::format("stdout: {}; an open stream with room is needed", std::strerror(code)),
                "write to another file, or read all that comes through the pipe");
  }
}

void reserve_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // open() takes the lowest free number, which is this one. Read-only, so that a write fails.
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

Console::Console(int fd, Terminal terminal, bool quiet, Clock clock)
    : fd_(fd), terminal_(terminal), quiet_(quiet), clock_(std::move(clock)) {}

// Nobody is left to tell that stderr cannot be written.
void Console::write(std::string_view text) const { write_all(fd_, text); }

void Console::message(std::string_view kind, std::string_view color, std::string_view text) {
  const std::string head =
      terminal_.color ? fmt::format("\x1b[{}m{}:\x1b[0m ", color, kind) : fmt::format("{}: ", kind);
  above_bar(head + printable(text));
}

void Console::above_bar(const std::string& text) const {
  write((bar_.empty() ? "" : wipe_line) + text + "\n" + bar_);
}

void Console::line(std::string_view text) {
  if (quiet_ || !terminal_.redraw) return;
  const std::lock_guard lock(mutex_);
  above_bar(std::string(text));
}

void Console::error(std::string_view found, std::string_view fix) {
  const std::lock_guard lock(mutex_);
  message("error", "1;31", found);
  message("fix", "1;32", fix);
}

void Console::warning(std::string_view text) {
  const std::lock_guard lock(mutex_);
  message("warning", "1;33", text);
}

void Console::note(std::string_view text) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  message("note", "1;36", text);
}

void Console::draw_bar(std::string text) {
  const std::lock_guard lock(mutex_);
  if (bar_.empty() && text.empty()) return;
  bar_ = std::move(text);
  write(wipe_line + bar_);
}

std::string progress_line(const ProgressState& state) {
  return fmt::format("{}: step {} of {}{}", state.label, state.step, state.steps,
                     figures(state, ", "));
}

std::string filled_columns(double fraction, int columns, bool utf8) {
  if (!utf8) {
    const auto full = static_cast<int>(fraction * columns);
    return std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(columns - full), '.');
  }
  constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto filled = static_cast<int>(fraction * columns * 8);
  std::string bar;
  for (int i = 0; i < filled / 8; ++i) bar += "█";
  bar += eighths[filled % 8];
  const int blank = columns - filled / 8 - (filled % 8 == 0 ? 0 : 1);
  return bar + std::string(static_cast<std::size_t>(blank), ' ');
}

std::string progress_bar(const ProgressState& state, const Terminal& terminal) {
  constexpr int shortest = 8, longest = 40;
  ProgressState shown = state;
  const auto right = [&] {
    return fmt::format(" {}/{}{}", shown.step, shown.steps, figures(shown, "  "));
  };
  // The last column stays free: some terminals begin a new line there.
  const auto room = [&] {
    return terminal.width - 1 - display_width(right()) - display_width(shown.label) - 3;
  };
  if (room() < shortest && !shown.busy.empty()) shown.loss.reset();
  if (room() < shortest) {
    shown.busy.clear();
    shown.loss = state.loss;
  }
  if (room() < shortest) return std::string(fit(shown.label + right(), terminal.width - 1));
  const double done = state.whole_seconds > 0 ? state.seconds / state.whole_seconds
                      : state.steps == 0
                          ? 1
                          : static_cast<double>(state.step) / static_cast<double>(state.steps);
  return shown.label + " " +
         bar_of(std::clamp(done, 0.0, 1.0), std::min(room(), longest), terminal.utf8) + right();
}

Progress::Progress(Console& console, const std::string& label, std::int64_t steps,
                   double whole_seconds, std::int64_t first)
    : console_(console), begin_(console.clock_()) {
  state_.label = printable(label);
  state_.steps = steps;
  state_.whole_seconds = whole_seconds;
  state_.first = first;
}

Progress::~Progress() { console_.draw_bar(""); }

void Progress::update(std::int64_t step, std::optional<double> images_per_second,
                      std::optional<double> loss, const std::string& busy) {
  if (console_.quiet_) return;
  const double now = console_.clock_();
  const bool redraw = console_.terminal_.redraw;
  const double interval = redraw ? 0.1 : 10;
  // The first plain line, too, waits its ten seconds: a phase that is soon over needs none.
  if (now - shown_.value_or(redraw ? now - interval : begin_) < interval) return;
  shown_ = now;
  state_.step = step;
  state_.seconds = now - begin_;
  state_.images_per_second = images_per_second;
  state_.loss = loss;
  state_.busy = busy;
  if (redraw) {
    console_.draw_bar(progress_bar(state_, console_.terminal_));
  } else {
    console_.note(progress_line(state_));
  }
}

}  // namespace hikaku

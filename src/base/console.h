// The two streams of the program: results go to stdout by write_stdout, all else to stderr by the
// one Console, which keeps messages and the progress bar from writing over each other.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/terminal.h"

namespace hikaku {

/// Writes all of `text`. Throws ExitCode::bad_data where stdout is closed or full: a result that
/// got lost is a failure.
void write_stdout(std::string_view text);

/// Puts /dev/null in the place of each standard stream that is closed, so that no file opened later
/// takes its number and gets messages written into it. stdout stays unwritable.
void reserve_standard_streams();

/// Every member may be called from any thread.
class Console {
 public:
  using Clock = std::function<double()>;  ///< seconds

  Console(int fd, Terminal terminal, bool quiet, Clock clock = clock_seconds);

  void error(std::string_view found, std::string_view fix);  ///< the two lines, also when quiet
  void warning(std::string_view text);
  void note(std::string_view text);  ///< nothing when quiet
  /// Stays above the bars, where there are bars; else nothing.
  void line(std::string_view text);

  [[nodiscard]] const Terminal& terminal() const { return terminal_; }

 private:
  friend class Progress;

  void message(std::string_view kind, std::string_view color, std::string_view text);
  void above_bar(const std::string& text) const;
  void draw_bar(std::string text);  ///< "" wipes it
  void write(std::string_view text) const;

  int fd_;
  Terminal terminal_;
  bool quiet_;
  Clock clock_;
  std::mutex mutex_;
  std::string bar_;  ///< what stands on the last line now
};

struct ProgressState {
  std::string label;  ///< "epoch 1 of 3"
  std::int64_t step = 0, steps = 0;
  double seconds = 0;  ///< since the beginning
  std::optional<double> images_per_second, loss;
  std::string busy = {};     ///< "CPU 98%"
  double whole_seconds = 0;  ///< of a full bar; 0: the last step fills it
  std::int64_t first = 0;    ///< steps that were done before the beginning
};

/// A bar of so many columns, blanks included: eighths of a block, or "#" where there is no UTF-8.
[[nodiscard]] std::string filled_columns(double fraction, int columns, bool utf8);

/// A bar as wide as the terminal; where it is narrow, the loss goes before what is busy. Or one
/// plain line without control characters.
[[nodiscard]] std::string progress_bar(const ProgressState& state, const Terminal& terminal);
[[nodiscard]] std::string progress_line(const ProgressState& state);

/// The progress of one phase: a bar where the line can be redrawn, else a line every ten seconds.
class Progress {
 public:
  Progress(Console& console, const std::string& label, std::int64_t steps, double whole_seconds = 0,
           std::int64_t first = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::int64_t step, std::optional<double> images_per_second = {},
              std::optional<double> loss = {}, const std::string& busy = {});

 private:
  Console& console_;
  ProgressState state_;
  double begin_;
  std::optional<double> shown_;
};

}  // namespace hikaku

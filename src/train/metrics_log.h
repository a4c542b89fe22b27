// The figures of each epoch, in files that other programs read:
//   metrics.csv     one line an epoch, the names of the columns first; an absent figure is "nan"
//   metrics.jsonl   one JSON object a line, with the confusion matrix; an absent figure is null
//   times.csv       the seconds of each epoch
// The first two depend on nothing but the training: one that was stopped and went on writes the
// same bytes as one that was not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "train/trainer.h"

namespace hikaku {

struct EpochFigures {
  std::int64_t epoch = 1;    ///< counted from 1
  std::int64_t steps = 0;    ///< of Adam, since the beginning
  double learning_rate = 0;  ///< of its last step
  const PhaseStats* train = nullptr;
  const EvalStats* eval = nullptr;
};

/// A line of JSON, what metrics.jsonl has under "val".
[[nodiscard]] std::string to_json(const EvalStats& eval);

class MetricsLog {
 public:
  /// Goes on behind the lines of the first `epochs` epochs: later ones, and one that was cut short,
  /// are taken out. A file with another first line is renamed to NAME.old, which `say` is told.
  MetricsLog(const std::filesystem::path& folder, const Classes& classes, std::int64_t epochs,
             const std::function<void(const std::string&)>& say);

  /// The lines of one more epoch, for the next flush().
  void add(const EpochFigures& figures);
  /// Returns when all lines are on the disk. Throws ExitCode::bad_data naming the file; what could
  /// not be written is tried again by the next call.
  void flush();

 private:
  struct File {
    std::filesystem::path path;
    std::string lines;  ///< not on the disk yet
  };
  File csv_, json_, times_;
};

}  // namespace hikaku

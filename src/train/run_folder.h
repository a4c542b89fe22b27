// The folder that a training keeps itself in:
//   last.safetensors, last.state.safetensors              to go on from
//   best.safetensors                                      of the epoch with the best mean IoU
//   epoch_0010.safetensors, epoch_0010.state.safetensors  every N epochs, where asked for
//   metrics.csv, metrics.jsonl, times.csv                 train/metrics_log.h
//   config.toml                                           the resolved options
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "train/checkpoint.h"

namespace hikaku {

class RunFolder {
 public:
  /// Makes the folder where it is missing, and locks it. Throws ExitCode::bad_data where it cannot
  /// be written, or while another program trains in it.
  explicit RunFolder(std::filesystem::path folder);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  [[nodiscard]] std::filesystem::path last() const { return folder_ / "last.safetensors"; }
  [[nodiscard]] std::filesystem::path best() const { return folder_ / "best.safetensors"; }
  [[nodiscard]] std::filesystem::path kept(std::int64_t epoch) const;

  /// The checkpoint to go on from; nothing in a folder without one. One that is damaged throws, and
  /// names the newest that is whole.
  [[nodiscard]] std::optional<Checkpoint> find() const;
  /// Throws ExitCode::usage if there is a training in it already.
  void require_empty() const;
  /// Whether the training would write over `file`, which is there.
  [[nodiscard]] bool replaces(const std::filesystem::path& file) const;
  /// Throws ExitCode::bad_data if the disk has no room for the checkpoints of such a network,
  /// beside those that a training which goes on has there.
  void require_room(const UNet& net, bool goes_on) const;
  void write_config(const std::string& text) const;
  /// Removes what killed runs left half written, and nothing else.
  void remove_stale() const;

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace hikaku

// The trained network that a command is given.
#pragma once

#include <cstdint>
#include <string>

#include "app/command.h"
#include "train/weights_file.h"

namespace hikaku {

struct NetworkOption {
  std::string file;
  std::int64_t size = 0;  ///< of the pictures on their way in; 0: as in its training

  /// --weights, also as the first word that is no option.
  void declare(Options& options);
  void declare_size(Options& options);

  /// Throws ExitCode::usage if no file was named; else as load_weights().
  [[nodiscard]] StoredWeights load(const Command& command) const;
  /// Throws ExitCode::usage for a size that the network cannot take.
  void settle_size(const StoredWeights& weights);
};

}  // namespace hikaku

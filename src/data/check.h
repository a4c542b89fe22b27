// Reads every file of a data set before the first step, and lists all that is wrong with it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/dataset.h"

namespace hikaku {

struct CheckReport {
  std::vector<Finding> findings;  ///< refusals, in the order of the lists
  std::vector<Finding> notes;     ///< oddities that are accepted
  std::int64_t pairs = 0;         ///< looked at
  std::int64_t pixels = 0;        ///< of the good masks
  std::array<std::int64_t, 256> label_pixels{};
  std::array<std::int64_t, 256> train_label_pixels{};  ///< of them: of the training list
  /// Pictures that have the label, of each list.
  std::array<std::int64_t, 256> train_label_pictures{}, val_label_pictures{};

  /// The shares of the good masks' pixels; 0 where there are none.
  [[nodiscard]] double void_share() const;
  [[nodiscard]] double background_share() const;  ///< void left out: what "background" scores
};

/// Decodes all pairs of both lists on `threads` threads, about 2 ms a pair and thread.
[[nodiscard]] CheckReport check_dataset(const TrainVal& data, int threads);

/// BadData with the first 20 findings and their number, if there is one.
void require_good(const CheckReport& report);

}  // namespace hikaku

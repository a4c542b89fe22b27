// How the learning rate changes during a training.
#pragma once

#include <cstdint>
#include <string_view>

namespace hikaku {

enum class ScheduleKind : std::uint8_t { constant, cosine, poly };
/// "constant", "cosine" or "poly".
[[nodiscard]] ScheduleKind schedule_named(std::string_view name);

struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  double warmup_epochs = 0;
  std::int64_t epochs = 1;  ///< of the whole training
};

/// What the learning rate is multiplied by at step `step`, from 0, of a training whose epochs have
/// `steps_per_epoch`. Linear from 1/w to 1 in the w steps of the warm-up; from there to the end,
/// with t from 0 to 1: cosine (1 + cos(pi t)) / 2 (Loshchilov & Hutter, "SGDR", 2017), poly (1 -
/// t)^0.9 (Chen et al., "DeepLab", 2017). Behind the end it stays at the last step's.
[[nodiscard]] double schedule_factor(const Schedule& schedule, std::int64_t step,
                                     std::int64_t steps_per_epoch);

}  // namespace hikaku

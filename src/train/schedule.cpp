#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hikaku {

ScheduleKind schedule_named(std::string_view name) {
  if (name == "cosine") return ScheduleKind::cosine;
  return name == "poly" ? ScheduleKind::poly : ScheduleKind::constant;
}

double schedule_factor(const Schedule& schedule, std::int64_t step, std::int64_t steps_per_epoch) {
  const auto total = static_cast<double>(schedule.epochs * steps_per_epoch);
  const double at = std::min(static_cast<double>(step), total - 1);
  const double warmup =
      std::min(std::floor(schedule.warmup_epochs * static_cast<double>(steps_per_epoch)), total);
  if (at < warmup) return (at + 1) / warmup;
  if (schedule.kind == ScheduleKind::constant) return 1;
  const double t = (at - warmup) / (total - warmup);
  if (schedule.kind == ScheduleKind::poly) return std::pow(1 - t, 0.9);
  return (1 + std::cos(std::numbers::pi * t)) / 2;
}

}  // namespace hikaku

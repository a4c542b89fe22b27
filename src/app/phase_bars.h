// The progress of a training: one bar after the other, for each phase of each epoch has its own.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "base/console.h"
#include "train/trainer.h"

namespace hikaku {

class PhaseBars {
 public:
  PhaseBars(Console& console, std::string device, std::int64_t epochs)
      : console_(console), device_(std::move(device)), epochs_(epochs) {}

  void operator()(const std::string& phase, std::int64_t epoch, const PhaseProgress& at) {
    const std::string label = phase == "train"
                                  ? fmt::format("{} {} {}/{}", device_, phase, epoch + 1, epochs_)
                                  : fmt::format("{} {}", device_, phase);
    if (label != label_) {
      label_ = label;
      bar_.reset();
      bar_.emplace(console_, label, at.steps);
    }
    bar_->update(at.step, static_cast<double>(at.images) / at.seconds, at.loss);
  }

 private:
  Console& console_;
  std::string device_, label_;
  std::int64_t epochs_;
  std::optional<Progress> bar_;
};

}  // namespace hikaku

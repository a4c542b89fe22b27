// The progress of a training: one bar after the other, for each phase of each epoch has its own.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "app/devices.h"
#include "app/race.h"
#include "base/console.h"
#include "measure/utilisation.h"
#include "train/trainer.h"

namespace hikaku {

class PhaseBars {
 public:
  /// `race`: gets each phase that is over; its bars grow on the scale of the device before.
  PhaseBars(Console& console, const Backend& device, std::int64_t epochs, Race* race = nullptr)
      : console_(console),
        who_(fmt::format("{} {}", device.name(), name_of(device.precision()))),
        epochs_(epochs),
        race_(race),
        busy_(cuda_number(device.name())) {}

  void operator()(const std::string& phase, std::int64_t epoch, const PhaseProgress& at) {
    const bool counted = phase == "train" && epochs_ > 1;
    const std::string label = counted ? fmt::format("{} {} {}/{}", who_, phase, epoch + 1, epochs_)
                                      : fmt::format("{} {}", who_, phase);
    if (label != label_) {
      label_ = label;
      bar_.reset();
      bar_.emplace(console_, label, at.steps, race_ == nullptr ? 0 : race_->whole_seconds(phase),
                   at.first);
    }
    bar_->update(at.step, static_cast<double>(at.images) / at.seconds, at.loss, busy_.text());
    if (race_ == nullptr || at.step < at.steps) return;
    bar_.reset();
    label_.clear();
    race_->finish(phase, who_, at.seconds);
  }

 private:
  Console& console_;
  std::string who_, label_;
  std::int64_t epochs_;
  Race* race_;
  Utilisation busy_;
  std::optional<Progress> bar_;
};

}  // namespace hikaku

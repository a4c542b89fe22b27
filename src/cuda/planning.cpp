#include "cuda/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace hikaku::cuda {

PlanningLog::PlanningLog(Say say)
    : say_(std::move(say)), verbose_(std::getenv("HIKAKU_PLANS") != nullptr) {}

PlanningLog::~PlanningLog() {
  if (!verbose_ || layers_ == 0) return;
  warn(fmt::format("planned {} convolutions: {} algorithms tried in {:.2f} s", layers_, tried_,
                   seconds_));
}

std::string PlanningLog::of_shape(const std::string& shape) const {
  const auto found = of_shapes_.find(shape);
  return found == of_shapes_.end() ? std::string() : found->second;
}

void PlanningLog::learn(const std::string& engine, double rate) {
  double& known = rates_[engine];
  known = std::max(known, rate);
}

double PlanningLog::least_seconds(const std::string& engine, double flops) const {
  const auto found = rates_.find(engine);
  return found == rates_.end() ? 0 : flops / found->second;
}

void PlanningLog::add(const std::string& what, const std::string& choice, int tried,
                      double seconds) {
  ++layers_;
  tried_ += tried;
  seconds_ += seconds;
  tell(fmt::format("{}: engine {}, {} tried in {:.2f} s", what, choice, tried, seconds));
}

}  // namespace hikaku::cuda

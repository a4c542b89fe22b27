// What the planning of one device knows of itself: the time it has taken, the choices of layers
// that differ in their batch alone, and what the user should hear.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace hikaku::cuda {

class PlanningLog {
 public:
  using Say = std::function<void(const std::string&)>;

  explicit PlanningLog(Say say);
  ~PlanningLog();
  PlanningLog(const PlanningLog&) = delete;
  PlanningLog& operator=(const PlanningLog&) = delete;

  /// The choice for the same layer with another batch, or "".
  [[nodiscard]] std::string of_shape(const std::string& shape) const;
  void keep_of_shape(const std::string& shape, const std::string& choice) {
    of_shapes_[shape] = choice;
  }

  /// Notes how fast an engine was in a layer: FLOP/s by the definition.
  void learn(const std::string& engine, double rate);
  /// Of `engine`, by the fastest that it ever was; 0 of one that never ran.
  [[nodiscard]] double least_seconds(const std::string& engine, double flops) const;

  /// Of trying algorithms, all layers together.
  [[nodiscard]] double seconds() const { return seconds_; }
  /// `tried` algorithms were built and timed for `what`.
  void add(const std::string& what, const std::string& choice, int tried, double seconds);

  void warn(const std::string& text) const {
    if (say_) say_(text);
  }
  /// Only to those who ask for the plans.
  void tell(const std::string& text) const {
    if (verbose_) warn(text);
  }

 private:
  Say say_;
  bool verbose_ = false;  ///< HIKAKU_PLANS is set: every choice is told
  std::map<std::string, std::string> of_shapes_;
  std::map<std::string, double> rates_;
  int layers_ = 0, tried_ = 0;
  double seconds_ = 0;
};

}  // namespace hikaku::cuda

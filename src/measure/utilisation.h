// How busy the devices are, for whoever watches.
#pragma once

#include <string>

namespace hikaku {

/// The processors with this process, and with a GPU's number that GPU. Looks once a second at most,
/// so that it may be asked after every step.
class Utilisation {
 public:
  explicit Utilisation(int cuda_device = -1);

  /// "CPU 98%" or "CPU 12% GPU 97%", of the last second; empty before the first is over.
  const std::string& text();

 private:
  void* gpu_ = nullptr;
  bool has_gpu_ = false;
  double wall_, cpu_;  ///< seconds, at the last look
  double processors_;  ///< that the process may use
  std::string text_;
};

}  // namespace hikaku

#include "compare/bandwidth.h"

#include <algorithm>

#include "base/clock.h"
#include "measure/peak.h"
#include "nn/model.h"

namespace hikaku {
namespace {

/// Ten times the largest cache that a GPU has (H100: 50 MB), and no more than an eighth of what is
/// free.
std::size_t array_bytes(const Backend& device) {
  constexpr std::int64_t most = std::int64_t{512} << 20, share = 8;
  return static_cast<std::size_t>(std::min(most, device.available_memory_bytes() / share));
}

double copy_rate(Backend& device, std::size_t bytes) {
  constexpr StoppingRule rule{.min_samples = 5, .max_samples = 30, .budget_seconds = 0.5};
  constexpr int copies = 8;  // in a sample, so that asking for them weighs little
  const DeviceMemory from(device, bytes), to(device, bytes);
  const auto work = [&] {
    for (int i = 0; i < copies; ++i) device.copy(from.get(), to.get(), bytes);
    device.synchronize();
  };
  work();
  return 2.0 * copies * static_cast<double>(bytes) / take_samples(rule, work).min();
}

}  // namespace

std::optional<BandwidthResult> measure_bandwidth(Backend& device) {
  constexpr std::size_t least = std::size_t{1} << 20;
  if (is_cpu(device)) return BandwidthResult{"cpu", "triad", measure_memory_bandwidth()};
  const std::size_t bytes = array_bytes(device);
  if (bytes < least) return {};
  return BandwidthResult{device.name(), "copy", copy_rate(device, bytes)};
}

}  // namespace hikaku

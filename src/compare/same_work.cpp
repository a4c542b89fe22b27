#include "compare/same_work.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/memory.h"
#include "compare/verify.h"
#include "tensor/half.h"

namespace hikaku {
namespace {

/// What a precision explains of the distance of the first losses, which are around 2, and of the
/// relative gap of a checkpoint's. 16-bit activations have 2^-8 (bf16) or 2^-11 (f16) at each of 23
/// layers; llm.c allows bf16 5e-2.
double limit_of(const std::string& precision) {
  if (precision == "bf16") return 5e-2;
  return precision == "f16" || precision == "tf32" ? 1e-2 : 1e-4;
}

/// What it explains of the distance of the first step's changes. Adam's first step has the length
/// of the learning rate whatever the gradient's: what turns round are the signs of gradients that
/// are as small as their error.
double update_limit_of(const std::string& precision) { return precision == "f32" ? 0.1 : 0.6; }

/// What is not a number is larger than all.
double larger(double a, double b) { return std::isnan(a) || b <= a ? a : b; }
double largest(const std::vector<double>& values) {
  return values.empty() ? not_measured
                        : std::accumulate(values.begin(), values.end(), values[0], larger);
}

std::vector<double> distances(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> found;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    found.push_back(std::abs(a[i] - b[i]));
  }
  return found;
}

/// Whether the host has so many bytes, and some beside them: Linux promises more than there is, and
/// kills the process that uses it.
bool leaves_room(std::size_t bytes) {
  constexpr std::int64_t reserve_share = 8;
  const std::int64_t available = read_memory().available;
  const bool known = available > 0;
  return !known || static_cast<std::int64_t>(bytes) <= available - available / reserve_share;
}

/// FNV-1a by words of 32 bits.
class Hash {
 public:
  void add(std::uint32_t word) { value_ = (value_ ^ word) * 0x100000001b3u; }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace

std::uint64_t fingerprint(const Weights& weights) {
  Hash hash;
  for (const auto& [name, tensor] : weights) {
    for (const char c : name) hash.add(static_cast<unsigned char>(c));
    for (const float value : tensor.values) hash.add(std::bit_cast<std::uint32_t>(value));
  }
  return hash.value();
}

double update_distance(const Weights& before, const Weights& baseline, const Weights& device) {
  double difference = 0, length = 0;
  for (const auto& [name, start] : before) {
    if (name.find("running_") != std::string::npos) continue;  // Adam does not see them
    const auto& one = baseline.at(name).values;
    const auto& other = device.at(name).values;
    for (std::size_t i = 0; i < one.size(); ++i) {
      difference += std::pow(static_cast<double>(other[i]) - static_cast<double>(one[i]), 2);
      length += std::pow(static_cast<double>(one[i]) - static_cast<double>(start.values[i]), 2);
    }
  }
  return difference == 0 ? 0 : std::sqrt(difference / length);
}

void ProductProof::look(const MatmulParams& params, Backend& device, const void* c) {
  if (!has_baseline_) {
    has_baseline_ = true;
    params_ = params;
    keep(device, c);
    return;
  }
  require(params.n == params_.n && params.dtype == params_.dtype, "[same work] another product");
  if (!kept_.empty()) compare(device, c);
}

void ProductProof::keep(Backend& device, const void* c) {
  const std::size_t bytes = params_.matrix_bytes(params_.dtype);
  if (!leaves_room(bytes)) return;
  kept_.resize(bytes);
  device.copy_to_host(c, kept_.data(), kept_.size());
}

void ProductProof::compare(Backend& device, const void* c) {
  const std::int64_t n = params_.n;
  const std::size_t row_bytes = kept_.size() / static_cast<std::size_t>(n);
  std::vector<std::byte> row(row_bytes);
  std::vector<double> kept(static_cast<std::size_t>(n)), found(kept);
  double scale = 0, most = 0, sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * row_bytes;
    device.copy_to_host(static_cast<const std::byte*>(c) + at, row.data(), row_bytes);
    decode(kept_.data() + at, n, params_.dtype, kept.data());
    decode(row.data(), n, params_.dtype, found.data());
    for (std::size_t j = 0; j < kept.size(); ++j) {
      const double difference = std::abs(kept[j] - found[j]);
      scale = std::max(scale, std::abs(kept[j]));
      most = larger(most, difference);
      sum += difference;
    }
  }
  // Of several devices the worst counts.
  largest_ = larger(largest_, most / scale);
  mean_ = larger(mean_, sum / (static_cast<double>(n) * static_cast<double>(n)) / scale);
  compared_ = true;
}

void ProductProof::tell(SameWork& proof) const {
  if (!compared_) return;
  proof.largest_product_difference = largest_;
  proof.mean_product_difference = mean_;
  proof.product_limit = 2 * product_error_bound(params_);
  proof.product_type = name_of(params_);
}

SameTraining compare_training(const TrainingTrace& baseline, const TrainingTrace& device) {
  SameTraining same;
  same.device = device.device;
  same.precision = device.precision;
  same.baseline_losses = baseline.losses;
  same.losses = device.losses;
  same.loss_differences = distances(baseline.losses, device.losses);
  // The first step has the same weights anyway.
  same.losses_from_baseline.assign(device.losses.begin(),
                                   device.losses.begin() + (device.losses.empty() ? 0 : 1));
  same.losses_from_baseline.insert(same.losses_from_baseline.end(),
                                   device.losses_from_starts.begin(),
                                   device.losses_from_starts.end());
  same.largest_loss_difference = largest(distances(baseline.losses, same.losses_from_baseline));
  same.loss_limit = same.checkpoint_limit = limit_of(device.precision);
  same.update_distance = device.update_distance;
  same.update_limit = update_limit_of(device.precision);
  same.baseline_checkpoint_loss = baseline.checkpoint_loss;
  same.checkpoint_loss = device.checkpoint_loss;
  same.checkpoint_gap = std::abs(device.checkpoint_loss - baseline.checkpoint_loss) /
                        std::abs(baseline.checkpoint_loss);
  // Without the baseline's weights there is none; else what is not a number differs.
  const bool update =
      device.losses_from_starts.empty() || same.update_distance <= same.update_limit;
  same.within = update && same.largest_loss_difference <= same.loss_limit &&
                same.checkpoint_gap <= same.checkpoint_limit;
  return same;
}

void add_training(const TrainingTrace& baseline, const TrainingTrace& device, SameWork& proof) {
  const bool is_first = proof.training.empty();
  const SameTraining same = compare_training(baseline, device);
  const bool weights = baseline.initial_weights == device.initial_weights;
  const bool batches = baseline.items == device.items;
  proof.same_initial_weights = weights && (is_first || proof.same_initial_weights);
  proof.same_batches = batches && (is_first || proof.same_batches);
  if (is_first) {
    const auto steps = static_cast<double>(same.loss_differences.size());
    proof.steps = static_cast<std::int64_t>(same.loss_differences.size());
    proof.largest_loss_difference = largest(same.loss_differences);
    proof.mean_loss_difference =
        std::accumulate(same.loss_differences.begin(), same.loss_differences.end(), 0.0) / steps;
  }
  proof.training.push_back(same);
}

bool is_proven(const SameWork& proof) {
  const bool product =
      proof.product_type.empty() || proof.largest_product_difference <= proof.product_limit;
  const bool start = proof.training.empty() || (proof.same_initial_weights && proof.same_batches);
  return product && start &&
         std::all_of(proof.training.begin(), proof.training.end(),
                     [](const SameTraining& same) { return same.within; });
}

}  // namespace hikaku

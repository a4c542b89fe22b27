// The proof that two devices did the same work: one product element by element, one training step
// by step on the same pictures, each step from the baseline's weights, the first step's change of
// the weights, one checkpoint evaluated on both. Left to themselves, two right trainings part after
// a few steps: Adam makes full steps of the rounding noise of tiny gradients.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nn/model.h"
#include "ops/backend.h"
#include "ops/matmul.h"
#include "report/result.h"

namespace hikaku {

using Weights = std::map<std::string, HostTensor>;

/// The same for the same names and bits.
[[nodiscard]] std::uint64_t fingerprint(const Weights& weights);

/// What a training left behind that another device's can be compared with.
struct TrainingTrace {
  std::string device, precision;
  std::uint64_t initial_weights = 0;       ///< their fingerprint, as read back from the device
  std::vector<std::uint32_t> items;        ///< the pictures of the first epoch in their order
  std::vector<double> losses;              ///< of its steps
  std::vector<Weights> starts;             ///< before each of the first steps, from the second on
  std::vector<double> losses_from_starts;  ///< of these steps from the baseline's weights
  double update_distance = not_measured;   ///< update_distance() of the first step
  Weights weights;                         ///< after the training
  double checkpoint_loss = not_measured;   ///< mean, of the baseline's weights
};

/// How many steps are compared from the same weights.
constexpr std::size_t compared_steps = 10;
/// The L2 distance of two changes of the same weights over the length of the baseline's.
[[nodiscard]] double update_distance(const Weights& before, const Weights& baseline,
                                     const Weights& device);

/// Keeps the product of one device and compares those of the next with it.
class ProductProof {
 public:
  /// The first call keeps C, each further one compares; both must be of one n and type. Where the
  /// host has no room for C, nothing is compared.
  void look(const MatmulParams& params, Backend& device, const void* c);
  /// The worst of what was compared, and what is not a number is worst of all. Leaves `proof` as it
  /// is if nothing was.
  void tell(SameWork& proof) const;

 private:
  void keep(Backend& device, const void* c);
  void compare(Backend& device, const void* c);

  MatmulParams params_;
  bool has_baseline_ = false, compared_ = false;
  std::vector<std::byte> kept_;  ///< of the first device; empty: no room
  double largest_ = 0, mean_ = 0;
};

/// `baseline` trained in f32.
[[nodiscard]] SameTraining compare_training(const TrainingTrace& baseline,
                                            const TrainingTrace& device);
/// Adds it to `proof`, whose own figures are those of the first one.
void add_training(const TrainingTrace& baseline, const TrainingTrace& device, SameWork& proof);

/// All that was compared keeps its limits.
[[nodiscard]] bool is_proven(const SameWork& proof);

}  // namespace hikaku

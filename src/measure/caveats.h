// Everything that can be wrong with a measurement. Each finding is told beside the numbers it
// taints, with what to do about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure/machine.h"
#include "measure/samples.h"

namespace hikaku {

/// The names are part of result.json ("debug_build"); they never change.
enum class CaveatId {
  debug_build,
  sanitizer_build,
  cpu_scaling,
  virtualised,
  busy_machine,
  oversubscribed,
  fewer_threads,
  cpu_limit,
  blas_misdetected,
  blas_own_threads,
  few_samples,
  noisy_samples,
  impossible_rate,
  projected,
  resumed,
  not_on_this_gpu,
  different_work,
};

struct Caveat {
  std::string id;
  std::string subject;  ///< what it is about: "matmul f32 on cpu"; may be empty
  std::string text;     ///< what is wrong, one sentence
  std::string remedy;   ///< what to do, one sentence
};

[[nodiscard]] std::string name_of(CaveatId id);

[[nodiscard]] Caveat make_caveat(CaveatId id, const std::string& subject = {});

/// Of the build itself: without optimisation, with sanitizers.
[[nodiscard]] std::vector<Caveat> build_caveats();

/// Of the machine as it stands.
[[nodiscard]] std::vector<Caveat> machine_caveats(const Machine& machine);

/// Of samples: fewer than 5, or a median absolute deviation above 5 % of the median.
[[nodiscard]] std::vector<Caveat> sample_caveats(const Samples& samples,
                                                 const std::string& subject);

/// A rate of executed operations above 1.1 times the peak of the unit that does them. Not for
/// rates counted by another algorithm's operations (Winograd).
[[nodiscard]] std::optional<Caveat> rate_caveat(double rate, double peak,
                                                const std::string& subject);

}  // namespace hikaku

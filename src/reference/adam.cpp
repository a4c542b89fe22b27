#include "reference/adam.h"

#include <cmath>

namespace hikaku::reference {

void adam(const AdamParams& params, std::int64_t step, Out parameter, In gradient, Out first_moment,
          Out second_moment) {
  const double b1 = params.beta1, b2 = params.beta2;
  const double correction1 = 1.0 - std::pow(b1, step), correction2 = 1.0 - std::pow(b2, step);
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const double g = gradient[i] + params.weight_decay * parameter[i];
    double& m = first_moment[i];
    double& v = second_moment[i];
    m = b1 * m + (1.0 - b1) * g;
    v = b2 * v + (1.0 - b2) * g * g;
    parameter[i] -= params.learning_rate / correction1 * m /
                    (std::sqrt(v) / std::sqrt(correction2) + params.eps);
  }
}

}  // namespace hikaku::reference

#include "reference/accumulate.h"

namespace hikaku::reference {

void accumulate(In gradient, double scale, bool first, Out sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = (first ? 0.0 : sum[i]) + scale * gradient[i];
  }
}

}  // namespace hikaku::reference

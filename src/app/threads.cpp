#include "app/threads.h"

#include <omp.h>

namespace hikaku {

int use_threads(std::int64_t asked) {
  if (asked > 0) omp_set_num_threads(static_cast<int>(asked));
  return omp_get_max_threads();
}

}  // namespace hikaku

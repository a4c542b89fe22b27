#include "measure/peak_kernel.h"

namespace hikaku {

PeakKernel peak_kernel_avx2() { return peak_kernel<32>("AVX2"); }

}  // namespace hikaku

#include "measure/peak_kernel.h"

namespace hikaku {

PeakKernel peak_kernel_avx512() { return peak_kernel<64>("AVX-512"); }

}  // namespace hikaku

#include "measure/peak_kernel.h"

namespace hikaku {

PeakKernel peak_kernel_portable() { return peak_kernel<16>("portable"); }

}  // namespace hikaku

// The weighted sum of gradients on the CPU: one pass, bound by memory.
#pragma once

#include "ops/accumulate.h"

namespace hikaku::cpu {

void accumulate(const AccumulateArgs& args);

}  // namespace hikaku::cpu

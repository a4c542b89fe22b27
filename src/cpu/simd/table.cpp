#include "cpu/simd/table.h"

#include "cpu/simd/vec.h"

#define HIKAKU_TEXT_OF(token) #token
#define HIKAKU_TEXT(token) HIKAKU_TEXT_OF(token)

namespace hikaku::cpu::HIKAKU_ISA {

const Kernels table{
    .isa = HIKAKU_TEXT(HIKAKU_ISA),
    .block = block,
    .moments = moments,
    .affine = affine,
    .max_pool = max_pool,
    .norm_gradient_sums = norm_gradient_sums,
    .norm_gradient_apply = norm_gradient_apply,
    .up_moments = up_moments,
    .up_gather_moments = up_gather_moments,
    .up_gather_affine = up_gather_affine,
    .up_gradient_sums = up_gradient_sums,
    .up_gradient_maps = up_gradient_maps,
    .centred_dot = centred_dot,
    .up_input_gradient = up_input_gradient,
    .winograd_scratch = winograd_scratch,
    .winograd_weight = winograd_weight,
    .winograd_forward = winograd_forward,
    .winograd_backward_weight = winograd_backward_weight,
    .head_forward = head_forward,
    .head_backward = head_backward,
    .head_predict = head_predict,
    .head_logits = head_logits,
    .adam = adam,
};

}  // namespace hikaku::cpu::HIKAKU_ISA

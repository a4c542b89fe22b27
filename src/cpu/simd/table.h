// The kernels of one instruction set; table.cpp gathers them into the table of kernels.h.
#pragma once

#include "cpu/simd/kernels.h"

namespace hikaku::cpu::HIKAKU_ISA {

void moments(const Tensor& z, double* mean, double* deviation);
void affine(const AffineArgs& args);
void max_pool(const Tensor& x, const Tensor& copy, const Tensor& y);
void norm_gradient_sums(const NormGradientArgs& args, const float* mean, double* sum,
                        double* sum_z);
void norm_gradient_apply(const NormGradientArgs& args, const float* a, const float* b,
                         const float* c, const Tensor& dz);

void up_moments(const Tensor& x, double* mean, double* deviation);
void up_gather_moments(const UpGatherArgs& args, double* mean, double* deviation);
void up_gather_affine(const UpGatherArgs& args, const float* scale, const float* offset,
                      const Tensor& y);
void up_gradient_sums(const UpGatherArgs& args, const Tensor& dy, const float* mean, double* sum,
                      double* sum_z);
void up_gradient_maps(const UpGatherArgs& args, const Tensor& dy, const float* a, const float* b,
                      const float* c, double* taps);
void centred_dot(const Tensor& x, const float* mean, const Tensor& gx, double* sum);
void up_input_gradient(const Tensor& x, const Tensor& gx, const float* k, const float* c1,
                       const float* c2, const float* mean, const Tensor& dx);

std::int64_t winograd_scratch(const Conv2dParams& params);
void winograd_weight(const Conv2dParams& params, const float* weight, bool backward, float* u);
void winograd_forward(const WinogradArgs& args);
void winograd_backward_weight(const WinogradArgs& args, float* du, float* dweight);

void head_forward(const HeadArgs& args, const HeadSums& sums);
void head_backward(const HeadArgs& args, float ce_scale, const float* alpha, const float* beta,
                   const Tensor& dx, float* dweight, float* dbias);
void head_predict(const HeadArgs& args, std::uint8_t* classes);
void head_logits(const HeadArgs& args, float* logits);

void adam(const AdamParams& params, std::int64_t step, const AdamArrays& arrays);

extern const Kernels table;

}  // namespace hikaku::cpu::HIKAKU_ISA

// The passes of up_block on the GPU, as functions of the host. Notation of docs/up-block.md; maps
// are NHWC with the channels ordered (tap, c_out), tap (p, q) at 2 p + q. Nothing here allocates or
// waits.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <vector>

#include "cuda/context.h"
#include "ops/up_block.h"

namespace hikaku::cuda {

constexpr int up_taps = 4;
/// At most so many blocks form the border's sums, beside those that send the gradient.
constexpr int most_border_blocks = 32;

/// One axis of the upsampling from `size` to 2 * size points. Position 2 m lies between the points
/// m - 1 and m, position 2 m + 1 between m and m + 1: align_corners = true moves them, but never
/// past a point. So nothing is looked up, and where a neighbour is missing its share is 0:
///   2 m:      even(m) of point m - 1,   the rest of m        even(m) = m / (2 size - 1)
///   2 m + 1:  odd(m) of point m + 1,    the rest of m        odd(m) = (size - 1 - m) / (2 size -
///   1)
struct UpAxis {
  int size = 1;
  float step = 1;                ///< 1 / (2 size - 1)
  const float* table = nullptr;  ///< [size, up_table], on the device; see up_table_of()

#ifdef __CUDACC__
  __device__ float even(int m) const { return static_cast<float>(m) * step; }
  __device__ float odd(int m) const { return static_cast<float>(size - 1 - m) * step; }
#endif
};

/// A row of the table belongs to a point r. With U_0 = U and U_1 = U moved up by one position,
/// whose last row is 0, A_pq = U_p' U_q has few bands; the row holds
///   A_00[r, r-1..r+1]  A_01[r, r-1..r+2]  A_10[r, r-2..r+1]  A_11[r, r-1..r+1]  (U_0'1)[r]
///   (U_1'1)[r]
constexpr int up_table = 16;
enum UpBand : int { band_00 = 0, band_01 = 3, band_10 = 7, band_11 = 11, sum_0 = 14, sum_1 = 15 };
[[nodiscard]] std::vector<float> up_table_of(std::int64_t size);

/// Arrays of channels on the device. z is the gathered map less `level`, which is its mean but for
/// the border: so sums of squares do not cancel.
struct UpArrays {
  float *shift1, *mean1, *inverse1, *scale1;           ///< [c_in]; batch norm 1: x -> scale x + ...
  float *constant1, *slope1;                           ///< [c_in]; of the gradient of x
  float *border, *centre;                              ///< [4, c_out]; z = gather(maps + border)
  float *level, *mean2, *inverse2, *scale2, *offset2;  ///< [c_out]; mean2 is of z
  float *slope_dy, *slope_z, *constant2;  ///< [c_out]; dz = slope_dy dy + slope_z z + ...
  float* taps;                            ///< [4, c_out]; R, sums of dz
  float* sent_sums;  ///< [4, c_out]; sums of the gradient of the maps, as it is stored
};

struct UpPlan {
  int n = 1, c_in = 1, c_out = 1;
  UpAxis rows, columns;
  float eps = 0, momentum = 0;
  DType type = DType::f32;
  int multiprocessors = 1;
  cudaStream_t stream = nullptr;
  const LossScale* loss_scale = nullptr;
  UpArrays arrays{};
  float* partial = nullptr;          ///< up_partial_count() of them
  double* weight_partial = nullptr;  ///< likewise, up_weight_partial_count()

  /// Elements of one channel at the high resolution.
  [[nodiscard]] double count() const {
    return 4.0 * static_cast<double>(n) * static_cast<double>(rows.size) *
           static_cast<double>(columns.size);
  }
};
[[nodiscard]] std::int64_t up_partial_count(const UpPlan& plan);
[[nodiscard]] std::int64_t up_weight_partial_count(const UpPlan& plan);

/// Statistics of batch norm 1 from x; fills shift1 .. scale1.
void up_moments(const UpPlan& plan, const Tensor& x, const BatchNormState& norm1);
/// mean1 .. scale1, and mean2 .. offset2 from running statistics; the second after up_fold().
void up_running1(const UpPlan& plan, const BatchNormState& norm1);
void up_running2(const UpPlan& plan, const BatchNormState& norm2);
/// folded [4 * c_out, c_in] = weight * scale1, in the activation type; border, centre and level.
void up_fold(const UpPlan& plan, const UpBlockState& state, void* folded);
/// Statistics of batch norm 2; fills mean2 .. offset2, and raises `largest`, of y
/// (Tensor::largest).
void up_gather_moments(const UpPlan& plan, const void* maps, const BatchNormState& norm2,
                       std::uint32_t* largest);
/// y = scale2 * z + offset2.
void up_gather_affine(const UpPlan& plan, const void* maps, const Tensor& y);

/// sent = the gather's transpose of dy; then dgamma2, dbeta2 and slope_dy .. taps.
void up_send_gradient(const UpPlan& plan, const void* maps, const Tensor& dy, void* sent,
                      const BatchNormState& norm2, const UpBlockGradients& gradients);
/// Makes of `sent` the gradient of the maps, and fills sent_sums.
void up_gradient_maps(const UpPlan& plan, const void* maps, void* sent);
/// From product [4 * c_out, c_in] = (gradient of the maps)' x to the gradients of weight, gamma1
/// and beta1, and constant1, slope1.
void up_weight_gradient(const UpPlan& plan, const float* product, const UpBlockState& state,
                        const UpBlockGradients& gradients);
/// part = what the statistics of batch norm 1 add to the gradient of x.
void up_input_part(const UpPlan& plan, const Tensor& x, void* part);

}  // namespace hikaku::cuda

#include "cuda/up_block_gather.cuh"
#include "cuda/up_block_maps.cuh"
#include "cuda/up_block_send.cuh"
#include "cuda/up_block_stencil.cuh"
#include "cuda/up_block_weight.cuh"

namespace hikaku::cuda {
namespace {

int vectors_of(int channels, int n) { return channels / n; }

/// Whether the maps' channels, and with them their taps, are made of vectors.
bool maps_have_vectors(const UpPlan& plan) { return plan.c_out % walk_vector == 0; }

template <class T>
GatherArgs<T> gather_args(const UpPlan& plan, const Walk& walk, const void* maps) {
  return {WalkShape(plan, walk, plan.c_out), static_cast<const T*>(maps), plan.arrays.border};
}

/// Some pixels of the border for a thread.
int border_blocks_of(const UpPlan& plan, const Walk& walk) {
  const int rows = 4 * static_cast<int>(walk.block.y);
  const int items = plan.n * (plan.rows.size + plan.columns.size);
  return std::min((items + rows - 1) / rows, most_border_blocks);
}

int unfold_splits(const UpPlan& plan) {
  constexpr int rows = sweep_threads / warp_size;
  return std::min((plan.c_out + rows - 1) / rows, 32);
}

void finished() { HIKAKU_CUDA(cudaGetLastError()); }

}  // namespace

std::vector<float> up_table_of(std::int64_t size) {
  const auto last = 2 * size - 1;
  const auto points = [&](std::int64_t position, std::int64_t(&point)[2], double(&share)[2]) {
    const std::int64_t m = position / 2;
    const bool odd = position % 2 != 0;
    point[0] = odd ? m + 1 : m - 1;
    point[1] = m;
    share[0] = static_cast<double>(odd ? size - 1 - m : m) / static_cast<double>(last);
    share[1] = 1 - share[0];
  };
  constexpr int bands[2][2] = {{band_00 + 1, band_01 + 1}, {band_10 + 2, band_11 + 1}};
  std::vector<double> table(static_cast<std::size_t>(up_table * size));
  for (std::int64_t i = 0; i <= last; ++i) {
    for (int p = 0; p < 2; ++p) {
      for (int q = 0; q < 2; ++q) {
        if (i + p > last || i + q > last) continue;
        std::int64_t a[2], b[2];
        double share_a[2], share_b[2];
        points(i + p, a, share_a);
        points(i + q, b, share_b);
        for (int k = 0; k < 4; ++k) {
          const double product = share_a[k / 2] * share_b[k % 2];
          if (product == 0) continue;
          const std::int64_t r = a[k / 2];
          table[static_cast<std::size_t>(r * up_table + bands[p][q] + b[k % 2] - r)] += product;
        }
        if (q != p) continue;
        for (int k = 0; k < 2; ++k) {
          if (share_a[k] == 0) continue;
          table[static_cast<std::size_t>(a[k] * up_table + sum_0 + p)] += share_a[k];
        }
      }
    }
  }
  return {table.begin(), table.end()};
}

std::int64_t up_partial_count(const UpPlan& plan) {
  std::int64_t most = 0;
  for (const int n : {1, walk_vector}) {
    const int vectors_in = std::max(vectors_of(plan.c_in, n), 1);
    const int vectors_out = std::max(vectors_of(plan.c_out, n), 1);
    const Walk stencil = narrow_walk(plan, vectors_in, stencil_blocks);
    const Walk gather = narrow_walk(plan, vectors_out, walk_blocks);
    const Walk maps = wide_walk(plan, vectors_out);
    most = std::max({most, 2 * static_cast<std::int64_t>(stencil.grid.y) * plan.c_in,
                     2 * static_cast<std::int64_t>(gather.grid.y) * plan.c_out,
                     up_taps * static_cast<std::int64_t>(maps.grid.y) * plan.c_out});
  }
  return most + 6 * most_border_blocks * plan.c_out;
}

std::int64_t up_weight_partial_count(const UpPlan& plan) {
  return 2 * static_cast<std::int64_t>(unfold_splits(plan)) * plan.c_in;
}

void up_moments(const UpPlan& plan, const Tensor& x, const BatchNormState& norm1) {
  dispatch_walk(plan.type, walks_vectors(x), [&]<class T, int N>() {
    const Walk walk = narrow_walk(plan, vectors_of(plan.c_in, N), stencil_blocks);
    const StencilArgs<T> args{WalkShape(plan, walk, plan.c_in), x.as<const T>(), nullptr};
    upsampled_moments<T, N>
        <<<walk.grid, walk.block, 0, plan.stream>>>(args, plan.n, plan.arrays.shift1, plan.partial);
    finish_norm1<<<finish_grid(plan.c_in), finish_block(), 0, plan.stream>>>(
        plan, {plan.partial, static_cast<int>(walk.grid.y), plan.c_in}, plan.count(), norm1);
  });
  finished();
}

void up_running1(const UpPlan& plan, const BatchNormState& norm1) {
  running_norm1<<<finish_grid(plan.c_in), finish_block(), 0, plan.stream>>>(plan, norm1);
  finished();
}

void up_running2(const UpPlan& plan, const BatchNormState& norm2) {
  running_norm2<<<finish_grid(plan.c_out), finish_block(), 0, plan.stream>>>(plan, norm2);
  finished();
}

void up_fold(const UpPlan& plan, const UpBlockState& state, void* folded) {
  dispatch_type(plan.type, [&]<class T>() {
    fold_weight<T><<<static_cast<unsigned>(plan.c_out), fold_threads, 0, plan.stream>>>(
        plan, state.weight, state.norm1.beta, static_cast<T*>(folded));
  });
  finished();
}

void up_gather_moments(const UpPlan& plan, const void* maps, const BatchNormState& norm2,
                       std::uint32_t* largest) {
  dispatch_walk(plan.type, maps_have_vectors(plan), [&]<class T, int N>() {
    const Walk walk = narrow_walk(plan, vectors_of(plan.c_out, N), walk_blocks);
    gather_moments<T, N>
        <<<walk.grid, walk.block, 0, plan.stream>>>(gather_args<T>(plan, walk, maps), plan.partial);
    finish_norm2<<<finish_grid(plan.c_out), finish_block(), 0, plan.stream>>>(
        plan, {plan.partial, static_cast<int>(walk.grid.y), plan.c_out}, plan.count(), norm2,
        largest);
  });
  finished();
}

void up_gather_affine(const UpPlan& plan, const void* maps, const Tensor& y) {
  dispatch_walk(plan.type, maps_have_vectors(plan) && walks_vectors(y), [&]<class T, int N>() {
    const Walk walk = narrow_walk(plan, vectors_of(plan.c_out, N), walk_blocks);
    gather_affine<T, N><<<walk.grid, walk.block, 0, plan.stream>>>(
        gather_args<T>(plan, walk, maps), plan.arrays.scale2, plan.arrays.offset2, rows_of<T>(y));
  });
  finished();
}

void up_send_gradient(const UpPlan& plan, const void* maps, const Tensor& dy, void* sent,
                      const BatchNormState& norm2, const UpBlockGradients& gradients) {
  dispatch_walk(plan.type, maps_have_vectors(plan) && walks_vectors(dy), [&]<class T, int N>() {
    const Walk walk = narrow_walk(plan, vectors_of(plan.c_out, N), walk_blocks);
    const auto splits = static_cast<int>(walk.grid.y);
    const int border_blocks = border_blocks_of(plan, walk);
    float* border = plan.partial + 2 * static_cast<std::int64_t>(splits) * plan.c_out;
    const SendArgs<T> args{WalkShape(plan, walk, plan.c_out),
                           rows_of<const T>(dy),
                           static_cast<const T*>(maps),
                           plan.arrays.centre,
                           plan.arrays.border,
                           static_cast<T*>(sent),
                           plan.n,
                           border_blocks};
    dim3 grid = walk.grid;
    grid.y += static_cast<unsigned>(border_blocks);
    send_gradient<T, N><<<grid, walk.block, 0, plan.stream>>>(args, plan.partial, border);
    finish_gradient2<<<finish_grid(plan.c_out), finish_block(), 0, plan.stream>>>(
        plan, {plan.partial, splits, plan.c_out}, {border, border_blocks, plan.c_out}, plan.count(),
        norm2, gradients.gamma2, gradients.beta2);
  });
  finished();
}

void up_gradient_maps(const UpPlan& plan, const void* maps, void* sent) {
  dispatch_walk(plan.type, maps_have_vectors(plan), [&]<class T, int N>() {
    const Walk walk = wide_walk(plan, vectors_of(plan.c_out, N));
    const UpArrays& arrays = plan.arrays;
    const MapsArgs<T> args{WalkShape(plan, walk, plan.c_out),
                           static_cast<const T*>(maps),
                           static_cast<T*>(sent),
                           arrays.slope_dy,
                           arrays.slope_z,
                           arrays.constant2,
                           arrays.border};
    gradient_maps<T, N><<<walk.grid, walk.block, 0, plan.stream>>>(args, plan.partial);
    finish_sent_sums<<<finish_grid(plan.c_out), finish_block(), 0, plan.stream>>>(
        plan, {plan.partial, static_cast<int>(walk.grid.y), plan.c_out});
  });
  finished();
}

void up_weight_gradient(const UpPlan& plan, const float* product, const UpBlockState& state,
                        const UpBlockGradients& gradients) {
  const int splits = unfold_splits(plan);
  const dim3 grid(static_cast<unsigned>((plan.c_in + warp_size - 1) / warp_size),
                  static_cast<unsigned>(splits));
  unfold_gradient<<<grid, dim3(warp_size, sweep_threads / warp_size), 0, plan.stream>>>(
      plan, product, state.weight, state.norm1.beta, gradients.weight);
  finish_gradient1<<<finish_grid(plan.c_in), finish_block(), 0, plan.stream>>>(
      plan, splits, plan.count(), gradients.gamma1, gradients.beta1);
  finished();
}

void up_input_part(const UpPlan& plan, const Tensor& x, void* part) {
  dispatch_walk(plan.type, walks_vectors(x), [&]<class T, int N>() {
    const Walk walk = narrow_walk(plan, vectors_of(plan.c_in, N), stencil_blocks);
    const StencilArgs<T> args{WalkShape(plan, walk, plan.c_in), x.as<const T>(), plan.arrays.mean1};
    input_part<T, N><<<walk.grid, walk.block, 0, plan.stream>>>(
        args, plan.arrays.constant1, plan.arrays.slope1, static_cast<T*>(part));
  });
  finished();
}

}  // namespace hikaku::cuda

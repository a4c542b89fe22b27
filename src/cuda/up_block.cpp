#include "cuda/up_block.h"

#include "cuda/sizes.h"
#include "cuda/up_block_kernels.h"
#include "cuda/up_products.h"

namespace hikaku::cuda {
namespace {

/// A launch has so many rows of blocks at most; a block walks down `block_columns` or more columns
/// of a map, and the border has blocks of its own.
void require_launch(const UpBlockParams& params) {
  constexpr std::int64_t most_rows = 65535, block_columns = 8;
  const Shape& s = params.input;
  if (params.output().n * params.output().pixels() < std::int64_t{1} << 31 &&
      s.n * ((s.w + block_columns - 1) / block_columns) + most_border_blocks <= most_rows) {
    return;
  }
  throw Error(
      ExitCode::usage,
      fmt::format("[up_block] {} has too many pixels for a GPU", to_string(params.output())),
      "use a smaller --batch-size or --size");
}

class CudaUpBlock final : public UpBlock {
 public:
  CudaUpBlock(const UpBlockParams& params, ConvUse use, Context& context);

  void forward(const Tensor& x, const UpBlockState& state, const Tensor& y,
               void* workspace) override;
  void load_for_inference(const UpBlockState& state) override;
  void infer(const Tensor& x, const Tensor& y, void* workspace) override;
  void backward(const Tensor& x, const UpBlockState& state, const Tensor& dy,
                const UpBlockGradients& gradients, const Tensor& dx, void* workspace) override;
  /// The maps; when their gradient is there, the memory serves for a part of the gradient of x.
  [[nodiscard]] std::size_t workspace_bytes() const override { return maps_bytes_; }

 private:
  void plan_kernels();
  [[nodiscard]] UpAxis make_axis(std::int64_t size, Memory& table) const;
  void place_arrays();
  void plan_products(ConvUse use);
  void require_tensors(const Tensor& x, const Tensor& y) const;

  UpBlockParams params_;
  Context& context_;
  UpPlan plan_;
  std::size_t maps_bytes_;
  bool trains_ = false;
  Memory row_table_, column_table_, arrays_, partial_, weight_partial_, folded_, dweight_;
  std::unique_ptr<UpProducts> products_;
};

CudaUpBlock::CudaUpBlock(const UpBlockParams& params, ConvUse use, Context& context)
    : params_(params), context_(context) {
  validate(params);
  require_launch(params);
  plan_kernels();
  place_arrays();
  maps_bytes_ = static_cast<std::size_t>(up_taps * params.out_channels * params.input.n *
                                         params.input.pixels()) *
                size_of(plan_.type);
  plan_products(use);
}

void CudaUpBlock::plan_kernels() {
  plan_.n = static_cast<int>(params_.input.n);
  plan_.c_in = static_cast<int>(params_.input.c);
  plan_.c_out = static_cast<int>(params_.out_channels);
  plan_.rows = make_axis(params_.input.h, row_table_);
  plan_.columns = make_axis(params_.input.w, column_table_);
  plan_.eps = params_.eps;
  plan_.momentum = params_.momentum;
  plan_.type = context_.activation_type();
  plan_.multiprocessors = context_.multiprocessors;
  plan_.stream = context_.stream;
  plan_.loss_scale = context_.loss_scale;
}

UpAxis CudaUpBlock::make_axis(std::int64_t size, Memory& table) const {
  const std::vector<float> values = up_table_of(size);
  table = Memory(values.size() * sizeof(float));
  HIKAKU_CUDA(cudaMemcpy(table.get(), values.data(), table.bytes(), cudaMemcpyHostToDevice));
  return {static_cast<int>(size), static_cast<float>(1.0 / static_cast<double>(2 * size - 1)),
          static_cast<const float*>(table.get())};
}

void CudaUpBlock::place_arrays() {
  UpArrays& a = plan_.arrays;
  const std::int64_t c_in = params_.input.c, c_out = params_.out_channels;
  float** const of_inputs[] = {&a.shift1, &a.mean1,     &a.inverse1,
                               &a.scale1, &a.constant1, &a.slope1};
  float** const of_outputs[] = {&a.level,   &a.mean2,    &a.inverse2, &a.scale2,
                                &a.offset2, &a.slope_dy, &a.slope_z,  &a.constant2};
  float** const of_taps[] = {&a.border, &a.centre, &a.taps, &a.sent_sums};
  // Each begins at a whole vector.
  const auto padded = [](std::int64_t length) { return (length + 3) / 4 * 4; };
  const auto count = static_cast<std::int64_t>(std::size(of_inputs)) * padded(c_in) +
                     static_cast<std::int64_t>(std::size(of_outputs)) * padded(c_out) +
                     static_cast<std::int64_t>(std::size(of_taps)) * padded(up_taps * c_out);
  arrays_ = Memory(static_cast<std::size_t>(count) * sizeof(float));
  auto* next = static_cast<float*>(arrays_.get());
  const auto place = [&](float** array, std::int64_t length) {
    *array = next;
    next += padded(length);
  };
  for (float** array : of_inputs) place(array, c_in);
  for (float** array : of_outputs) place(array, c_out);
  for (float** array : of_taps) place(array, up_taps * c_out);
  partial_ = Memory(static_cast<std::size_t>(up_partial_count(plan_)) * sizeof(float));
  plan_.partial = static_cast<float*>(partial_.get());
}

void CudaUpBlock::plan_products(ConvUse use) {
  folded_ = Memory(static_cast<std::size_t>(params_.weight_count()) * size_of(plan_.type));
  products_ = make_up_products(params_, use, context_);
  trains_ = use != ConvUse::inference;
  if (!trains_) return context_.reserve_scratch(products_->scratch_bytes());
  dweight_ = Memory(static_cast<std::size_t>(params_.weight_count()) * sizeof(float));
  weight_partial_ =
      Memory(static_cast<std::size_t>(up_weight_partial_count(plan_)) * sizeof(double));
  plan_.weight_partial = static_cast<double*>(weight_partial_.get());
  context_.reserve_scratch(aligned(maps_bytes_) + products_->scratch_bytes());
}

void CudaUpBlock::require_tensors(const Tensor& x, const Tensor& y) const {
  require(x.shape == params_.input && x.layout == Layout::nhwc(params_.input) &&
              x.dtype == plan_.type && y.shape == params_.output() && y.dtype == plan_.type,
          "[up_block] planned for {} -> {}, called with {} -> {} or with another layout or type",
          to_string(params_.input), to_string(params_.output()), to_string(x.shape),
          to_string(y.shape));
}

void CudaUpBlock::forward(const Tensor& x, const UpBlockState& state, const Tensor& y,
                          void* workspace) {
  require_tensors(x, y);
  up_moments(plan_, x, state.norm1);
  up_fold(plan_, state, folded_.get());
  products_->load(folded_.get());
  products_->forward(x, workspace, context_.scratch());
  // With E bytes in x, the maps and y have 2 E each. Gathering twice moves 2 E for the moments and
  // 4 E for y; keeping z in the memory of y, 4 E and then 4 E to read and write it again.
  up_gather_moments(plan_, workspace, state.norm2, y.largest);
  up_gather_affine(plan_, workspace, y);
}

void CudaUpBlock::load_for_inference(const UpBlockState& state) {
  up_running1(plan_, state.norm1);
  up_fold(plan_, state, folded_.get());
  products_->load(folded_.get());
  up_running2(plan_, state.norm2);
}

void CudaUpBlock::infer(const Tensor& x, const Tensor& y, void* workspace) {
  require_tensors(x, y);
  products_->forward(x, workspace, context_.scratch());
  up_gather_affine(plan_, workspace, y);
}

void CudaUpBlock::backward(const Tensor& x, const UpBlockState& state, const Tensor& dy,
                           const UpBlockGradients& gradients, const Tensor& dx, void* workspace) {
  require_tensors(x, dy);
  require(trains_, "[up_block] not planned for gradients");
  require(dx.shape == x.shape && dx.layout == x.layout && dx.dtype == x.dtype,
          "[up_block] a gradient of {} for {}", to_string(dx.shape), to_string(x.shape));
  void* maps = workspace;
  void* dmaps = context_.scratch();
  void* rest = static_cast<std::byte*>(dmaps) + aligned(maps_bytes_);
  up_send_gradient(plan_, maps, dy, dmaps, state.norm2, gradients);
  up_gradient_maps(plan_, maps, dmaps);

  products_->backward_weight(x, dmaps, static_cast<float*>(dweight_.get()), rest);
  up_weight_gradient(plan_, static_cast<const float*>(dweight_.get()), state, gradients);
  // dx = scale1 Gx + part; the folded weight has scale1 in it. The part lies where the maps were,
  // so that dx may be the memory of x, whose neighbours the part needs.
  void* part = maps;
  up_input_part(plan_, x, part);
  products_->backward_data(dmaps, part, dx.data, rest);
}

}  // namespace

std::unique_ptr<UpBlock> make_up_block(const UpBlockParams& params, ConvUse use, Context& context) {
  return std::make_unique<CudaUpBlock>(params, use, context);
}

}  // namespace hikaku::cuda

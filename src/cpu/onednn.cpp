#include "cpu/onednn.h"

#include <array>

namespace hikaku::cpu {
namespace {

using dnnl::memory;

memory::desc desc_of(const Shape& shape, const Layout& layout) {
  using Tag = memory::format_tag;
  const Tag tag = layout.block == 16 ? Tag::nChw16c : (layout.block == 8 ? Tag::nChw8c : Tag::nchw);
  return {{shape.n, shape.c, shape.h, shape.w}, memory::data_type::f32, tag};
}

memory::dims weight_dims(const Conv2dParams& p) {
  return {p.out_channels, p.input.c, p.kernel, p.kernel};
}

memory::desc any_weight(const Conv2dParams& p) {
  return {weight_dims(p), memory::data_type::f32, memory::format_tag::any};
}

dnnl::algorithm algorithm_of(const ConvDescription& d) {
  return d.winograd ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct;
}

dnnl::primitive_attr attributes(bool relu) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops ops;
#if DNNL_VERSION_MAJOR >= 3
    ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#else
    ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
    attr.set_post_ops(ops);
  }
  return attr;
}

/// What all three descriptions share.
struct Geometry {
  explicit Geometry(const ConvDescription& d)
      : x(desc_of(d.params.input, d.x)),
        y(desc_of(d.params.output(), d.y)),
        weight(any_weight(d.params)),
        bias({d.params.out_channels}, memory::data_type::f32, memory::format_tag::a),
        before{d.params.pad_before(), d.params.pad_before()},
        after{d.params.kernel - 1 - d.params.pad_before(),
              d.params.kernel - 1 - d.params.pad_before()} {}
  memory::desc x, y, weight, bias;
  memory::dims stride{1, 1}, before, after;
};

dnnl::convolution_forward::primitive_desc forward_desc(const ConvDescription& d, bool hint) {
  const Geometry g(d);
  const auto kind =
      d.training || hint ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const auto algorithm = algorithm_of(d);
  const auto attr = attributes(d.relu && !hint);
#if DNNL_VERSION_MAJOR >= 3
  if (d.bias && !hint) {
    return {onednn_engine(), kind,     algorithm, g.x, g.weight, g.bias, g.y,
            g.stride,        g.before, g.after,   attr};
  }
  return {onednn_engine(), kind, algorithm, g.x, g.weight, g.y, g.stride, g.before, g.after, attr};
#else
  if (d.bias && !hint) {
    return {{kind, algorithm, g.x, g.weight, g.bias, g.y, g.stride, g.before, g.after},
            attr,
            onednn_engine()};
  }
  return {
      {kind, algorithm, g.x, g.weight, g.y, g.stride, g.before, g.after}, attr, onednn_engine()};
#endif
}

/// Backward-data names its operands dst and src, backward-weight src and weight: `a`, `b`, `c` in
/// the order that the description of the pass wants.
template <class Pass>
typename Pass::primitive_desc backward_desc(const ConvDescription& d, const memory::desc& a,
                                            const memory::desc& b, const memory::desc& c) {
  const Geometry g(d);
  const auto hint = forward_desc(d, true);
  const auto algorithm = algorithm_of(d);
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), algorithm, a,       b,    c,
          g.stride,        g.before,  g.after, hint, attributes(false)};
#else
  return {
      {algorithm, a, b, c, g.stride, g.before, g.after}, attributes(false), onednn_engine(), hint};
#endif
}

/// The C interface: that of C++ copies the arguments into a vector at each call.
void execute(const dnnl::primitive& primitive, std::span<const dnnl_exec_arg_t> arguments) {
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive.get(), onednn_stream().get(),
                             static_cast<int>(arguments.size()), arguments.data()),
      "a oneDNN primitive failed");
  onednn_stream().wait();
}

}  // namespace

const dnnl::engine& onednn_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& onednn_stream() {
  static dnnl::stream stream(onednn_engine());
  return stream;
}

const char* name_of(ConvPass pass) {
  return pass == ConvPass::forward         ? "forward"
         : pass == ConvPass::backward_data ? "backward_data"
                                           : "backward_weight";
}

OneDnnConvolution::OneDnnConvolution(const ConvDescription& d) {
  const Geometry g(d);
  if (d.pass == ConvPass::forward) {
    const auto description = forward_desc(d, false);
    weight_ = description.weights_desc();
    scratch_ = description.scratchpad_desc();
    primitive_ = dnnl::convolution_forward(description);
  } else if (d.pass == ConvPass::backward_data) {
    const auto description = backward_desc<dnnl::convolution_backward_data>(d, g.x, g.weight, g.y);
    weight_ = description.weights_desc();
    scratch_ = description.scratchpad_desc();
    primitive_ = dnnl::convolution_backward_data(description);
  } else {
    const auto description =
        backward_desc<dnnl::convolution_backward_weights>(d, g.x, g.weight, g.y);
    weight_ = description.diff_weights_desc();
    scratch_ = description.scratchpad_desc();
    primitive_ = dnnl::convolution_backward_weights(description);
  }
  const bool forward = d.pass == ConvPass::forward;
  const auto add = [&](int id, const memory::desc& desc) {
    arguments_.emplace(id, memory(desc, onednn_engine(), nullptr));
  };
  add(d.pass == ConvPass::backward_data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, g.x);
  add(forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, g.y);
  add(d.pass == ConvPass::backward_weight ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weight_);
  add(DNNL_ARG_SCRATCHPAD, scratch_);
  if (d.bias) add(DNNL_ARG_BIAS, g.bias);
  for (const auto& [id, memory] : arguments_) c_arguments_.push_back({id, memory.get()});
}

void OneDnnConvolution::run(void* x, void* weight, const float* bias, void* y, void* scratch) {
  for (auto& [id, memory] : arguments_) {
    const bool is_x = id == DNNL_ARG_SRC || id == DNNL_ARG_DIFF_SRC;
    const bool is_y = id == DNNL_ARG_DST || id == DNNL_ARG_DIFF_DST;
    const bool is_weight = id == DNNL_ARG_WEIGHTS || id == DNNL_ARG_DIFF_WEIGHTS;
    memory.set_data_handle(is_x                  ? x
                           : is_y                ? y
                           : is_weight           ? weight
                           : id == DNNL_ARG_BIAS ? const_cast<float*>(bias)
                                                 : scratch);
  }
  execute(primitive_, c_arguments_);
}

memory::desc plain_weight_desc(const Conv2dParams& params) {
  return {weight_dims(params), memory::data_type::f32, memory::format_tag::oihw};
}

WeightReorder::WeightReorder(const memory::desc& from, const memory::desc& to)
    : from_(from, onednn_engine(), nullptr), to_(to, onednn_engine(), nullptr) {
  reorder_ = dnnl::reorder(from_, to_);
}

void WeightReorder::run(const void* from, void* to) {
  from_.set_data_handle(const_cast<void*>(from));
  to_.set_data_handle(to);
  execute(reorder_, std::array{dnnl_exec_arg_t{DNNL_ARG_FROM, from_.get()},
                               dnnl_exec_arg_t{DNNL_ARG_TO, to_.get()}});
}

}  // namespace hikaku::cpu

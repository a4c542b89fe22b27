// oneDNN's convolutions behind one small class: the only file that knows its version. API 2 (Debian
// 12 has 2.6) and API 3 (Ubuntu 24.04 has 3.1) differ in how a primitive is described; from 3.2 on
// there is no Winograd convolution, and asking for one throws.
#pragma once

#include <dnnl.hpp>

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "ops/conv2d.h"

namespace hikaku::cpu {

[[nodiscard]] const dnnl::engine& onednn_engine();
[[nodiscard]] dnnl::stream& onednn_stream();

enum class ConvPass : std::uint8_t { forward, backward_data, backward_weight };
[[nodiscard]] const char* name_of(ConvPass pass);

struct ConvDescription {
  Conv2dParams params;
  Layout x, y;
  ConvPass pass = ConvPass::forward;
  bool winograd = false;
  bool training = true;
  bool bias = false, relu = false;  ///< of the forward pass
};

/// One primitive. The weight is in the form the primitive likes best; WeightReorder makes it so.
class OneDnnConvolution {
 public:
  /// Throws dnnl::error if the library has no such primitive.
  explicit OneDnnConvolution(const ConvDescription& description);

  /// The operands by pass: forward reads x, weight, bias and writes y; backward_data reads y (=
  /// dy), weight and writes x; backward_weight reads x, y and writes weight.
  void run(void* x, void* weight, const float* bias, void* y, void* scratch);

  [[nodiscard]] std::size_t scratch_bytes() const { return scratch_.get_size(); }
  [[nodiscard]] std::size_t weight_bytes() const { return weight_.get_size(); }
  [[nodiscard]] const dnnl::memory::desc& weight_desc() const { return weight_; }

 private:
  dnnl::primitive primitive_;
  dnnl::memory::desc weight_, scratch_;
  std::unordered_map<int, dnnl::memory> arguments_;
  std::vector<dnnl_exec_arg_t> c_arguments_;  ///< views on them
};

/// The plain OIHW layout of a weight.
[[nodiscard]] dnnl::memory::desc plain_weight_desc(const Conv2dParams& params);
/// Copies a weight from one form to another.
class WeightReorder {
 public:
  WeightReorder() = default;
  WeightReorder(const dnnl::memory::desc& from, const dnnl::memory::desc& to);
  void run(const void* from, void* to);

 private:
  dnnl::reorder reorder_;
  dnnl::memory from_, to_;
};

}  // namespace hikaku::cpu

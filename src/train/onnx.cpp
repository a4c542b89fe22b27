#include "train/onnx.h"

#include <fmt/format.h>

#include "base/program.h"
#include "base/proto_writer.h"

namespace hikaku {
namespace {

// Numbers of fields and of types in onnx.proto3.
namespace model {
constexpr int ir_version = 1, producer_name = 2, producer_version = 3, graph = 7, opset_import = 8,
              metadata_props = 14;
}
namespace graph {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node {
constexpr int input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
}
namespace attribute {
constexpr int name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20;
constexpr int of_float = 1, of_int = 2, of_string = 3, of_ints = 7;
}  // namespace attribute
namespace tensor {
constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9, f32 = 1;
}

constexpr float norm_eps = 1e-5f;
constexpr int ir_version_written = 7, opset = 13;

ProtoWriter ints(const char* name, const std::vector<std::int64_t>& values) {
  ProtoWriter writer;
  writer.bytes(attribute::name, name);
  for (const std::int64_t value : values) writer.integer(attribute::ints, value);
  return writer.integer(attribute::type, attribute::of_ints);
}

ProtoWriter text(const char* name, const char* value) {
  ProtoWriter writer;
  return writer.bytes(attribute::name, name)
      .bytes(attribute::s, value)
      .integer(attribute::type, attribute::of_string);
}

ProtoWriter number(const char* name, float value) {
  ProtoWriter writer;
  return writer.bytes(attribute::name, name)
      .number(attribute::f, value)
      .integer(attribute::type, attribute::of_float);
}

/// Draws the network, node by node; each returns the name of its output.
class Drawing {
 public:
  explicit Drawing(const StoredWeights& weights) : net_(weights.network) {
    for (const TensorInfo& info : net_.tensors) {
      const HostTensor& tensor = weights.tensors.at(info.name);
      initializer(info.name, tensor.shape, tensor.values);
    }
    initializer("twice", {4}, {1, 1, 2, 2});
  }

  std::string finish() {
    std::vector<std::string> skips;
    std::string x = "images";
    for (std::size_t level = 0; level < net_.down.size(); ++level) {
      if (level > 0) {
        x = add("MaxPool", {x}, {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
      }
      x = twice(net_.down[level], x);
      skips.push_back(x);
    }
    for (std::size_t level = net_.up.size(); level-- > 0;) {
      x = add("Concat", {skips[level], up(net_.up[level], x)}, {axis()});
      x = twice(net_.merge[level], x);
    }
    add("Conv", {x, name(net_.head.weight), name(net_.head.bias)}, {ints("kernel_shape", {1, 1})},
        "logits");
    return whole();
  }

 private:
  [[nodiscard]] const std::string& name(std::size_t tensor) const {
    return net_.tensors[tensor].name;
  }

  static ProtoWriter axis() {
    ProtoWriter writer;
    return writer.bytes(attribute::name, "axis")
        .integer(attribute::i, 1)
        .integer(attribute::type, attribute::of_int);
  }

  void initializer(const std::string& name, const std::vector<std::int64_t>& shape,
                   const std::vector<float>& values) {
    ProtoWriter writer;
    for (const std::int64_t side : shape) writer.integer(tensor::dims, side);
    writer.integer(tensor::data_type, tensor::f32)
        .bytes(tensor::name, name)
        .bytes(tensor::raw_data,
               {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
    graph_.message(graph::initializer, writer);
  }

  std::string add(const char* op, const std::vector<std::string>& inputs,
                  const std::vector<ProtoWriter>& attributes, std::string output = "") {
    if (output.empty()) output = fmt::format("{}_{}", op, count_++);
    ProtoWriter writer;
    for (const std::string& input : inputs) writer.bytes(node::input, input);
    writer.bytes(node::output, output).bytes(node::name, output).bytes(node::op_type, op);
    for (const ProtoWriter& one : attributes) writer.message(node::attribute, one);
    graph_.message(graph::node, writer);
    return output;
  }

  std::string norm(const NormTensors& norm, const std::string& x) {
    return add(
        "BatchNormalization",
        {x, name(norm.weight), name(norm.bias), name(norm.running_mean), name(norm.running_var)},
        {number("epsilon", norm_eps)});
  }

  std::string conv_norm_relu(const ConvNormTensors& unit, const std::string& x) {
    const std::string z = add("Conv", {x, name(unit.conv.weight), name(unit.conv.bias)},
                              {ints("kernel_shape", {3, 3}), ints("pads", {1, 1, 1, 1})});
    return add("Relu", {norm(unit.norm, z)}, {});
  }

  std::string twice(const DoubleTensors& block, const std::string& x) {
    return conv_norm_relu(block.second, conv_norm_relu(block.first, x));
  }

  std::string up(const UpTensors& block, const std::string& x) {
    const std::string large =
        add("Resize", {x, "", "twice"},
            {text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")});
    const std::string z =
        add("Conv", {norm(block.norm1, large), name(block.conv.weight), name(block.conv.bias)},
            {ints("kernel_shape", {2, 2}), ints("pads", {0, 0, 1, 1})});
    return norm(block.norm2, z);
  }

  /// A tensor that goes in or out: [batch, channels, height, width].
  static ProtoWriter value(const char* name, std::int64_t channels) {
    constexpr int dim = 1, dim_value = 1, dim_param = 2;
    ProtoWriter shape;
    shape.message(dim, ProtoWriter().bytes(dim_param, "batch"))
        .message(dim, ProtoWriter().integer(dim_value, channels))
        .message(dim, ProtoWriter().bytes(dim_param, "height"))
        .message(dim, ProtoWriter().bytes(dim_param, "width"));
    constexpr int elem_type = 1, of_shape = 2, tensor_type = 1, of_name = 1, of_type = 2;
    ProtoWriter type;
    type.message(tensor_type,
                 ProtoWriter().integer(elem_type, tensor::f32).message(of_shape, shape));
    return ProtoWriter().bytes(of_name, name).message(of_type, type);
  }

  std::string whole() {
    graph_.bytes(graph::name, "unet")
        .message(graph::input, value("images", net_.config.in_channels))
        .message(graph::output, value("logits", net_.config.classes));
    constexpr int version = 2, key = 1, text_of_key = 2;
    ProtoWriter writer;
    writer.integer(model::ir_version, ir_version_written)
        .bytes(model::producer_name, "hikaku")
        .bytes(model::producer_version, program().version)
        .message(model::graph, graph_)
        .message(model::opset_import, ProtoWriter().integer(version, opset))
        .message(model::metadata_props, ProtoWriter()
                                            .bytes(key, "images")
                                            .bytes(text_of_key,
                                                   "RGB in [0, 1], minus 0.485, 0.456, 0.406, over "
                                                   "0.229, 0.224, 0.225"));
    return writer.text();
  }

  UNet net_;
  ProtoWriter graph_;
  int count_ = 0;
};

}  // namespace

std::string onnx_model(const StoredWeights& weights) { return Drawing(weights).finish(); }

}  // namespace hikaku

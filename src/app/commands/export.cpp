// hikaku export: a trained network for other programs.
#include <fmt/format.h>

#include <span>

#include "app/commands/all.h"
#include "base/atomic_file.h"
#include "train/onnx.h"

namespace hikaku {
namespace {

class Export : public Command {
 public:
  Description describe() const override {
    return {"export",
            {"write a trained network as ONNX", "学習したネットワークを ONNX で書き出す"},
            "hikaku export run/best.safetensors --out unet.onnx"};
  }

  void declare(Options& options) override {
    options.text("--weights,weights", weights_, "FILE",
                 {"the network: a .safetensors file of a training, or of PyTorch's",
                  "ネットワーク。学習の .safetensors（PyTorch のものも可）"});
    options.text("--out", out_, "FILE", {"the file to write", "書き出すファイル"});
  }

  ExitCode run(Context& context) override {
    if (weights_.empty()) {
      throw Error(ExitCode::usage, "export: no network was named; a .safetensors file is needed",
                  "hikaku export run/best.safetensors --out unet.onnx");
    }
    const StoredWeights weights = load_weights(weights_);
    const std::string model = onnx_model(weights);
    write_file(out_, std::as_bytes(std::span(model)));
    constexpr Text done{
        "{}: images [batch, 3, height, width] to logits [batch, {}, height, width]; sides are "
        "multiples of {}\n",
        "{}: images [batch, 3, height, width] から logits [batch, {}, height, width]。辺は {} "
        "の倍数\n"};
    write_stdout(fmt::format(fmt::runtime(done.in(context.settings.language)), out_,
                             weights.network.classes, weights.network.side_unit()));
    return ExitCode::ok;
  }

 private:
  std::string weights_, out_ = "unet.onnx";
};

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<Export>(); }

}  // namespace hikaku

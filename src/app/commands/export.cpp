// hikaku export: a trained network for other programs.
#include <fmt/format.h>

#include <span>

#include "app/commands/all.h"
#include "app/json_output.h"
#include "app/network_option.h"
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
    network_.declare(options);
    options.text("--out", out_, "FILE", {"the file to write", "書き出すファイル"});
  }

  ExitCode run(Context& context) override {
    require_named("--out", out_, "file");
    require_target(out_, {network_.file});
    const StoredWeights weights = network_.load(*this);
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
  NetworkOption network_;
  std::string out_ = "unet.onnx";
};

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<Export>(); }

}  // namespace hikaku

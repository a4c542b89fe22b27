// hikaku data synth: a data set of generated scenes.
#include <fmt/format.h>

#include "app/commands/all.h"
#include "app/threads.h"
#include "data/synth.h"

namespace hikaku {
namespace {

class DataSynth : public Command {
 public:
  Description describe() const override {
    return {"data synth",
            {"generate scenes in the layout of PASCAL VOC",
             "PASCAL VOC と同じ構成のデータセットを合成する"},
            "hikaku data synth scenes"};
  }

  void declare(Options& options) override {
    options.text("--out,out", out_, "DIR", {"the folder to write", "書き出し先のフォルダー"});
    options.integer("--train", train_, 1, 1'000'000, {"scenes to train on", "学習に使う画像の数"});
    options.integer("--val", val_, 1, 1'000'000, {"scenes to evaluate on", "評価に使う画像の数"});
    options.seed(seed_);
    options.threads(threads_);
  }

  ExitCode run(Context& context) override {
    const SynthOptions options{static_cast<std::uint32_t>(train_), static_cast<std::uint32_t>(val_),
                               static_cast<std::uint64_t>(seed_), use_threads(threads_)};
    require_named("--out", out_, "folder");
    write_synth(out_, options);
    constexpr Text done{"{}: {} scenes to train on and {} to evaluate on\n",
                        "{}: 学習用 {} 枚、評価用 {} 枚\n"};
    write_stdout(fmt::format(fmt::runtime(done.in(context.settings.language)), out_, train_, val_));
    return ExitCode::ok;
  }

 private:
  std::string out_ = "scenes";
  std::int64_t train_ = 300, val_ = 100, seed_ = 1, threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> data_synth_command() { return std::make_unique<DataSynth>(); }

}  // namespace hikaku

// hikaku eval: what a trained network is worth on a data set.
#include <fmt/format.h>

#include <cmath>

#include "app/commands/all.h"
#include "app/devices.h"
#include "app/experiment.h"
#include "app/json_output.h"
#include "app/network_option.h"
#include "app/phase_bars.h"
#include "app/threads.h"
#include "base/signals.h"
#include "train/metrics_log.h"

namespace hikaku {
namespace {

constexpr const char* other_data =
    "use data with the classes of its training (docs/data.md tells of classes.txt)";

std::string percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.2f}%", 100 * share);
}

std::string table(const EvalStats& stats, const Classes& classes, Language language) {
  constexpr Text heads{
      "pixel accuracy {}, mean IoU {}, mean Dice {}, the lecture's IoU {}\n"
      "background everywhere: pixel accuracy {}, mean IoU {}\n"
      "with void as background: pixel accuracy {}, mean IoU {}; background everywhere: {}, {}\n",
      "画素正解率 {}、平均 IoU {}、平均 Dice {}、講義の IoU {}\n"
      "すべて背景と答えた場合：画素正解率 {}、平均 IoU {}\n"
      "輪郭を背景と数えると：画素正解率 {}、平均 IoU {}、すべて背景と答えた場合 {}、{}\n"};
  std::string text = fmt::format(
      fmt::runtime(heads.in(language)), percent(stats.pixel_accuracy), percent(stats.mean_iou),
      percent(stats.mean_dice_by_class), percent(stats.lecture_iou),
      percent(stats.background_pixel_accuracy), percent(stats.background_mean_iou),
      percent(stats.with_void.pixel_accuracy), percent(stats.with_void.mean_iou),
      percent(stats.background_with_void.pixel_accuracy),
      percent(stats.background_with_void.mean_iou));
  text += fmt::format("\n{:>8} {:>8}\n", "IoU", "Dice");
  for (std::size_t label = 0; label < stats.iou_by_class.size(); ++label) {
    text += fmt::format("{:>8} {:>8}  {:>3} {}\n", percent(stats.iou_by_class[label]),
                        percent(stats.dice_by_class[label]), label,
                        classes.name(static_cast<std::int64_t>(label)));
  }
  return text;
}

class Eval : public Command {
 public:
  Description describe() const override {
    return {"eval",
            {"score a trained network on a validation list",
             "学習したネットワークを評価用リストで採点する"},
            "hikaku eval run/best.safetensors --data VOCdevkit/VOC2012_sample"};
  }

  void declare(Options& options) override {
    network_.declare(options);
    options.data(data_);
    options.integer("--batch-size", batch_size_, 1, 4096,
                    {"pictures that are computed at once", "一度に計算する画像の数"});
    network_.declare_size(options);
    options.integer("--workers", workers_, 1, 256,
                    {"threads that read the data", "データを読むスレッドの数"});
    options.precision(precision_);
    options.device(device_);
    options.deterministic(deterministic_);
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override;

 private:
  [[nodiscard]] TrainVal lists(const StoredWeights& weights) const;

  NetworkOption network_;
  std::string data_, precision_, device_ = "auto", json_;
  std::int64_t batch_size_ = 16, workers_ = 4, threads_ = 0;
  bool deterministic_ = false;
};

/// Without those to train on.
TrainVal Eval::lists(const StoredWeights& weights) const {
  TrainVal lists = open_dataset(data_folder(data_));
  lists.train.list.entries.clear();
  const Classes& classes = lists.val.classes;
  if (weights.network.classes != classes.count()) {
    refuse_checkpoint(network_.file,
                      fmt::format("a network of {} classes; the data set has {}",
                                  weights.network.classes, classes.count()),
                      other_data);
  }
  if (weights.metadata.empty()) return lists;  // another program's, which names no classes
  const Classes learnt = classes_of(weights, network_.file);
  if (const auto other = first_other_name(learnt, classes)) {
    refuse_checkpoint(network_.file,
                      fmt::format("learnt class {} as \"{}\"; in the data set it is \"{}\"", *other,
                                  learnt.name(*other), classes.name(*other)),
                      other_data);
  }
  return lists;
}

ExitCode Eval::run(Context& context) {
  use_threads(threads_);
  require_target(json_, {network_.file});
  const StoredWeights weights = network_.load(*this);
  network_.settle_size(weights);
  const TrainVal data = lists(weights);
  const Devices devices =
      open_devices(context, {device_}, Auto::best, {precision_, deterministic_});
  const Backend& device = devices.front();
  Model model(weights.network, devices.front(), false);
  model.from_host(weights.tensors);
  TrainerOptions options;
  options.batch_size = batch_size_;
  options.size = static_cast<int>(network_.size);
  options.workers = static_cast<int>(workers_);
  Trainer trainer(model, data, options);
  const std::string name = fmt::format("{} {}", device.name(), name_of(device.precision()));
  PhaseBars bars(context.console, device, 1);
  const EvalStats stats = trainer.evaluate([&](const PhaseProgress& at) { bars("eval", 0, at); });
  stop_if_requested();
  if (json_ != "-") {
    constexpr Text head{"{}: {} pictures of {} x {} on {}\n", "{}：画像 {} 枚、{} x {}、{}\n"};
    write_stdout(fmt::format(fmt::runtime(head.in(context.settings.language)), network_.file,
                             stats.images, network_.size, network_.size, name));
    write_stdout(table(stats, data.val.classes, context.settings.language));
  }
  if (!json_.empty()) write_json(to_json(stats), json_);
  return ExitCode::ok;
}

}  // namespace

std::unique_ptr<Command> eval_command() { return std::make_unique<Eval>(); }

}  // namespace hikaku

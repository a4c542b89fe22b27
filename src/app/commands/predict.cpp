// hikaku predict: a trained network's classes for pictures of any size.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>

#include "app/commands/all.h"
#include "app/devices.h"
#include "app/legend.h"
#include "app/settings_file.h"
#include "app/threads.h"
#include "app/training_run.h"
#include "base/clock.h"
#include "base/signals.h"
#include "data/file.h"
#include "data/finding.h"
#include "data/image_file.h"
#include "data/jpeg.h"
#include "data/parallel.h"
#include "data/png.h"
#include "train/predictor.h"
#include "train/weights_file.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class Predict : public Command {
 public:
  Description describe() const override {
    return {"predict",
            {"show what a trained network sees in pictures",
             "学習したネットワークで画像を領域分割する"},
            "hikaku predict run/best.safetensors photos --out predicted"};
  }

  void declare(Options& options) override {
    options.text("--weights,weights", weights_, "FILE",
                 {"the network: a .safetensors file of a training, or of PyTorch's",
                  "ネットワーク。学習の .safetensors（PyTorch のものも可）"});
    options.files(
        words_, {"pictures (JPEG, PNG) and folders of them", "画像 (JPEG, PNG) かそのフォルダー"});
    options.text("--out", out_, "DIR", {"the folder to write", "書き出し先のフォルダー"});
    options.choices("--save", save_, {"masks", "overlays", "confidence", "probabilities", "logits"},
                    {"what to write of each picture", "画像ごとに書き出すもの"});
    options.integer("--batch-size", batch_size_, 1, 4096,
                    {"pictures that are computed at once", "一度に計算する画像の数"});
    options.integer("--size", size_, 0, 4096,
                    {"pictures are resized to N x N on their way in; 0: as in the training",
                     "入力を N x N に縮める。0 は学習と同じ"});
    options.precision(precision_);
    options.device(device_);
    options.threads(threads_);
  }

  ExitCode run(Context& context) override;

 private:
  struct Times {
    double network = 0;
    std::size_t pictures = 0, bad = 0;
    std::map<int, std::int64_t> pixels;  ///< by class
  };
  /// What becomes of a batch.
  struct Item {
    fs::path file;
    Picture picture;
    Segmentation answer;
    std::optional<Finding> fault;
  };

  [[nodiscard]] std::vector<fs::path> inputs() const;
  void settle_size(const StoredWeights& weights);
  [[nodiscard]] bool saves(const char* what) const {
    return std::find(save_.begin(), save_.end(), what) != save_.end();
  }
  [[nodiscard]] fs::path target(const fs::path& file, const char* end) const {
    return fs::path(out_) / (file.stem().string() + end);
  }
  void predict(Predictor& predictor, std::int64_t classes, std::vector<Item>& items, Times& times);
  void write(const Item& item, const Logits& logits, std::int64_t classes) const;

  std::string weights_, out_ = "predicted", precision_, device_ = "auto";
  std::vector<std::string> words_, save_{"masks", "overlays"};
  std::int64_t batch_size_ = 8, size_ = 0, threads_ = 0;
  Classes classes_;
};

/// Each has a name of its own, and none of them is written over.
std::vector<fs::path> Predict::inputs() const {
  std::vector<fs::path> files;
  for (const std::string& word : words_) {
    const auto some = pictures_at(word);
    files.insert(files.end(), some.begin(), some.end());
  }
  std::map<std::string, fs::path> stems;
  for (const fs::path& file : files) {
    const auto [other, is_new] = stems.emplace(file.stem().string(), file);
    if (!is_new) {
      throw Error(
          ExitCode::usage,
          fmt::format("{} and {}: both would be written as {}; each picture needs a name of "
                      "its own",
                      other->second.string(), file.string(), target(file, ".png").string()),
          "predict them with two calls and two --out folders");
    }
    std::error_code ignored;
    for (const char* end : {".png", "_overlay.jpg", "_confidence.png"}) {
      if (!fs::equivalent(target(file, end), file, ignored)) continue;
      throw Error(
          ExitCode::usage,
          fmt::format("{}: it would be written over; pictures stay as they are", file.string()),
          "choose another folder: --out DIR");
    }
  }
  return files;
}

void Predict::settle_size(const StoredWeights& weights) {
  constexpr std::int64_t usual = 256;
  if (size_ == 0) {
    const auto config = weights.metadata.find("hikaku.config");
    const std::string trained =
        config == weights.metadata.end() ? "" : value_in(config->second, "size");
    size_ = trained.empty() ? usual : std::atoll(trained.c_str());
  }
  require_size(size_, weights.network);
}

void Predict::write(const Item& item, const Logits& logits, std::int64_t classes) const {
  const Segmentation& answer = item.answer;
  const int width = item.picture.width, height = item.picture.height;
  if (saves("masks")) write_file(target(item.file, ".png"), encode_mask(answer.mask, classes_));
  if (saves("overlays")) {
    write_file(target(item.file, "_overlay.jpg"),
               encode_jpeg(overlay(item.picture, answer.mask, classes_)));
  }
  if (saves("confidence")) {
    write_file(target(item.file, "_confidence.png"),
               encode_grey16(answer.confidence, width, height));
  }
  if (saves("probabilities")) {
    write_file(target(item.file, "_probabilities.npy"),
               encode_npy(answer.probabilities, {classes, height, width}));
  }
  if (saves("logits")) {
    write_file(target(item.file, "_logits.npy"), encode_npy(logits, {classes, size_, size_}));
  }
}

void Predict::predict(Predictor& predictor, std::int64_t classes, std::vector<Item>& items,
                      Times& times) {
  const int threads = use_threads(threads_);
  parallel_for(items.size(), threads, [&](std::size_t i) {
    try {
      items[i].picture = read_image(items[i].file);
    } catch (const BadData& error) {
      items[i].fault = error.finding();
    }
  });
  std::vector<Item> good;
  std::vector<Picture> pictures;
  for (Item& item : items) {
    if (item.fault) continue;
    pictures.push_back(item.picture);
    good.push_back(std::move(item));
  }
  if (good.empty()) return;
  const double begin = clock_seconds();
  const std::vector<Logits> logits = predictor.run(pictures);
  times.network += clock_seconds() - begin;
  times.pictures += good.size();
  parallel_for(good.size(), threads, [&](std::size_t i) {
    Item& item = good[i];
    item.answer = segment(logits[i], classes, static_cast<int>(size_), item.picture.height,
                          item.picture.width, saves("probabilities"));
    write(item, logits[i], classes);
  });
  for (const Item& item : good) {
    for (const std::uint8_t label : item.answer.mask.index) ++times.pixels[label];
  }
}

ExitCode Predict::run(Context& context) {
  if (weights_.empty()) {
    throw Error(ExitCode::usage, "predict: no network was named; a .safetensors file is needed",
                "hikaku predict run/best.safetensors photos --out predicted");
  }
  use_threads(threads_);
  const StoredWeights weights = load_weights(weights_);
  settle_size(weights);
  classes_ = classes_of(weights, weights_);
  const std::vector<fs::path> files = inputs();
  std::error_code error;
  fs::create_directories(out_, error);
  if (error) {
    throw Error(ExitCode::bad_data, fmt::format("{}: cannot be made: {}", out_, error.message()),
                "choose a folder that can be written to: --out DIR");
  }
  const Devices devices = open_devices(context, {device_}, Auto::best, {precision_, false});
  Model model(weights.network, devices.front(), false);
  model.from_host(weights.tensors);
  const auto batch = std::min<std::int64_t>(batch_size_, static_cast<std::int64_t>(files.size()));
  Predictor predictor(model, batch, static_cast<int>(size_));

  predictor.plan(batch);
  const std::int64_t rest = static_cast<std::int64_t>(files.size()) % batch;
  if (rest != 0) predictor.plan(rest);

  Times times;
  std::optional<Finding> first_fault;
  const double begin = clock_seconds();
  Progress bar(context.console, fmt::format("{} predict", devices.front().name()),
               static_cast<std::int64_t>(files.size()));
  for (std::size_t at = 0; at < files.size(); at += static_cast<std::size_t>(batch)) {
    stop_if_requested();
    std::vector<Item> items;
    for (std::size_t i = at; i < std::min(files.size(), at + static_cast<std::size_t>(batch));
         ++i) {
      items.push_back({files[i], {}, {}, {}});
    }
    predict(predictor, weights.network.classes, items, times);
    for (const Item& item : items) {
      if (!item.fault) continue;
      if (times.bad++ == 0) first_fault = item.fault;
      context.console.warning(to_string(*item.fault));
    }
    bar.update(static_cast<std::int64_t>(at + items.size()));
  }
  const double seconds = clock_seconds() - begin;
  write_file(fs::path(out_) / "legend.svg",
             legend_svg(times.pixels, classes_, context.settings.language));
  constexpr Text done{
      "{}: {} pictures in {:.2f} s on {} {}: {:.1f} a second, {:.1f} a second in the network "
      "alone\n",
      "{}: 画像 {} 枚、{:.2f} 秒、{} {}: 毎秒 {:.1f} 枚、ネットワークだけなら毎秒 {:.1f} 枚\n"};
  const auto count = static_cast<double>(times.pictures);
  if (times.pictures > 0) {
    write_stdout(fmt::format(fmt::runtime(done.in(context.settings.language)), out_, times.pictures,
                             seconds, devices.front().name(), name_of(devices.front().precision()),
                             count / seconds, count / times.network));
    write_stdout(legend_text(times.pixels, classes_));
  }
  if (first_fault && times.bad == 1) throw BadData(*first_fault);
  if (first_fault) {
    throw Error(ExitCode::bad_data,
                fmt::format("{} of {} pictures could not be read, the first one: {}", times.bad,
                            files.size(), to_string(*first_fault)),
                "the others are done; mend these, or leave them out");
  }
  return ExitCode::ok;
}

}  // namespace

std::unique_ptr<Command> predict_command() { return std::make_unique<Predict>(); }

}  // namespace hikaku

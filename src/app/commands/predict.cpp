// hikaku predict: a trained network's classes for pictures of any size.
#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <map>
#include <set>

#include "app/commands/all.h"
#include "app/devices.h"
#include "app/legend.h"
#include "app/network_option.h"
#include "app/prediction_run.h"
#include "app/threads.h"
#include "base/clock.h"
#include "data/file.h"
#include "data/image_file.h"

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
    network_.declare(options);
    options.files(
        words_, {"pictures (JPEG, PNG) and folders of them", "画像 (JPEG, PNG) かそのフォルダー"});
    options.text("--out", out_, "DIR", {"the folder to write", "書き出し先のフォルダー"});
    options.choices("--save", save_, {"masks", "overlays", "confidence", "probabilities", "logits"},
                    {"what to write of each picture", "画像ごとに書き出すもの"});
    options.integer("--batch-size", batch_size_, 1, 4096,
                    {"pictures that are computed at once", "一度に計算する画像の数"});
    network_.declare_size(options);
    options.precision(precision_);
    options.device(device_);
    options.threads(threads_);
  }

  ExitCode run(Context& context) override;

 private:
  [[nodiscard]] std::vector<fs::path> inputs(const PredictionOptions& options) const;
  void show(const Context& context, const Backend& device, const PredictionTally& tally,
            double seconds, const Classes& classes) const;

  NetworkOption network_;
  std::string out_ = "predicted", precision_, device_ = "auto";
  std::vector<std::string> words_, save_{"masks", "overlays"};
  std::int64_t batch_size_ = 8, threads_ = 0;
};

/// What is written of each has a name of its own, and none of them is written over.
std::vector<fs::path> Predict::inputs(const PredictionOptions& options) const {
  std::vector<fs::path> files;
  for (const std::string& word : words_) {
    const auto some = pictures_at(word);
    files.insert(files.end(), some.begin(), some.end());
  }
  const auto real = [](const fs::path& path) {
    std::error_code ignored;
    return fs::weakly_canonical(path, ignored);
  };
  std::map<fs::path, fs::path> written;  // what is written, and of which picture
  std::set<fs::path> sources;
  for (const fs::path& file : files) sources.insert(real(file));
  for (const fs::path& file : files) {
    for (const fs::path& target : options.targets(file)) {
      if (target.filename().native().size() > NAME_MAX) {  // said now, not in the middle
        throw Error(ExitCode::usage,
                    fmt::format("{}: its name is too long for {}; {} bytes are allowed",
                                file.string(), target.filename().string(), NAME_MAX),
                    "shorten it");
      }
      const auto [other, is_new] = written.emplace(target, file);
      if (!is_new) {
        throw Error(
            ExitCode::usage,
            fmt::format("{} and {}: both would be written as {}; each file needs a name of its own",
                        other->second.string(), file.string(), target.string()),
            "predict them with two calls and two --out folders");
      }
      if (sources.contains(real(target))) {
        throw Error(
            ExitCode::usage,
            fmt::format("{}: it would be written over; pictures stay as they are", target.string()),
            "choose another folder: --out DIR");
      }
    }
  }
  return files;
}

void Predict::show(const Context& context, const Backend& device, const PredictionTally& tally,
                   double seconds, const Classes& classes) const {
  const Language language = context.settings.language;
  write_file(fs::path(out_) / "legend.svg", legend_svg(tally.pixels, classes, language));
  if (tally.pictures == 0) return;
  constexpr Text done{
      "{}: {} pictures in {:.2f} s on {} {}: {:.1f} a second (the network: {:.1f} a second)\n",
      "{}: 画像 {} 枚、{:.2f} 秒、{} {}: 毎秒 {:.1f} 枚（ネットワークは毎秒 {:.1f} 枚）\n"};
  const auto count = static_cast<double>(tally.pictures);
  write_stdout(fmt::format(fmt::runtime(done.in(language)), out_, tally.pictures, seconds,
                           device.name(), name_of(device.precision()), count / seconds,
                           count / tally.network_seconds));
  write_stdout(legend_text(tally.pixels, classes));
}

void require_no_faults(const PredictionTally& tally, std::size_t files) {
  if (tally.bad == 0) return;
  if (tally.bad == 1) throw BadData(*tally.first_fault);
  throw Error(ExitCode::bad_data,
              fmt::format("{} of {} pictures could not be read, the first one: {}", tally.bad,
                          files, to_string(*tally.first_fault)),
              "the others are done; mend these, or leave them out");
}

ExitCode Predict::run(Context& context) {
  require_named("--out", out_, "folder");
  const int threads = use_threads(threads_);
  const StoredWeights weights = network_.load(*this);
  network_.settle_size(weights);
  const PredictionOptions options{out_, save_, threads, classes_of(weights, network_.file)};
  const std::vector<fs::path> files = inputs(options);
  std::error_code error;
  fs::create_directories(out_, error);
  if (error) {
    throw Error(ExitCode::bad_data, fmt::format("{}: cannot be made: {}", out_, error.message()),
                "choose a folder that can be written to: --out DIR");
  }
  const Devices devices = open_devices(context, {device_}, Auto::best, {precision_, false});
  Model model(weights.network, devices.front(), false);
  model.from_host(weights.tensors);
  const auto count = static_cast<std::int64_t>(files.size());
  const std::int64_t batch = std::min(batch_size_, count);
  Predictor predictor(model, batch, static_cast<int>(network_.size));
  predictor.plan(batch);
  if (count % batch != 0) predictor.plan(count % batch);

  PredictionRun run(predictor, options);
  const double begin = clock_seconds();
  const PredictionTally& tally = run.run(context.console, files);
  show(context, devices.front(), tally, clock_seconds() - begin, options.classes);
  require_no_faults(tally, files.size());
  return ExitCode::ok;
}

}  // namespace

std::unique_ptr<Command> predict_command() { return std::make_unique<Predict>(); }

}  // namespace hikaku

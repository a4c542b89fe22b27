#include "app/prediction_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>

#include "base/clock.h"
#include "data/file.h"
#include "data/image_file.h"
#include "data/jpeg.h"
#include "data/parallel.h"
#include "data/png.h"
#include "data/transform.h"

namespace hikaku {

namespace fs = std::filesystem;

namespace {

struct Output {
  const char *what, *end;
};
constexpr std::array outputs{Output{"masks", ".png"}, Output{"overlays", "_overlay.jpg"},
                             Output{"confidence", "_confidence.png"},
                             Output{"probabilities", "_probabilities.npy"},
                             Output{"logits", "_logits.npy"}};

}  // namespace

bool PredictionOptions::saves(const char* what) const {
  return std::find(save.begin(), save.end(), what) != save.end();
}

fs::path PredictionOptions::target(const fs::path& picture, const char* what) const {
  const auto* const output = std::find_if(outputs.begin(), outputs.end(), [&](const Output& one) {
    return std::string_view(one.what) == what;
  });
  require(output != outputs.end(), "[predict] {} is nothing that is written", what);
  return folder / fmt::format("{}{}", picture.stem().string(), output->end);
}

std::vector<fs::path> PredictionOptions::targets(const fs::path& picture) const {
  std::vector<fs::path> all;
  for (const Output& output : outputs) {
    if (saves(output.what)) all.push_back(target(picture, output.what));
  }
  return all;
}

PredictionRun::Batch PredictionRun::batch_of(std::span<const fs::path> files) const {
  Batch batch;
  for (const fs::path& file : files) batch.items.push_back({file, {}, {}});
  batch.images.resize(files.size() * predictor_.image_floats());
  return batch;
}

void PredictionRun::read(Batch& batch, std::size_t i) const {
  Item& item = batch.items[i];
  try {
    item.picture = upright(read_image(item.file));  // the answer is for people to look at
    transform_picture(item.picture, predictor_.size(), predictor_.size(),
                      batch.images.data() + i * predictor_.image_floats());
  } catch (const BadData& error) {
    item.fault = error.finding();
  }
}

void PredictionRun::forward(Batch& batch) {
  if (batch.items.empty()) return;
  const double begin = clock_seconds();
  batch.logits = predictor_.run(batch.images);
  tally_.network_seconds += clock_seconds() - begin;
}

void PredictionRun::finish(const Batch& batch, std::size_t i) {
  const Item& item = batch.items[i];
  if (item.fault) return;
  const Logits& logits = batch.logits[i];
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(logits.begin(), logits.end(), is_finite)) {
    throw Error(ExitCode::diverged,
                fmt::format("{}: the network's answer is not finite; only finite numbers tell "
                            "classes apart",
                            item.file.string()),
                "use the weights of an earlier epoch, or --precision f32");
  }
  const Segmentation answer =
      segment(logits, predictor_.classes(), predictor_.size(), item.picture.height,
              item.picture.width, options_.saves("probabilities"));
  write(item, answer, logits);
  std::array<std::int64_t, 256> pixels{};
  for (const std::uint8_t label : answer.mask.index) ++pixels.at(label);
  const std::lock_guard lock(mutex_);
  for (std::size_t label = 0; label < pixels.size(); ++label) {
    if (pixels.at(label) > 0) tally_.pixels[static_cast<int>(label)] += pixels.at(label);
  }
}

void PredictionRun::write(const Item& item, const Segmentation& answer,
                          const Logits& logits) const {
  const int width = item.picture.width, height = item.picture.height;
  const std::int64_t classes = predictor_.classes();
  const auto target = [&](const char* what) { return options_.target(item.file, what); };
  if (options_.saves("masks")) {
    write_file(target("masks"), encode_mask(answer.mask, options_.classes));
  }
  if (options_.saves("overlays")) {
    write_file(target("overlays"),
               encode_jpeg(overlay(item.picture, answer.mask, options_.classes)));
  }
  if (options_.saves("confidence")) {
    write_file(target("confidence"), encode_grey16(answer.confidence, width, height));
  }
  if (options_.saves("probabilities")) {
    write_file(target("probabilities"), encode_npy(answer.probabilities, {classes, height, width}));
  }
  if (options_.saves("logits")) {
    write_file(target("logits"),
               encode_npy(logits, {classes, predictor_.size(), predictor_.size()}));
  }
}

void PredictionRun::count(Console& console, const Batch& batch) {
  for (const Item& item : batch.items) {
    if (!item.fault) {
      ++tally_.pictures;
      continue;
    }
    if (tally_.bad++ == 0) tally_.first_fault = item.fault;
    console.warning(to_string(*item.fault));
  }
}

const PredictionTally& PredictionRun::run(Console& console, std::span<const fs::path> files) {
  Progress bar(console, fmt::format("{} predict", predictor_.device().name()),
               static_cast<std::int64_t>(files.size()));
  const auto take = [&] {
    const auto some = files.first(std::min(files.size(), predictor_.batch_size()));
    files = files.subspan(some.size());
    return batch_of(some);
  };
  Batch coming = take(), current, done;
  while (!coming.items.empty() || !current.items.empty() || !done.items.empty()) {
    std::future<void> beside = std::async(std::launch::async, [&] {
      const std::size_t answers = done.items.size();
      parallel_for(answers + coming.items.size(), options_.threads, [&](std::size_t i) {
        i < answers ? finish(done, i) : read(coming, i - answers);
      });
    });
    forward(current);
    beside.get();
    count(console, done);
    bar.update(static_cast<std::int64_t>(tally_.pictures + tally_.bad));
    done = std::move(current);
    current = std::move(coming);
    coming = take();
  }
  return tally_;
}

}  // namespace hikaku

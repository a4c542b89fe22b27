#include "train/metrics_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* times_header =
    "epoch,train_seconds,wait_seconds,eval_seconds,train_images,eval_images\n";

/// "tv/monitor": "tv_monitor". Beyond ASCII all stays as it is.
std::string column_of(std::string name) {
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte >= 128 || std::isalnum(byte) != 0 ? c : '_';
  }
  return name;
}

std::string csv_header(const Classes& classes) {
  std::string text =
      "epoch,steps,learning_rate,train_loss,train_cross_entropy,train_dice,val_loss,"
      "val_cross_entropy,val_dice,pixel_accuracy,mean_iou,mean_dice,lecture_iou,"
      "background_pixel_accuracy,background_mean_iou,pixel_accuracy_with_void,mean_iou_with_void,"
      "background_pixel_accuracy_with_void,background_mean_iou_with_void";
  for (const char* kind : {"iou", "dice"}) {
    for (const ClassInfo& entry : classes.entries()) {
      text += fmt::format(",{}_{}", kind, column_of(entry.name));
    }
  }
  return text + "\n";
}

std::string number(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }

std::string csv_row(const EpochFigures& figures) {
  const PhaseStats& train = *figures.train;
  const EvalStats& eval = *figures.eval;
  std::string row = fmt::format("{},{}", figures.epoch, figures.steps);
  for (const double value :
       {figures.learning_rate, train.mean_loss(), train.mean_cross_entropy(), train.mean_dice(),
        eval.mean_loss(), eval.mean_cross_entropy(), eval.mean_dice(), eval.pixel_accuracy,
        eval.mean_iou, eval.mean_dice_by_class, eval.lecture_iou, eval.background_pixel_accuracy,
        eval.background_mean_iou, eval.with_void.pixel_accuracy, eval.with_void.mean_iou,
        eval.background_with_void.pixel_accuracy, eval.background_with_void.mean_iou}) {
    row += ',';
    row += number(value);
  }
  for (const auto* values : {&eval.iou_by_class, &eval.dice_by_class}) {
    for (const double value : *values) {
      row += ',';
      row += number(value);
    }
  }
  row += '\n';
  return row;
}

/// NaN and infinity are null: JSON has neither.
Json value_of(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json list_of(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(value_of(value));
  return list;
}

Json losses_of(const PhaseStats& stats) {
  return {{"loss", value_of(stats.mean_loss())},
          {"cross_entropy", value_of(stats.mean_cross_entropy())},
          {"dice", value_of(stats.mean_dice())}};
}

Json score_of(const Score& score) {
  return {{"pixel_accuracy", value_of(score.pixel_accuracy)},
          {"mean_iou", value_of(score.mean_iou)}};
}

Json figures_of(const EvalStats& eval) {
  Json val = losses_of(eval);
  val["pixel_accuracy"] = value_of(eval.pixel_accuracy);
  val["mean_iou"] = value_of(eval.mean_iou);
  val["mean_dice"] = value_of(eval.mean_dice_by_class);
  val["lecture_iou"] = value_of(eval.lecture_iou);
  val["background_only"] = score_of({eval.background_pixel_accuracy, eval.background_mean_iou});
  val["with_void"] = score_of(eval.with_void);
  val["with_void"]["background_only"] = score_of(eval.background_with_void);
  val["iou_by_class"] = list_of(eval.iou_by_class);
  val["dice_by_class"] = list_of(eval.dice_by_class);
  const std::size_t classes = eval.iou_by_class.size();
  Json matrix = Json::array();
  for (std::size_t label = 0; label < classes; ++label) {
    const auto begin = eval.confusion.begin() + static_cast<std::ptrdiff_t>(label * classes);
    matrix.push_back(
        Json(std::vector<std::int64_t>(begin, begin + static_cast<std::ptrdiff_t>(classes))));
  }
  val["confusion"] = matrix;
  return val;
}

std::string json_row(const EpochFigures& figures) {
  const Json row{{"epoch", figures.epoch},
                 {"steps", figures.steps},
                 {"learning_rate", value_of(figures.learning_rate)},
                 {"train", losses_of(*figures.train)},
                 {"val", figures_of(*figures.eval)}};
  return row.dump() + "\n";
}

std::string times_row(const EpochFigures& figures) {
  return fmt::format("{},{},{},{},{},{}\n", figures.epoch, figures.train->seconds,
                     figures.train->wait_seconds, figures.eval->seconds, figures.train->images,
                     figures.eval->images);
}

/// To a name beside it that is free, which it returns.
fs::path put_aside(const fs::path& file) {
  std::error_code error;
  fs::path aside = file.string() + ".old";
  for (int n = 2; fs::exists(aside, error); ++n) aside = fmt::format("{}.old{}", file.string(), n);
  if (!error) fs::rename(file, aside, error);
  if (!error) return aside;
  throw Error(
      ExitCode::bad_data,
      fmt::format("{}: has another first line than this training writes, and cannot be renamed: {}",
                  file.string(), error.message()),
      "check the folder and its rights");
}

/// Leaves `header` and the first `rows` complete lines of what is there. Lines below another
/// header, as a spreadsheet or another version writes it, are somebody's figures: they stay, aside.
void trim(const fs::path& file, const std::string& header, std::int64_t rows,
          const std::function<void(const std::string&)>& say) {
  std::ifstream stream(file, std::ios::binary);
  const std::string before{std::istreambuf_iterator<char>(stream), {}};
  const bool other = !before.empty() && !before.starts_with(header);
  if (other) {
    say(fmt::format(
        "{}: has another first line than this training writes; what it held is in {} now",
        file.string(), put_aside(file).string()));
  }
  std::string kept = header;
  std::size_t at = other ? before.size() : kept.size();
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::size_t end = before.find('\n', at);
    if (end == std::string::npos) break;
    kept += before.substr(at, end + 1 - at);
    at = end + 1;
  }
  if (kept != before) write_file(file, std::as_bytes(std::span(kept)));
}

[[noreturn]] void refuse(const fs::path& file, int reason) {
  throw Error(ExitCode::bad_data,
              fmt::format("{}: a line of figures could not be written: {}", file.string(),
                          std::generic_category().message(reason)),
              "check the folder, its rights and the free space of its disk");
}

/// All of `lines` or, where the disk is full, nothing.
void append(const fs::path& file, const std::string& lines) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) refuse(file, errno);
  const off_t before = lseek(descriptor, 0, SEEK_END);
  const auto size = static_cast<ssize_t>(lines.size());
  const ssize_t written = write(descriptor, lines.data(), lines.size());
  // What only a part was written of has no error number; there is no other reason.
  if (written >= 0 && written < size) errno = ENOSPC;
  const bool done = before >= 0 && written == size && fsync(descriptor) == 0;
  const int reason = errno;
  if (!done && written > 0) (void)!ftruncate(descriptor, before);
  close(descriptor);
  if (!done) refuse(file, reason);
}

}  // namespace

std::string to_json(const EvalStats& eval) { return figures_of(eval).dump() + "\n"; }

MetricsLog::MetricsLog(const fs::path& folder, const Classes& classes, std::int64_t epochs,
                       const std::function<void(const std::string&)>& say)
    : csv_{folder / "metrics.csv", {}},
      json_{folder / "metrics.jsonl", {}},
      times_{folder / "times.csv", {}} {
  trim(csv_.path, csv_header(classes), epochs, say);
  trim(json_.path, "", epochs, say);
  trim(times_.path, times_header, epochs, say);
}

void MetricsLog::add(const EpochFigures& figures) {
  csv_.lines += csv_row(figures);
  json_.lines += json_row(figures);
  times_.lines += times_row(figures);
}

void MetricsLog::flush() {
  for (File* file : {&csv_, &json_, &times_}) {
    if (file->lines.empty()) continue;
    append(file->path, file->lines);
    file->lines.clear();
  }
}

}  // namespace hikaku

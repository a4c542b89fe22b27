// hikaku data check: reads every file of a data set and lists what is wrong with it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/commands/all.h"
#include "app/json_output.h"
#include "app/threads.h"
#include "base/atomic_file.h"
#include "data/check.h"
#include "data/file.h"
#include "data/manifest.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"file", finding.file},
                    {"line", finding.line > 0 ? Json(finding.line) : Json(nullptr)},
                    {"found", finding.found},
                    {"fix", finding.fix}});
  }
  return list;
}

/// Those of the classes, then void.
std::vector<std::size_t> all_labels(const Classes& classes) {
  std::vector<std::size_t> labels(static_cast<std::size_t>(classes.count()));
  std::iota(labels.begin(), labels.end(), 0U);
  labels.push_back(void_label);
  return labels;
}

Json json_of(const CheckReport& report, const Classes& classes) {
  Json pixels = Json::object(), pictures = Json::object();
  for (const std::size_t label : all_labels(classes)) {
    pixels[classes.name(static_cast<std::int64_t>(label))] = report.label_pixels.at(label);
    pictures[classes.name(static_cast<std::int64_t>(label))] = {
        {"train", report.train_label_pictures.at(label)},
        {"val", report.val_label_pictures.at(label)}};
  }
  return {{"schema_version", 1},
          {"pairs", report.pairs},
          {"findings", json_of(report.findings)},
          {"notes", json_of(report.notes)},
          {"pixels", report.pixels},
          {"pixels_by_label", pixels},
          {"pictures_by_label", pictures},
          {"void_share", report.void_share()},
          {"background_share", report.background_share()}};
}

/// A file's name that is not UTF-8 gets replacement characters.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// A line a class that occurs.
std::string histogram(const CheckReport& report, const Classes& classes, Language language) {
  constexpr Text heads{"   class            pixels  pictures: train   val\n",
                       "   クラス           画素    画像数: 学習     評価\n"};
  std::string text = heads.in(language);
  for (const std::size_t label : all_labels(classes)) {
    const auto pixels = static_cast<double>(report.label_pixels.at(label));
    if (pixels == 0) continue;
    text += fmt::format("{:>3} {:<14} {:7.3f} % {:>14} {:>5}\n", label,
                        classes.name(static_cast<std::int64_t>(label)),
                        100 * pixels / static_cast<double>(report.pixels),
                        report.train_label_pictures.at(label), report.val_label_pictures.at(label));
  }
  return text;
}

std::string text_of(const CheckReport& report, const Classes& classes, Language language) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += fmt::format("{}\n  fix: {}\n", printable(to_string(finding)), finding.fix);
  }
  text += histogram(report, classes, language);
  constexpr Text summary{
      "{} pairs read, {} findings, {} notes\n{:.2f} % of the pixels are void, {:.2f} % of the "
      "others are background\n",
      "{} 組を検査、問題 {} 件、注記 {} 件\n画素の {:.2f} % は void、残りの {:.2f} % は背景\n"};
  return text + fmt::format(fmt::runtime(summary.in(language)), report.pairs,
                            report.findings.size(), report.notes.size(), 100 * report.void_share(),
                            100 * report.background_share());
}

class DataCheck : public Command {
 public:
  Description describe() const override {
    return {"data check",
            {"read every file of a data set and list what is wrong",
             "データセットの全ファイルを読み、問題を一覧にする"},
            "hikaku data check VOCdevkit/VOC2012_sample"};
  }

  void declare(Options& options) override {
    options.data(folder_);
    options.text("--manifest", manifest_, "FILE",
                 {"also compare all files with the sums in this manifest",
                  "全ファイルを、このマニフェストの SHA-256 と照合する"});
    options.text("--write-manifest", write_manifest_, "FILE",
                 {"write the SHA-256 of all files", "全ファイルの SHA-256 を書き出す"});
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    const std::string folder = data_folder(folder_);
    const TrainVal data = open_dataset(folder);
    require_target(json_, {manifest_, write_manifest_});
    require_target(write_manifest_);
    const int threads = use_threads(threads_);
    CheckReport report = check_dataset(data, threads);
    const Manifest sums = make_manifest(data, threads);
    const std::vector<Finding> same = same_pictures(data, sums);
    report.notes.insert(report.notes.end(), same.begin(), same.end());
    if (!manifest_.empty()) compare(data, report, threads);
    for (const Finding& note : report.notes) context.console.note(to_string(note));
    if (json_ != "-") write_stdout(text_of(report, data.train.classes, context.settings.language));
    if (!json_.empty()) write_json(text_of(json_of(report, data.train.classes)), json_);
    if (!report.findings.empty()) {
      throw Error(
          ExitCode::bad_data,
          fmt::format("{}: {} findings; every file must be good", folder, report.findings.size()),
          "mend the files or take them out of the lists");
    }
    if (!write_manifest_.empty()) {
      const std::string text = to_text(sums);
      write_file(std::filesystem::path(write_manifest_), std::as_bytes(std::span(text)));
    }
    return ExitCode::ok;
  }

 private:
  /// A file that the check could not read is not named a second time.
  void compare(const TrainVal& data, CheckReport& report, int threads) const {
    const Manifest manifest = parse_manifest(read_text(manifest_), manifest_);
    const std::size_t known = report.findings.size();
    for (const Finding& finding : verify_manifest(data, manifest, manifest_, threads)) {
      const auto begin = report.findings.begin(), end = begin + static_cast<std::ptrdiff_t>(known);
      const bool told = std::any_of(begin, end, [&](const Finding& other) {
        return other.file == finding.file && other.found == finding.found;
      });
      if (!told) report.findings.push_back(finding);
    }
  }

  std::string folder_, json_, manifest_, write_manifest_;
  std::int64_t threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> data_check_command() { return std::make_unique<DataCheck>(); }

}  // namespace hikaku

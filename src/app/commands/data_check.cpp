// hikaku data check: reads every file of a data set and lists what is wrong with it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands/all.h"
#include "app/json_output.h"
#include "app/threads.h"
#include "data/check.h"
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

Json json_of(const CheckReport& report) {
  Json labels = Json::object();
  for (int label = 0; label < class_count; ++label) {
    labels[std::string(class_name(label))] =
        report.label_pixels.at(static_cast<std::size_t>(label));
  }
  labels["void"] = report.label_pixels[void_label];
  return {{"schema_version", 1},
          {"pairs", report.pairs},
          {"findings", json_of(report.findings)},
          {"notes", json_of(report.notes)},
          {"pixels", report.pixels},
          {"pixels_by_label", labels},
          {"void_share", report.void_share()},
          {"background_share", report.background_share()}};
}

/// A file's name that is not UTF-8 gets replacement characters.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_of(const CheckReport& report, Language language) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += fmt::format("{}\n  fix: {}\n", printable(to_string(finding)), finding.fix);
  }
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
    options.threads(threads_);
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    const std::string folder = data_folder(folder_);
    const TrainVal data = open_dataset(folder);
    require_target(json_);
    const CheckReport report = check_dataset(data, use_threads(threads_));
    for (const Finding& note : report.notes) context.console.note(to_string(note));
    if (json_ != "-") write_stdout(text_of(report, context.settings.language));
    if (!json_.empty()) write_json(text_of(json_of(report)), json_);
    if (report.findings.empty()) return ExitCode::ok;
    throw Error(
        ExitCode::bad_data,
        fmt::format("{}: {} bad files; every file must be good", folder, report.findings.size()),
        "mend them or take them out of the lists");
  }

 private:
  std::string folder_, json_;
  std::int64_t threads_ = 0;
};

}  // namespace

std::unique_ptr<Command> data_check_command() { return std::make_unique<DataCheck>(); }

}  // namespace hikaku

// hikaku diff: did anything become slower?
#include "report/diff.h"
#include "app/commands/all.h"
#include "app/json_output.h"
#include "app/sources.h"
#include "base/terminal.h"

namespace hikaku {
namespace {

class DiffCommand : public Command {
 public:
  Description describe() const override {
    return {"diff",
            {"what became faster or slower between results",
             "結果を比べ、速くなったか遅くなったかを調べる"},
            "hikaku diff before.json after.json"};
  }

  void declare(Options& options) override {
    options.files(files_, {"BEFORE AFTER, or several runs of each in turn: B1 A1 B2 A2 ...",
                           "前と後の結果。何度も測ったなら交互に：前1 後1 前2 後2 ..."});
    options.number("--effect", percent_, 0, 1000,
                   {"changes smaller than so many percent are of no interest",
                    "これより小さい変化（％）は問題にしない"});
    options.flag("--strict", strict_,
                 {"exit with 10 where nothing is slower but something is unsure",
                  "遅いものはなくても判断できないものがあれば終了コード 10"});
    options.json(json_);
  }

  ExitCode run(Context& context) override {
    if (files_.size() % 2 != 0) {
      throw Error(
          ExitCode::usage,
          fmt::format("files: found {}; allowed is an even number, before and after in turn",
                      files_.size()),
          "hikaku diff before.json after.json");
    }
    require_target(json_, files_);
    std::vector<Result> before, after;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      (i % 2 == 0 ? before : after).push_back(read_source(files_[i]).result);
    }
    const Diff diff = compare_results(before, after, {.effect = percent_ / 100});
    if (json_ != "-") write_stdout(printable(render_diff(diff, context.settings.language)));
    if (!json_.empty()) write_json(diff_json(diff), json_);
    if (diff.figures.empty()) {
      throw Error(ExitCode::bad_data, "files: they have no figure in common; one is needed",
                  "compare results of the same command with the same --n, --size and --batch-size");
    }
    if (count(diff, Verdict::slower) > 0) return ExitCode::slower;
    return strict_ && count(diff, Verdict::unsure) > 0 ? ExitCode::unsure : ExitCode::ok;
  }

 private:
  std::vector<std::string> files_;
  double percent_ = 5;
  bool strict_ = false;
  std::string json_;
};

}  // namespace

std::unique_ptr<Command> diff_command() { return std::make_unique<DiffCommand>(); }

}  // namespace hikaku

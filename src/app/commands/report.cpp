// hikaku report: stored results as a page, or as plain tables.
#include "app/commands/all.h"
#include "app/json_output.h"
#include "app/sources.h"
#include "report/page/page.h"
#include "report/plain.h"

namespace hikaku {
namespace {

class Report : public Command {
 public:
  Description describe() const override {
    return {"report",
            {"stored results as a page to show", "保存した結果を、見せられるページにする"},
            "hikaku report result.json -o report.html"};
  }

  void declare(Options& options) override {
    options.files(files_, {"results that --json wrote; several machines stand side by side",
                           "--json で書き出した結果。複数のマシンを並べられる"});
    options.text("-o,--out", out_, "FILE|-",
                 {"where the report goes; by default report.html, plain tables to stdout",
                  "書き出す先。既定は report.html、表は標準出力"});
    options.choice("--format", format_, {"html", "md", "csv"},
                   {"a page, Markdown or CSV", "ページ、Markdown、CSV のどれか"});
    options.flag("--only-own", only_own_,
                 {"no recorded results of another machine where these have no GPU",
                  "GPU の結果がなくても、別のマシンの記録を載せない"});
  }

  ExitCode run(Context& context) override {
    Sources sources;
    for (const std::string& file : files_) sources.push_back(read_source(file));
    const std::string target = !out_.empty() ? out_ : format_ == "html" ? "report.html" : "-";
    require_target(target, files_);
    if (format_ == "md") {
      write_json(render_markdown(sources), target);
    } else if (format_ == "csv") {
      write_json(render_csv(sources), target);
    } else {
      if (!only_own_) sources = with_recorded(std::move(sources));
      write_json(render_page(sources, context.settings.language), target);
    }
    if (target != "-") context.console.note("written: " + target);
    return ExitCode::ok;
  }

 private:
  std::vector<std::string> files_;
  std::string out_, format_ = "html";
  bool only_own_ = false;
};

}  // namespace

std::unique_ptr<Command> report_command() { return std::make_unique<Report>(); }

}  // namespace hikaku

// hikaku info: what this machine offers, and what is missing.
#include "app/commands/all.h"
#include "app/version.h"

namespace hikaku {
namespace {

class Info : public Command {
 public:
  Description describe() const override {
    return {"info",
            {"devices, libraries, instruction sets, and what is missing",
             "装置、ライブラリ、命令セットと、足りないもの"},
            "hikaku info"};
  }
  void declare(Options& options) override { options.json(json_); }
  ExitCode run(Context&) override {
    write_stdout(version_text());
    return ExitCode::ok;
  }

 private:
  std::string json_;
};

}  // namespace

std::unique_ptr<Command> info_command() { return std::make_unique<Info>(); }

}  // namespace hikaku

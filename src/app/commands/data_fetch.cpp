// hikaku data fetch: PASCAL VOC 2012 from the network.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/commands/all.h"
#include "data/voc_fetch.h"

namespace hikaku {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;

/// A bar where the whole is known: only the default archive's size is.
class FetchBars {
 public:
  FetchBars(Console& console, Language language, bool known)
      : console_(console), language_(language), known_(known) {}

  void operator()(const std::string& phase, std::int64_t bytes) {
    if (phase != phase_) {
      phase_ = phase;
      bar_.reset();
      const Text& text = phase == "download" ? downloading
                         : phase == "verify" ? verifying
                                             : unpacking;
      if (known_ && phase != "unpack") {
        bar_.emplace(console_, fmt::format("{} (MiB)", text.in(language_)), voc_bytes / mebibyte);
      } else {
        console_.note(text.in(language_));
      }
    }
    if (bar_) bar_->update(std::min(bytes, voc_bytes) / mebibyte);
  }

 private:
  static constexpr Text downloading{"downloading", "ダウンロード"};
  static constexpr Text verifying{"verifying", "検証"};
  static constexpr Text unpacking{"unpacking", "展開"};

  Console& console_;
  Language language_;
  bool known_;
  std::string phase_;
  std::optional<Progress> bar_;
};

class DataFetch : public Command {
 public:
  Description describe() const override {
    return {"data fetch",
            {"download PASCAL VOC 2012 and make the experiment's sample of it",
             "PASCAL VOC 2012 をダウンロードし、実験用のサンプルも作る"},
            "hikaku data fetch"};
  }

  void declare(Options& options) override {
    options.text("--url,url", url_, "URL",
                 {"the archive; by default at the University of Oxford",
                  "アーカイブの場所。既定はオックスフォード大学"});
    options.text("--sha256", sha256_, "HEX",
                 {"of the archive; needed with another URL than the default",
                  "アーカイブの SHA-256。既定以外の URL では必要"});
    options.text("--out", out_, "DIR", {"where VOCdevkit is made", "VOCdevkit を作るフォルダー"});
  }

  ExitCode run(Context& context) override {
    const FetchOptions options = checked();
    FetchBars bars(context.console, context.settings.language, options.sha256 == voc_sha256);
    FetchOptions watched = options;
    watched.observer = std::ref(bars);
    const Fetched made = fetch_voc(watched);
    constexpr Text done{
        "{}: {} pictures to train on and {} to evaluate on\n"
        "{}: the experiment's 300 and 100 of them\n",
        "{}: 学習用 {} 枚、評価用 {} 枚\n{}: そのうち実験で使う 300 枚と 100 枚\n"};
    write_stdout(fmt::format(fmt::runtime(done.in(context.settings.language)), made.full.string(),
                             made.train, made.val, made.sample.string()));
    return ExitCode::ok;
  }

 private:
  [[nodiscard]] FetchOptions checked() const {
    FetchOptions options;
    if (!url_.empty()) options.url = url_;
    if (!out_.empty()) options.out = out_;
    const bool known = options.url == voc_url;
    if (known && sha256_.empty()) return options;
    std::string sum = sha256_;
    std::transform(sum.begin(), sum.end(), sum.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != std::string::npos) {
      throw Error(ExitCode::usage,
                  fmt::format("--sha256: found '{}'; allowed are the 64 hexadecimal digits of the "
                              "archive's SHA-256",
                              sha256_),
                  "give the sum that the archive's publisher names (sha256sum FILE shows it)");
    }
    options.sha256 = sum;
    return options;
  }

  std::string url_, sha256_, out_ = ".";
};

}  // namespace

std::unique_ptr<Command> data_fetch_command() { return std::make_unique<DataFetch>(); }

}  // namespace hikaku

#include "data/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/process.h"
#include "base/signals.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr int most_fruitless = 3;  // tries in a row that bring no byte

/// curl's exit statuses, of its manual.
constexpr int http_error = 22, write_error = 23, no_range = 33;
/// A host or a line that fails now may work in a moment.
bool is_passing(int status) {
  constexpr std::array passing{5, 6, 7, 18, 28, 35, 52, 55, 56, 92};
  return std::find(passing.begin(), passing.end(), status) != passing.end();
}

std::int64_t size_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(bytes);
}

ProcessOutcome run_curl(const std::string& url, const fs::path& target,
                        const DownloadWatch& watch) {
  const std::vector<std::string> words{
      "curl", "--silent", "--show-error", "--fail", "--location", "--globoff", "--proto",
      "=http,https,ftp,file", "--proto-redir", "=http,https", "--connect-timeout", "30",
      // Less than that for a minute counts as a broken line.
      "--speed-limit", "1000", "--speed-time", "60", "--continue-at", "-", "--write-out",
      "%{http_code}", "--output", fs::absolute(target).string(), "--url", url};
  const auto outcome = run_process(words, "LC_ALL=C", [&] {
    stop_if_requested();
    if (watch) watch(size_of(target));
  });
  if (outcome) return *outcome;
  throw Error(ExitCode::missing, "curl: there is no such program; it is needed to download",
              fmt::format("apt-get install curl; or put what {} gives at {} by other means", url,
                          fs::absolute(target).string()));
}

/// "curl: (6) Could not resolve host: a" without what is curl's own.
std::string reason_of(const ProcessOutcome& outcome) {
  std::string text = outcome.err.substr(0, outcome.err.find('\n'));
  const std::size_t begin = text.find(") ");
  if (text.starts_with("curl: (") && begin != std::string::npos) text.erase(0, begin + 2);
  return text.empty() ? fmt::format("curl ended with {}", outcome.status) : text;
}

[[noreturn]] void refuse(const std::string& url, const fs::path& target,
                         const ProcessOutcome& outcome) {
  const std::int64_t bytes = size_of(target);
  if (outcome.status == write_error) {
    throw Error(ExitCode::bad_data,
                fmt::format("{}: could not be written behind {} bytes: {}; all of the file must "
                            "find room",
                            target.string(), bytes, reason_of(outcome)),
                "make room (df), then start the same command again: it goes on where it stopped");
  }
  throw Error(
      ExitCode::bad_data,
      fmt::format("{}: {}; {} bytes have come, all are needed", url, reason_of(outcome), bytes),
      "check the address and the network, then start the same command again: it goes on "
      "where it stopped");
}

void pause() {
  for (int i = 0; i < 10; ++i) {
    stop_if_requested();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

void download(const std::string& url, const fs::path& target, const DownloadWatch& watch) {
  int fruitless = 0;
  for (;;) {
    const std::int64_t before = size_of(target);
    const ProcessOutcome outcome = run_curl(url, target, watch);
    if (outcome.status == 0) return;
    stop_if_requested();
    if (outcome.status == no_range && before > 0) {
      fs::remove(target);  // this server only sends the whole
      continue;
    }
    const bool server_fault = outcome.status == http_error && outcome.out.starts_with('5');
    fruitless = size_of(target) > before ? 0 : fruitless + 1;
    if (!(is_passing(outcome.status) || server_fault) || fruitless == most_fruitless) {
      refuse(url, target, outcome);
    }
    pause();
  }
}

}  // namespace hikaku

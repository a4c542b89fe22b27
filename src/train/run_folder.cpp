#include "train/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fault(const fs::path& path, const std::string& found, const std::string& fix) {
  throw Error(ExitCode::bad_data, fmt::format("{}: {}", path.string(), found), fix);
}

/// False only where there is certainly nothing.
bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return false;
  if (!error) return true;
  fault(path, fmt::format("cannot be looked at: {}", error.message()), "check the folder's rights");
}

/// Whether a training writes files of this name.
bool is_own(const std::string& name) {
  constexpr std::array<std::string_view, 7> all{"last.safetensors", "last.state.safetensors",
                                                "best.safetensors", "metrics.csv",
                                                "metrics.jsonl",    "times.csv",
                                                "config.toml"};
  return std::find(all.begin(), all.end(), name) != all.end() ||
         (name.starts_with("epoch_") && name.ends_with(".safetensors"));
}

/// The newest checkpoint beside `last` that can be loaded, without ".safetensors".
std::string newest_good(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    const bool state = name.find(".state.") != std::string::npos;
    if (name.starts_with("epoch_") && name.ends_with(".safetensors") && !state) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.rbegin(), files.rend());
  for (const fs::path& file : files) {
    try {
      (void)load_checkpoint(file);
      return file.parent_path() / file.stem();
    } catch (const Error&) {
      continue;
    }
  }
  return "";
}

}  // namespace

RunFolder::RunFolder(fs::path folder) : folder_(std::move(folder)) {
  const char* const fix = "choose a folder that can be written to: --out DIR";
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fault(folder_, fmt::format("cannot be made: {}", error.message()), fix);
  const fs::path lock = folder_ / ".lock";
  lock_ = open(lock.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) {
    fault(folder_, fmt::format("cannot be written to: {}", std::generic_category().message(errno)),
          fix);
  }
  // Whatever else flock says is about file systems without locks, where one training must do.
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(lock_);
    fault(folder_, "another hikaku is training in it; a folder holds one training",
          "wait for it, or choose another folder: --out DIR");
  }
}

RunFolder::~RunFolder() { close(lock_); }

fs::path RunFolder::kept(std::int64_t epoch) const {
  return folder_ / fmt::format("epoch_{:04}.safetensors", epoch);
}

std::optional<Checkpoint> RunFolder::find() const {
  if (!is_there(last())) return std::nullopt;
  try {
    return load_checkpoint(last());
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_checkpoint) throw;  // no fault of the checkpoint
    const std::string good = newest_good(folder_);
    const std::string name = (folder_ / "last").string();
    throw Error(
        error.code(), error.what(),
        good.empty()
            ? fmt::format("begin anew from its best weights: --weights {} and another --out",
                          best().string())
            : fmt::format("go on from an older one: cp {0}.safetensors {1}.safetensors; "
                          "cp {0}.state.safetensors {1}.state.safetensors",
                          good, name));
  }
}

void RunFolder::require_empty() const {
  if (!is_there(last())) return;
  throw Error(
      ExitCode::usage,
      fmt::format("--out {}: it holds a training already; a new or an empty folder is needed",
                  folder_.string()),
      "choose another folder, or go on with that training: --resume");
}

bool RunFolder::replaces(const fs::path& file) const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    // Through links, too: what they lead to is what is replaced.
    if (is_own(entry.path().filename()) && fs::equivalent(entry.path(), file, ignored)) return true;
  }
  return false;
}

void RunFolder::require_room(const UNet& net, bool goes_on) const {
  // One that is being written beside one that is there, and best. Who goes on has the latter two.
  const std::uintmax_t one = checkpoint_bytes(net);
  const std::uintmax_t needed = goes_on ? one : 2 * one + one / 3;
  std::error_code error;
  const fs::space_info space = fs::space(folder_, error);
  if (error || space.available >= needed) return;
  constexpr std::uintmax_t mebi = 1 << 20;
  fault(folder_,
        fmt::format("{} MiB are free on its disk; {} {}", space.available / mebi,
                    goes_on ? "one more checkpoint needs" : "two checkpoints need",
                    needed / mebi + 1),
        "make room, or choose a folder on another disk: --out DIR");
}

void RunFolder::write_config(const std::string& text) const {
  write_file(folder_ / "config.toml", std::as_bytes(std::span(text)));
}

void RunFolder::remove_stale() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const fs::path& path = entry.path();
    // Others may be the user's.
    if (path.extension() == ".tmp" && is_own(path.stem())) fs::remove(path, ignored);
  }
}

}  // namespace hikaku

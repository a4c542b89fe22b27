#include "data/archive.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/process.h"
#include "base/signals.h"
#include "data/file.h"
#include "data/finding.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr const char* get_anew = "get the archive anew, from a source that you trust";

ProcessOutcome run_tar(std::vector<std::string> words) {
  words.insert(words.begin(), "tar");
  const auto outcome = run_process(words, "LC_ALL=C", stop_if_requested);
  if (outcome) return *outcome;
  throw Error(ExitCode::missing, "tar: there is no such program; it is needed to unpack",
              "apt-get install tar");
}

std::string reason_of(const ProcessOutcome& outcome) {
  std::string text = outcome.err.substr(0, outcome.err.find('\n'));
  if (text.starts_with("tar: ")) text.erase(0, 5);
  return text.empty() ? fmt::format("tar ended with {}", outcome.status) : text;
}

void require_inside(const fs::path& archive, const std::string& name) {
  if (stays_inside(name)) return;
  throw BadData({archive.string(), 0,
                 fmt::format("has the member {}; only names inside the folder are allowed", name),
                 get_anew});
}

/// Links and devices would lead elsewhere, or block whoever reads them.
void require_regular(const fs::path& archive, const fs::path& folder, const std::string& name) {
  if (fs::is_regular_file(fs::symlink_status(folder / name))) return;
  throw BadData({archive.string(), 0,
                 fmt::format("{} is not a regular file; only those are allowed", name), get_anew});
}

}  // namespace

std::set<std::string> archive_members(const fs::path& archive) {
  // An absolute name is never taken for another machine's.
  const ProcessOutcome outcome = run_tar({"-t", "-f", fs::absolute(archive).string()});
  std::set<std::string> members;
  std::istringstream lines(outcome.out);
  for (std::string name; std::getline(lines, name);) {
    require_inside(archive, name);
    members.insert(name);
  }
  if (outcome.status != 0) {
    throw BadData({archive.string(), 0,
                   fmt::format("no good archive: {}; a tar is needed", reason_of(outcome)),
                   get_anew});
  }
  return members;
}

void unpack(const fs::path& archive, const fs::path& folder, const std::set<std::string>& members) {
  std::string names;
  for (const std::string& name : members) {
    require_inside(archive, name);
    names += name + "\n";
  }
  const fs::path list = folder / "members.txt";
  write_text(list, names);
  const ProcessOutcome outcome =
      run_tar({"-x", "-f", fs::absolute(archive).string(), "-C", fs::absolute(folder).string(),
               "--no-same-owner", "--no-same-permissions", "-T", fs::absolute(list).string()});
  fs::remove(list);
  if (outcome.status != 0) {
    throw Error(ExitCode::bad_data,
                fmt::format("{}: could not be unpacked below {}: {}; all files are needed",
                            archive.string(), folder.string(), reason_of(outcome)),
                "check the free space (df) and the folder's permissions, then start the same "
                "command again");
  }
  for (const std::string& name : members) require_regular(archive, folder, name);
}

}  // namespace hikaku

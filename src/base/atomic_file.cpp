#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace hikaku {
namespace {

/// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// Whether `path` still names what was opened as `descriptor`: another writer may have renamed it.
bool is_at(int descriptor, const std::filesystem::path& path) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/// A rename is on the disk only when its folder is. A file system that cannot sync folders (some of
/// networks and of virtual machines) says EINVAL: then there is nothing to wait for.
bool sync_folder(const std::filesystem::path& folder) {
  const char* name = folder.empty() ? "." : folder.c_str();
  const int descriptor =
      uninterrupted([&] { return open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor == -1) return false;
  const bool synced = uninterrupted([&] { return fsync(descriptor); }) == 0 || errno == EINVAL;
  const int reason = errno;
  close(descriptor);
  errno = reason;
  return synced;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  struct stat there {};
  const bool exists = stat(path_.c_str(), &there) == 0;
  if (exists && !S_ISREG(there.st_mode)) {
    if (S_ISDIR(there.st_mode)) errno = EISDIR;
    if (S_ISDIR(there.st_mode) || access(path_.c_str(), W_OK) != 0) fail("cannot be written");
    return;
  }
  std::error_code ignored;
  if (exists && is_symlink(path_, ignored)) path_ = canonical(path_, ignored);
  temporary_ = path_.string() + ".tmp";
  open_temporary();
}

void AtomicFile::open_temporary() {
  const int descriptor = uninterrupted(
      [&] { return open(temporary_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666); });
  if (descriptor == -1) fail("cannot be created");
  // Whatever else flock says is about file systems without locks, where one writer must do.
  const bool taken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (taken || !is_at(descriptor, temporary_)) {
    close(descriptor);
    errno = EBUSY;
    fail("is being written by another program");
  }
  descriptor_ = descriptor;
  if (uninterrupted([&] { return ftruncate(descriptor_, 0); }) != 0) fail("cannot be emptied");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ == -1) return;
  if (!temporary_.empty() && !kept_) unlink(temporary_.c_str());
  close(descriptor_);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (temporary_.empty() && descriptor_ == -1) {
    descriptor_ =
        uninterrupted([&] { return open(path_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC); });
    if (descriptor_ == -1) fail("cannot be written");
  }
  while (!bytes.empty()) {
    const ssize_t written =
        uninterrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (written == -1) fail("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void AtomicFile::prepare() {
  if (temporary_.empty()) return;
  // An error of fsync is reported once and the pages count as clean afterwards: never try again.
  if (uninterrupted([&] { return fsync(descriptor_); }) != 0) fail("cannot be brought to the disk");
  prepared_ = true;
}

void AtomicFile::commit() {
  if (temporary_.empty()) {
    if (descriptor_ != -1) close(std::exchange(descriptor_, -1));
    return;
  }
  if (!prepared_) prepare();
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be put in its place");
  close(std::exchange(descriptor_, -1));  // after fsync it has nothing left to report
  if (!sync_folder(path_.parent_path())) fail("cannot be brought to the disk");
}

void AtomicFile::fail(const char* what) {
  const std::string reason = std::system_category().message(errno);
  if (descriptor_ != -1) {  // else the temporary file is not ours
    if (!temporary_.empty() && !kept_) unlink(temporary_.c_str());
    close(std::exchange(descriptor_, -1));
  }
  throw Error(ExitCode::bad_data, fmt::format("{}: {}: {}", path_.string(), what, reason),
              "check the folder, its rights and the free space of its disk");
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace hikaku

#include "data/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "data/finding.h"

namespace hikaku {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  /// Closes now; a full disk or a network share may report a lost write only here.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(const std::filesystem::path& path, std::string found, std::string fix) {
  throw BadData({path.string(), 0, std::move(found), std::move(fix)});
}

[[noreturn]] void refuse_open(const std::filesystem::path& path, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    refuse(path, "there is no such file",
           "put the file there, or correct its name; a line of a list can also be taken out");
  }
  refuse(path, fmt::format("cannot be opened: {}", reason(error)),
         "make the file readable (see: ls -l)");
}

std::size_t regular_size(const std::filesystem::path& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) refuse_open(path, errno);
  if (!S_ISREG(status.st_mode)) {
    refuse(path, "not a regular file; folders, pipes and devices are not read",
           "put a regular file there");
  }
  if (status.st_size > max_file_bytes) {
    refuse(path, fmt::format("{} bytes; at most {} are allowed", status.st_size, max_file_bytes),
           "store the picture smaller");
  }
  if (status.st_size == 0) refuse(path, "the file is empty", "restore it from its source");
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::vector<std::uint8_t> recycled) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0) refuse_open(path, errno);
  recycled.resize(regular_size(path, file.get()));
  for (std::size_t done = 0; done < recycled.size();) {
    const ssize_t count = ::read(file.get(), recycled.data() + done, recycled.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      refuse(path,
             count < 0
                 ? fmt::format("cannot be read: {}", reason(errno))
                 : fmt::format("ends at byte {} of {} while it is read", done, recycled.size()),
             "check the disk (dmesg), and that no other program writes the file");
    }
    done += static_cast<std::size_t>(count);
  }
  return recycled;
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const char* const fix = "check the free space (df) and the folder's permissions";
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) refuse(path, fmt::format("cannot be made: {}", reason(errno)), fix);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, fmt::format("cannot be written: {}", reason(errno)), fix);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (!file.close()) refuse(path, fmt::format("cannot be written: {}", reason(errno)), fix);
}

std::string read_text(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool stays_inside(const std::filesystem::path& name) {
  return !name.empty() && name.is_relative() &&
         std::none_of(name.begin(), name.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace hikaku

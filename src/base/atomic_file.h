// A file that is either complete or not there: written beside its place as "<path>.tmp", brought to
// the disk, and only then renamed onto it. What was there before stays whole until that moment.
// Order of the system calls: open, lock, write..., fsync, rename, close, fsync of the folder. The
// lock is held until the file is in its place, or a second writer would empty what the first one
// renames. Where a link is named, what it leads to is replaced. A device or a pipe is never
// replaced but written to, as it comes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace hikaku {

/// Every fault throws ExitCode::bad_data with the file's name and the system's reason, and removes
/// the temporary file; a file that somebody else is writing is such a fault, and a folder in the
/// place. A device or a pipe is opened when it is first written to. A stale "<path>.tmp"
/// of a killed run is overwritten.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();  ///< without commit(): removes the temporary file
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  /// The first half of commit(): returns when "<path>.tmp" is complete on the disk.
  void prepare();
  /// From now on "<path>.tmp" stays if commit() fails or is not reached: for who can find it again.
  void keep() { kept_ = true; }
  /// Returns when the file is in its place, on the disk.
  void commit();

 private:
  [[noreturn]] void fail(const char* what);
  void open_temporary();

  std::filesystem::path path_, temporary_;  ///< none for a device or a pipe
  int descriptor_ = -1;
  bool prepared_ = false, kept_ = false;
};

/// `bytes` as the whole content of `path`.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace hikaku

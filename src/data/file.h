// Whole files in and out of memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikaku {

inline constexpr std::int64_t max_file_bytes = std::int64_t{256} << 20;

/// The bytes of a regular file of at most `max_file_bytes`; BadData for anything else (a pipe or a
/// device is never read: it could block for ever). `recycled` lends its memory to the result.
[[nodiscard]] std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                                  std::vector<std::uint8_t> recycled = {});

[[nodiscard]] std::string read_text(const std::filesystem::path& path);

/// Creates or replaces `path`; an Error names the path and the system's reason. For many small
/// files that can be made again: unlike AtomicFile it waits for no disk, and a kill leaves part of
/// a file.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

/// Whether a file of this name, relative to a folder, lies in it.
[[nodiscard]] bool stays_inside(const std::filesystem::path& name);

}  // namespace hikaku

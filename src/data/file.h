// Whole files in and out of memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace hikaku {

inline constexpr std::int64_t max_file_bytes = std::int64_t{256} << 20;

/// The bytes of a regular file of at most `max_file_bytes`; BadData for anything else (a pipe or a
/// device is never read: it could block for ever). `recycled` lends its memory to the result.
[[nodiscard]] std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                                  std::vector<std::uint8_t> recycled = {});

/// Creates or replaces `path`; an Error names the path and the system's reason.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace hikaku

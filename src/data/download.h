// A file from the network, by the program curl: it knows proxies, redirections and certificates as
// the rest of the machine does, and this program stays free of network code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace hikaku {

/// Called now and then with the bytes that are there; may throw to end the download.
using DownloadWatch = std::function<void(std::int64_t bytes)>;

/// Brings what `url` (http, https, ftp or file) gives into `target`, and goes on where an earlier
/// call ended if part of it is there. A connection that breaks is taken up again as long as bytes
/// come. Throws ExitCode::missing without curl and ExitCode::bad_data naming the URL, or the file
/// where it cannot be written; what has come stays. Whether it is the right file its checksum must
/// tell.
void download(const std::string& url, const std::filesystem::path& target,
              const DownloadWatch& watch = {});

}  // namespace hikaku

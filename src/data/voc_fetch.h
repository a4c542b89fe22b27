// PASCAL VOC 2012 from the network, as the two data sets that are trained on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace hikaku {

/// Training and validation data of 2012, at the University of Oxford.
inline constexpr const char* voc_url =
    "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar";
inline constexpr const char* voc_sha256 =
    "e14f763270cf193d0b5f74b169f44157a4b0c6efa708f4dd0ff78ee691763bcb";
inline constexpr std::int64_t voc_bytes = 1'999'639'040;

struct FetchOptions {
  std::string url = voc_url;
  std::string sha256 = voc_sha256;  ///< 64 small hexadecimal digits
  std::filesystem::path out = ".";
  /// "download", "verify" or "unpack", with the bytes that are done.
  std::function<void(const std::string& phase, std::int64_t bytes)> observer;
};

struct Fetched {
  std::filesystem::path full, sample;  ///< out/VOCdevkit/VOC2012 and VOC2012_sample
  std::size_t train = 0, val = 0;      ///< ids in the full lists
};

/// Downloads the archive (data/download.h), compares its SHA-256, and unpacks the pictures that
/// have masks, with VOC's own lists; the sample is the experiment's, with copies of its files. Both
/// folders take their place when they are complete; what was downloaded is removed then. An archive
/// that lies in `out` under its own name is used instead, and stays. Throws ExitCode::bad_data
/// naming the file or the address; a download of another sum is removed.
Fetched fetch_voc(const FetchOptions& options);

}  // namespace hikaku

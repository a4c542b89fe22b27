#include "data/voc_fetch.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <vector>

#include "base/sha256.h"
#include "base/signals.h"
#include "data/archive.h"
#include "data/download.h"
#include "data/file.h"
#include "data/list.h"
#include "data/voc_sample.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr const char* in_archive = "VOCdevkit/VOC2012/";

using Observer = std::function<void(const std::string&, std::int64_t)>;

void require_absent(const fs::path& folder) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  throw Error(ExitCode::usage,
              fmt::format("{}: is there already; a place without it is needed", folder.string()),
              "name another folder with --out, or use it: hikaku data check " + folder.string());
}

/// The last part of the address.
std::string archive_name(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.empty() || name.starts_with('.') ? "archive.tar" : name;
}

std::string sum_of(const fs::path& file, const Observer& observer) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<char> piece(std::size_t{1} << 20);
  Sha256 sum;
  for (std::int64_t bytes = 0; stream; observer("verify", bytes)) {
    stop_if_requested();
    stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    sum.update({piece.data(), static_cast<std::size_t>(stream.gcount())});
    bytes += stream.gcount();
  }
  if (!stream.eof()) {
    throw BadData({file.string(), 0, "cannot be read to its end", "check the disk (dmesg)"});
  }
  return hex_of(sum.digest());
}

/// Better said before two gigabytes than behind them.
void require_room(const FetchOptions& options, const fs::path& part) {
  if (options.sha256 != voc_sha256) return;  // of others the size is not known
  constexpr std::int64_t unpacked = std::int64_t{350} << 20;
  std::error_code none;
  const auto there = fs::file_size(part, none);
  const std::int64_t needed = voc_bytes + unpacked - (none ? 0 : static_cast<std::int64_t>(there));
  const auto available = static_cast<std::int64_t>(fs::space(options.out).available);
  if (available >= needed) return;
  throw Error(ExitCode::bad_data,
              fmt::format("{}: {} MiB are free; {} are needed for the archive and its pictures",
                          options.out.string(), available >> 20, needed >> 20),
              "make room, or name a folder on another disk with --out");
}

struct Archive {
  fs::path file;
  bool downloaded;  ///< by this command; else it is the user's
};

/// The archive with the right sum; where it lies already, nothing is downloaded. A download keeps
/// the name of a part, by which the next call knows whose it is if this one is stopped.
Archive get_archive(const FetchOptions& options) {
  const fs::path archive = options.out / archive_name(options.url);
  const fs::path part = archive.string() + ".part";
  const bool there = fs::exists(archive);
  if (!there) {
    require_room(options, part);
    download(options.url, part, [&](std::int64_t bytes) { options.observer("download", bytes); });
  }
  const fs::path& file = there ? archive : part;
  const std::string sum = sum_of(file, options.observer);
  if (sum == options.sha256) return {file, !there};
  if (!there) fs::remove(part);  // going on from it could never become right
  throw BadData(
      {there ? archive.string() : options.url, 0,
       fmt::format("its SHA-256 is {}; it must be {}", sum, options.sha256),
       there ? "remove it, then start the same command again"
             : "what came was removed: start the same command again, or ask who publishes it for "
               "the right sum (--sha256)"});
}

std::string picture_of(const std::string& id) {
  return in_archive + fmt::format("JPEGImages/{}.jpg", id);
}
std::string mask_of(const std::string& id) {
  return in_archive + fmt::format("SegmentationClass/{}.png", id);
}

std::set<std::string> pairs_of(const List& list) {
  std::set<std::string> names;
  for (const ListEntry& entry : list.entries) {
    names.insert(picture_of(entry.id));
    names.insert(mask_of(entry.id));
  }
  return names;
}

void require_members(const fs::path& archive, const std::set<std::string>& members,
                     const std::set<std::string>& wanted) {
  std::vector<std::string> missing;
  std::set_difference(wanted.begin(), wanted.end(), members.begin(), members.end(),
                      std::back_inserter(missing));
  if (missing.empty()) return;
  throw BadData({archive.string(), 0,
                 fmt::format("{} of {} files are not in it, first {}; all are needed",
                             missing.size(), wanted.size(), missing.front()),
                 "give the address of VOC 2012's training and validation data"});
}

void make_sample(const fs::path& full, const fs::path& sample, const std::array<List, 2>& lists) {
  for (const char* part : {"JPEGImages", "SegmentationClass", "listfile"}) {
    fs::create_directories(sample / part);
  }
  for (const List& list : lists) {
    for (const ListEntry& entry : list.entries) {
      stop_if_requested();
      for (const std::string& file :
           {"JPEGImages/" + entry.id + ".jpg", "SegmentationClass/" + entry.id + ".png"}) {
        fs::copy_file(full / file, sample / file);
      }
    }
  }
  write_text(sample / "listfile" / "train_list_300.txt", voc_sample_train());
  write_text(sample / "listfile" / "val_list_100.txt", voc_sample_val());
}

Fetched unpack_all(const fs::path& archive, const fs::path& staging) {
  const std::set<std::string> members = archive_members(archive);
  const std::string lists = std::string(in_archive) + "ImageSets/Segmentation/";
  const std::set<std::string> list_names{lists + "train.txt", lists + "val.txt"};
  require_members(archive, members, list_names);
  unpack(archive, staging, list_names);
  const std::array<List, 2> all{read_list(staging / (lists + "train.txt")),
                                read_list(staging / (lists + "val.txt"))};
  const std::array<List, 2> sample{parse_list(voc_sample_train(), "the sample's list"),
                                   parse_list(voc_sample_val(), "the sample's list")};
  std::set<std::string> pictures;
  for (const List& list : {all[0], all[1], sample[0], sample[1]}) pictures.merge(pairs_of(list));
  require_members(archive, members, pictures);
  unpack(archive, staging, pictures);
  const fs::path full = staging / "VOCdevkit" / "VOC2012";
  make_sample(full, staging / "VOC2012_sample", sample);
  return {full, staging / "VOC2012_sample", all[0].entries.size(), all[1].entries.size()};
}

Fetched fetch(const FetchOptions& options) {
  const fs::path devkit = options.out / "VOCdevkit";
  Fetched result{devkit / "VOC2012", devkit / "VOC2012_sample"};
  require_absent(result.full);
  require_absent(result.sample);
  fs::create_directories(options.out);
  const Archive archive = get_archive(options);
  options.observer("unpack", 0);
  const fs::path staging = options.out / "VOCdevkit.part";
  fs::remove_all(staging);
  fs::create_directories(staging);
  const Fetched made = unpack_all(archive.file, staging);
  result.train = made.train;
  result.val = made.val;
  fs::create_directories(devkit);
  fs::rename(made.full, result.full);
  fs::rename(made.sample, result.sample);
  fs::remove_all(staging);
  if (archive.downloaded) fs::remove(archive.file);
  return result;
}

}  // namespace

Fetched fetch_voc(const FetchOptions& options) {
  try {
    return fetch(options);
  } catch (const fs::filesystem_error& error) {
    throw Error(ExitCode::bad_data,
                fmt::format("{}: {}", error.path1().string(), error.code().message()),
                "check the folder's permissions and the free space (df)");
  }
}

}  // namespace hikaku

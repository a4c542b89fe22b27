#include "data/dataset.h"

#include <sys/stat.h>

#include <fstream>

#include "data/file.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

TEST(File, OnlyRegularFilesAreRead) {
  const TempFolder folder;
  const auto refused = [&](const char* name) {
    return refusal([&] { (void)read_file(folder.path() / name); });
  };
  const std::string at = folder.path().string() + "/";
  ASSERT_EQ(::mkfifo((at + "fifo").c_str(), 0600), 0);
  fs::create_directory(at + "folder");
  fs::create_symlink(at + "nowhere", at + "dangling");
  fs::create_symlink("/dev/zero", at + "device");
  std::ofstream(at + "empty").close();
  EXPECT_REFUSAL(refused("fifo"), at + "fifo: not a regular file; ");
  EXPECT_REFUSAL(refused("folder"), at + "folder: not a regular file; ");
  EXPECT_REFUSAL(refused("device"), at + "device: not a regular file; ");
  EXPECT_REFUSAL(refused("dangling"), at + "dangling: there is no such file | ");
  EXPECT_REFUSAL(refused("missing"), at + "missing: there is no such file | ");
  EXPECT_REFUSAL(refused("empty"), at + "empty: the file is empty | ");
}

TEST(File, HugeFilesAreRefusedUnread) {
  const TempFolder folder;
  const fs::path path = folder.path() / "huge";
  write_text(path, "x");
  fs::resize_file(path, static_cast<std::uintmax_t>(max_file_bytes) + 1);
  EXPECT_REFUSAL(refusal([&] { (void)read_file(path); }),
                 path.string() + ": 268435457 bytes; at most 268435456 are allowed");
}

TEST(File, WhatIsWrittenIsRead) {
  const TempFolder folder;
  const Bytes bytes{1, 2, 3};
  write_file(folder.path() / "f", bytes);
  EXPECT_EQ(read_file(folder.path() / "f", Bytes(100)), bytes);
  EXPECT_REFUSAL(refusal([&] { write_file(folder.path() / "no" / "f", bytes); }),
                 (folder.path() / "no" / "f: cannot be made: ").string());
  EXPECT_REFUSAL(refusal([&] { write_file("/dev/full", bytes); }), "/dev/full: cannot be written");
}

TEST(Dataset, FindsBothKindsOfLists) {
  const TempFolder folder;
  make_voc(folder.path(), 3, 2);
  TrainVal data = open_dataset(folder.path());
  EXPECT_EQ(data.train.size(), 3u);
  EXPECT_EQ(data.val.id(1), "pair_04");
  EXPECT_EQ(data.val.picture_path(0), folder.path() / "JPEGImages" / "pair_03.jpg");

  const fs::path voc_lists = folder.path() / "ImageSets" / "Segmentation";
  fs::create_directories(voc_lists);
  write_text(voc_lists / "train.txt", "pair_01\n");
  write_text(voc_lists / "val.txt", "pair_02\n");
  EXPECT_EQ(open_dataset(folder.path()).train.size(), 3u);  // ours go first
  fs::remove_all(folder.path() / "listfile");
  data = open_dataset(folder.path());
  EXPECT_EQ(data.train.id(0), "pair_01");
}

TEST(Dataset, SaysWhatIsMissing) {
  const TempFolder folder;
  const std::string root = folder.path().string();
  const auto refused = [&] { return refusal([&] { (void)open_dataset(root); }); };
  make_voc(root, 1, 1);
  fs::remove(root + "/listfile/val_list_100.txt");
  EXPECT_REFUSAL(refused(), root + "/listfile/val_list_100.txt: there is no such file");
  fs::remove_all(root + "/listfile");
  EXPECT_REFUSAL(refused(), root + ": no lists; listfile/train_list_300.txt and ");
  EXPECT_NE(refused().find("hikaku data synth"), std::string::npos);
  fs::remove_all(root + "/SegmentationClass");
  EXPECT_REFUSAL(refused(), root + "/SegmentationClass: there is no such folder; ");
  fs::remove_all(root);
  EXPECT_REFUSAL(refused(), root + ": there is no such folder; ");
}

}  // namespace
}  // namespace hikaku

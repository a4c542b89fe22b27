#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/error.h"
#include "scratch_folder.h"

namespace hikaku {
namespace {

using AtomicFileTest = test::ScratchFolder;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST_F(AtomicFileTest, WritesAndReplaces) {
  write_file(path("a"), bytes("one"));
  EXPECT_EQ(test::content_of(path("a")), "one");
  write_file(path("a"), bytes("two, longer"));
  EXPECT_EQ(test::content_of(path("a")), "two, longer");
  EXPECT_FALSE(std::filesystem::exists(path("a.tmp")));
}

TEST_F(AtomicFileTest, TheOldFileStaysUntilCommit) {
  write_file(path("a"), bytes("old"));
  {
    AtomicFile file(path("a"));
    file.write(bytes("half of the n"));
    EXPECT_EQ(test::content_of(path("a")), "old");
  }
  EXPECT_EQ(test::content_of(path("a")), "old");
  EXPECT_FALSE(std::filesystem::exists(path("a.tmp")));
}

TEST_F(AtomicFileTest, AStaleTemporaryOfAKilledRunIsOverwritten) {
  { std::ofstream(path("a.tmp")) << "a much longer rest of a run that was killed"; }
  write_file(path("a"), bytes("new"));
  EXPECT_EQ(test::content_of(path("a")), "new");
}

TEST_F(AtomicFileTest, OfTwoWritersTheSecondIsRefusedAndTheFirstLosesNothing) {
  AtomicFile first(path("a"));
  first.write(bytes("first"));
  EXPECT_THROW(write_file(path("a"), bytes("second")), Error);
  first.commit();
  EXPECT_EQ(test::content_of(path("a")), "first");
  write_file(path("a"), bytes("third"));
  EXPECT_EQ(test::content_of(path("a")), "third");
}

TEST_F(AtomicFileTest, WhatIsPreparedIsCompleteBesideItsPlace) {
  write_file(path("a"), bytes("old"));
  {
    AtomicFile file(path("a"));
    file.write(bytes("new"));
    file.prepare();
    EXPECT_EQ(test::content_of(path("a.tmp")), "new");
    EXPECT_EQ(test::content_of(path("a")), "old");
  }
  EXPECT_FALSE(std::filesystem::exists(path("a.tmp")));
  {
    AtomicFile file(path("a"));
    file.write(bytes("kept"));
    file.prepare();
    file.keep();
  }
  EXPECT_EQ(test::content_of(path("a.tmp")), "kept");
  EXPECT_EQ(test::content_of(path("a")), "old");
}

TEST_F(AtomicFileTest, AMissingFolderIsNamed) {
  try {
    write_file(path("no/such/file"), bytes("x"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_EQ(error.what(),
              path("no/such/file").string() + ": cannot be created: No such file or directory");
  }
}

TEST_F(AtomicFileTest, AFolderInThePlaceIsRefusedAndTheTemporaryRemoved) {
  std::filesystem::create_directory(path("a"));
  EXPECT_THROW(write_file(path("a"), bytes("x")), Error);
  EXPECT_FALSE(std::filesystem::exists(path("a.tmp")));
}

TEST_F(AtomicFileTest, AFolderInThePlaceIsRefusedBeforeAnythingIsWritten) {
  std::filesystem::create_directory(path("a"));
  EXPECT_THROW(AtomicFile{path("a")}, Error);
}

TEST_F(AtomicFileTest, WhatALinkLeadsToIsReplacedNotTheLink) {
  write_file(path("a"), bytes("old"));
  std::filesystem::create_symlink("a", path("link"));
  write_file(path("link"), bytes("new"));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(test::content_of(path("a")), "new");
}

TEST_F(AtomicFileTest, APipeIsWrittenToNotReplaced) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  { AtomicFile looked_at(path("pipe")); }  // must not wait for a reader
  const int reader = open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  write_file(path("pipe"), bytes("through"));
  std::string got(64, '\0');
  got.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(reader, got.data(), got.size()))));
  close(reader);
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(path("pipe")));
}

TEST_F(AtomicFileTest, AFullDeviceIsAnErrorAndStaysADevice) {
  std::filesystem::create_symlink("/dev/full", path("full"));
  EXPECT_THROW(write_file(path("full"), bytes("x")), Error);
  EXPECT_TRUE(std::filesystem::is_character_file(path("full")));
}

/// A limit on the size of files stands in for a full disk.
TEST_F(AtomicFileTest, AWriteThatFailsLosesNothing) {
  write_file(path("a"), bytes("old"));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_file(path("a"), bytes(std::string(5000, 'x'))), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(test::content_of(path("a")), "old");
  EXPECT_FALSE(std::filesystem::exists(path("a.tmp")));
}

}  // namespace
}  // namespace hikaku

// `hikaku train` as its users meet it: stopping, killing, going on, and what is refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "nan_weights.h"
#include "trainer_program.h"

namespace hikaku {
namespace {

/// Whether strace is here and may trace.
bool can_inject() { return std::system("strace -qq -o /dev/null true >/dev/null 2>&1") == 0; }

/// With everything that a training can have. A GPU's steps are short: it has more of them to be
/// stopped in.
std::string rich() {
  return fmt::format(
      "--epochs {} --accumulate 2 --schedule cosine --warmup 1 --flip --rotate 15 --scale 1.3 "
      "--colour 0.2 --void ignore --class-weights balanced --weight-decay 0.001",
      test_device().empty() ? 4 : 60);
}

TEST_F(TrainerProgram, KilledAtAnyMomentItGoesOnToTheSameBytes) {
  ASSERT_EQ(train("kill_whole", rich()).status, 0);
  const int stops = train_in_pieces("kill_parts", rich(), "KILL", {137});
  EXPECT_GE(stops, 2);
  expect_same_runs("kill_whole", "kill_parts");
}

// Of every system call that a save is made of, the n-th is the last one.
TEST_F(TrainerProgram, KilledAtEachSystemCallOfASaveItGoesOnToTheSameBytes) {
  if (!can_inject()) GTEST_SKIP() << "strace is not here, or may not trace";
  ASSERT_EQ(train("call_whole", "--epochs 2").status, 0);
  int kills = 0;
  for (const char* call : {"rename", "fsync", "ftruncate"}) {
    for (int n = 1; n < 40; ++n) {
      fs::remove_all(out("call"));
      ASSERT_EQ(train("call", "--epochs 1").status, 0);
      const std::string inject = fmt::format(
          "strace -f -qq -o /dev/null -e trace={0} -e inject={0}:signal=KILL:when={1}", call, n);
      const int status = train("call", "--epochs 2 --resume", inject).status;
      if (status == 0) break;  // fewer calls than that
      ++kills;
      const Outcome after = train("call", "--epochs 2 --resume");
      ASSERT_EQ(after.status, 0) << call << n << after.err;
      EXPECT_EQ(bytes_of(out("call") + "/last.safetensors"),
                bytes_of(out("call_whole") + "/last.safetensors"))
          << call << n;
      EXPECT_EQ(bytes_of(out("call") + "/metrics.csv"),
                bytes_of(out("call_whole") + "/metrics.csv"))
          << call << n;
    }
  }
  EXPECT_GE(kills, 12);
}

TEST_F(TrainerProgram, ADiskThatFailsLosesNothing) {
  if (!can_inject()) GTEST_SKIP() << "strace is not here, or may not trace";
  for (const char* fault : {"fsync:error=EIO", "write:error=ENOSPC", "rename:error=EIO"}) {
    const std::string call = std::string(fault).substr(0, std::string(fault).find(':'));
    for (const int n : {3, 5, 7}) {
      fs::remove_all(out("faulty"));
      ASSERT_EQ(train("faulty", "--epochs 1").status, 0);
      const Outcome outcome = train(
          "faulty", "--epochs 2 --resume",
          fmt::format(
              "strace -f -qq -o /dev/null -P {} -P {} -P {} -e trace={} -e inject={}:when={}+",
              out("faulty") + "/last.safetensors.tmp",
              out("faulty") + "/last.state.safetensors.tmp", out("faulty"), call, fault, n - 2));
      EXPECT_TRUE(outcome.status == 4 || outcome.status == 0) << fault << outcome.err;
      ASSERT_EQ(train("faulty", "--epochs 2 --resume").status, 0) << fault;
    }
  }
}

TEST_F(TrainerProgram, AFileSystemThatCannotSyncFoldersWillDo) {
  if (!can_inject()) GTEST_SKIP() << "strace is not here, or may not trace";
  const Outcome outcome =
      train("unsynced", "--epochs 1",
            fmt::format("strace -f -qq -o /dev/null -P {} -e inject=fsync:error=EINVAL",
                        out("unsynced")));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(fs::exists(out("unsynced") + "/last.state.safetensors"));
}

TEST_F(TrainerProgram, WhatFindsNoRoomIsWrittenAnEpochLater) {
  if (!can_inject()) GTEST_SKIP() << "strace is not here, or may not trace";
  ASSERT_EQ(train("no_fault", "--epochs 3").status, 0);
  for (const char* file : {"metrics.csv", "metrics.jsonl", "epoch_0001.safetensors.tmp"}) {
    fs::remove_all(out("late"));
    const Outcome outcome =
        train("late", "--epochs 3 --keep-every 1",
              fmt::format("strace -f -qq -o /dev/null -P {}/{} -e inject=write:error=ENOSPC:when=1",
                          out("late"), file));
    EXPECT_EQ(outcome.status, 0) << file << outcome.err;
    EXPECT_NE(outcome.err.find("No space left on device; the training goes on"), std::string::npos)
        << file << outcome.err;
    for (const char* same : {"metrics.csv", "metrics.jsonl"}) {
      EXPECT_EQ(bytes_of(out("late") + "/" + same), bytes_of(out("no_fault") + "/" + same)) << file;
    }
    EXPECT_TRUE(fs::exists(out("late") + "/epoch_0002.safetensors")) << file;
  }
}

TEST_F(TrainerProgram, StoppedInAnyStepItGoesOnToTheSameBytes) {
  ASSERT_EQ(train("int_whole", rich()).status, 0);
  const int stops = train_in_pieces("int_parts", rich(), "INT", {130});
  EXPECT_GE(stops, 2);
  expect_same_runs("int_whole", "int_parts");
}

TEST_F(TrainerProgram, TwoThreadsGoOnToTheSameBytes) {
  ASSERT_EQ(train("two_whole", "--epochs 3 --threads 2").status, 0);
  ASSERT_EQ(train("two_parts", "--epochs 1 --threads 2").status, 0);
  ASSERT_EQ(train("two_parts", "--epochs 3 --resume").status, 0);
  EXPECT_EQ(bytes_of(out("two_whole") + "/last.safetensors"),
            bytes_of(out("two_parts") + "/last.safetensors"));
  EXPECT_EQ(bytes_of(out("two_whole") + "/metrics.csv"),
            bytes_of(out("two_parts") + "/metrics.csv"));
}

TEST_F(TrainerProgram, TheResultHoldsEachEpoch) {
  const Outcome outcome = train("curve", "--epochs 3 --json -");
  const auto unet = nlohmann::json::parse(outcome.out)["unet"][0];
  ASSERT_EQ(unet["epochs"].size(), 3U) << outcome.err;
  EXPECT_EQ(unet["epochs"][0]["epoch"], 1);
  EXPECT_EQ(unet["epochs"][2]["train_loss"], unet["train"]["mean_loss"]);
  EXPECT_EQ(unet["epochs"][2]["mean_iou"], unet["eval"]["mean_iou"]);
}

TEST_F(TrainerProgram, ASignalSavesAndSaysHowToGoOn) {
  struct Case {
    const char *signal, *name;
    int status;
  };
  const int seconds = test_device().empty() ? 2 : 6;  // a GPU plans longer
  for (const Case& stop : {Case{"INT", "sigint", 130}, Case{"TERM", "sigterm", 143}}) {
    const Outcome outcome =
        train(stop.name, "--epochs 100000",
              fmt::format("timeout --preserve-status -s {} {}", stop.signal, seconds));
    EXPECT_EQ(outcome.status, stop.status);
    expect_two_lines(outcome);
    EXPECT_NE(outcome.err.find("saved in " + out(stop.name)), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("--resume"), std::string::npos) << outcome.err;
    EXPECT_TRUE(fs::exists(out(stop.name) + "/last.safetensors"));
  }
}

TEST_F(TrainerProgram, WhatIsOtherThanBeforeIsSaid) {
  ASSERT_EQ(train("other", "--epochs 1 --lr 0.01").status, 0);
  const Outcome outcome = run_program(
      "train --lang en --epochs 2 --lr 0.02 --threads 2 --resume --out " + out("other"));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("not as before: lr: 0.02, was 0.01"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("threads '2', was '1'"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("batch-size"), std::string::npos) << outcome.err;
}

TEST_F(TrainerProgram, WhereItsDataAreOutOfSightItSaysSo) {
  const std::string network = " --size 64 --batch-size 2 --width 8 --levels 3 --out moved";
  ASSERT_EQ(
      run_program("train -q --epochs 1 --data scenes" + network, "cd " + root() + " &&").status, 0);
  const std::string again = "train --lang en -q --epochs 2 --resume --out " + out("moved");
  const Outcome lost = run_program(again);
  EXPECT_EQ(lost.status, 4);
  expect_two_lines(lost);
  EXPECT_NE(lost.err.find("scenes: there is no such folder here"), std::string::npos) << lost.err;
  EXPECT_NE(lost.err.find("--data DIR beside --resume"), std::string::npos) << lost.err;
  EXPECT_EQ(run_program(again + " --data " + root() + "/scenes").status, 0);
}

TEST_F(TrainerProgram, AFolderWithATrainingIsNotBegunAnew) {
  ASSERT_EQ(train("used").status, 0);
  const std::string before = bytes_of(out("used") + "/last.safetensors");
  const Outcome outcome = train("used");
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_EQ(bytes_of(out("used") + "/last.safetensors"), before);
}

TEST_F(TrainerProgram, ADamagedCheckpointIsRefusedAndTheWayOutWorks) {
  ASSERT_EQ(train("broken", "--epochs 3 --keep-every 2").status, 0);
  ASSERT_EQ(train("unbroken", "--epochs 3 --keep-every 2").status, 0);
  const std::string file = out("broken") + "/last.safetensors";
  fs::resize_file(file, fs::file_size(file) / 2);
  const Outcome outcome = train("broken", "--epochs 3 --resume");
  EXPECT_EQ(outcome.status, 5);
  expect_two_lines(outcome);
  const std::size_t fix = outcome.err.find("cp ");
  ASSERT_NE(fix, std::string::npos) << outcome.err;
  ASSERT_EQ(std::system(outcome.err.substr(fix).c_str()), 0);
  EXPECT_EQ(train("broken", "--epochs 3 --resume").status, 0);
  expect_same_runs("broken", "unbroken");
}

TEST_F(TrainerProgram, WeightsOfAFileAreAStart) {
  ASSERT_EQ(train("start", "--epochs 2").status, 0);
  const std::string weights = "--weights " + out("start") + "/best.safetensors";
  EXPECT_EQ(train("started", weights + " --lr 0").status, 0);
  EXPECT_EQ(train("fresh", "--lr 0").status, 0);
  const auto first_loss = [](const std::string& name) {
    std::ifstream stream(out(name) + "/metrics.jsonl");
    return nlohmann::json::parse(stream)["train"]["loss"].get<double>();
  };
  EXPECT_LT(first_loss("started"), first_loss("fresh") - 0.05);
  const Outcome outcome = run_program("train -q --width 4 --levels 3 --size 64 --data " + root() +
                                      "/scenes " + weights);
  EXPECT_EQ(outcome.status, 5);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("--width 8 --levels 3"), std::string::npos) << outcome.err;
}

TEST_F(TrainerProgram, EvalSaysOfWeightsWhatTheTrainingSaid) {
  ASSERT_EQ(train("judged", "--epochs 2").status, 0);
  std::istringstream rows(bytes_of(out("judged") + "/metrics.jsonl"));
  std::string row;
  while (std::getline(rows, row) && row.find("\"epoch\":2,") == std::string::npos) continue;
  const std::string eval = "eval -q --batch-size 2 " + out("judged") + "/last.safetensors " +
                           root() + "/scenes " + where();
  const Outcome outcome = run_program(eval + "--json -");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out), nlohmann::json::parse(row)["val"]);
  const Outcome table = run_program(eval + "--lang en");
  EXPECT_NE(table.out.find("last.safetensors: 3 pictures of 64 x 64 on "), std::string::npos)
      << table.out;
  EXPECT_TRUE(std::regex_search(table.out, std::regex("\n +[0-9.]+% +[0-9.]+%    0 background\n")))
      << table.out;
}

TEST_F(TrainerProgram, ADiskThatFillsUpLosesNothing) {
  // A limit on the size of files stands in for it: 100 KiB, less than the state.
  const Outcome full = train("full", "--epochs 2", "ulimit -f 100;");
  EXPECT_EQ(full.status, 4);
  EXPECT_NE(full.err.find("cannot be written: File too large"), std::string::npos) << full.err;
  EXPECT_NE(full.err.find("the training goes on"), std::string::npos) << full.err;
  EXPECT_FALSE(fs::exists(out("full") + "/last.state.safetensors"));

  ASSERT_EQ(train("filling", "--epochs 1").status, 0);
  const std::string before = bytes_of(out("filling") + "/last.safetensors");
  EXPECT_EQ(train("filling", "--epochs 2 --resume", "ulimit -f 100;").status, 4);
  EXPECT_EQ(bytes_of(out("filling") + "/last.safetensors"), before);
  ASSERT_EQ(train("filling", "--epochs 2 --resume").status, 0);
  ASSERT_EQ(train("roomy", "--epochs 2").status, 0);
  EXPECT_EQ(bytes_of(out("filling") + "/metrics.csv"), bytes_of(out("roomy") + "/metrics.csv"));
}

TEST_F(TrainerProgram, AFullDiskIsRefusedBeforeTheFirstStep) {
  const std::string mount = out("tiny");
  fs::create_directories(mount);
  const std::string inside =
      "mount -t tmpfs -o size=300k none " + mount + " && " HIKAKU_PROGRAM " " + command("tiny/run");
  const Outcome outcome = run_program("", "unshare -rm sh -c '" + inside + "';", "true");
  if (outcome.err.find("unshare") != std::string::npos ||
      outcome.err.find("mount") != std::string::npos) {
    GTEST_SKIP() << "this machine lets nobody mount: " << outcome.err;
  }
  EXPECT_NE(outcome.err.find("MiB are free on its disk"), std::string::npos) << outcome.err;
}

TEST_F(TrainerProgram, AFolderThatCannotBeWrittenIsRefusedBeforeTheFirstStep) {
  std::ofstream(out("file")) << "x";
  const Outcome in_file = train("file/run");
  EXPECT_EQ(in_file.status, 4);
  expect_two_lines(in_file);
  const Outcome in_proc = run_program("train -q --out /proc/run --data " + root() + "/scenes");
  EXPECT_EQ(in_proc.status, 4);
  expect_two_lines(in_proc);
}

TEST_F(TrainerProgram, TwoTrainingsInOneFolderAreRefused) {
  const std::string first = HIKAKU_PROGRAM " " + command("shared", "--epochs 100000") +
                            " >/dev/null 2>&1 & pid=$!; sleep 1; ";
  const Outcome second = run_program(command("shared", "--resume") +
                                         "; code=$?; kill $pid; wait $pid; "
                                         "exit $code",
                                     first);
  EXPECT_EQ(second.status, 4);
  EXPECT_NE(second.err.find("another hikaku is training in it"), std::string::npos) << second.err;
}

TEST_F(TrainerProgram, ALossThatIsNotFiniteNamesTheBatchAndIsNotKept) {
  ASSERT_EQ(train("finite").status, 0);
  write_nan_weights(out("finite") + "/best.safetensors", out("nan.safetensors"));
  const Outcome outcome = train("nan", "--weights " + out("nan.safetensors"));
  EXPECT_EQ(outcome.status, 8) << outcome.err;
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("epoch 1, batch 1 (scene_0000"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(out("nan") + "/last.safetensors"));
}

}  // namespace
}  // namespace hikaku

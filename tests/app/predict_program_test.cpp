// `hikaku predict` and `hikaku export` as their users meet them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "data/file.h"
#include "data/image_file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "nan_weights.h"
#include "run_program.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

class PredictProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    fs::remove_all(root());
    fs::create_directories(root() + "/photos");
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("HIKAKU_CONV2D", "direct", 1);  // others round otherwise
    ASSERT_EQ(run_program("data synth --train 4 --val 2 " + root() + "/scenes").status, 0);
    // Long enough for it to see several classes in a picture.
    ASSERT_EQ(
        run_program("train -q --epochs 30 --size 32 --batch-size 2 --width 8 --levels 3 --data " +
                    root() + "/scenes --out " + root() + "/run")
            .status,
        0);
    write("a.jpg", 61, 40);
    write("b.jpeg", 200, 333);
    write("c.JPG", 32, 32);
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }
  static std::string root() {
    return testing::TempDir() + "hikaku_predict_program_" + std::to_string(getpid());
  }
  static void write(const std::string& name, int width, int height) {
    Picture picture;
    picture.width = width;
    picture.height = height;
    for (int i = 0; i < 3 * width * height; ++i) {
      picture.rgb.push_back(static_cast<std::uint8_t>(i / 3 % width * 5));
    }
    write_file(root() + "/photos/" + name, encode_jpeg(picture));
  }
  static Outcome predict(const std::string& words) {
    return run_program("predict --lang en -q " + root() + "/run/last.safetensors " + words);
  }
};

TEST_F(PredictProgram, EachPictureGetsAMaskInItsOwnSizeAndAnOverlay) {
  const std::string out = root() + "/out";
  const Outcome outcome = predict(root() + "/photos --batch-size 2 --out " + out);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("3 pictures in "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find(" a second"), std::string::npos) << outcome.out;
  struct Expected {
    const char* name;
    int width, height;
  };
  for (const Expected& picture :
       {Expected{"a", 61, 40}, Expected{"b", 200, 333}, Expected{"c", 32, 32}}) {
    const std::string stem = out + "/" + picture.name;
    const Mask mask = decode_mask(read_file(stem + ".png"), picture.name);
    EXPECT_EQ(mask.width, picture.width);
    EXPECT_EQ(mask.height, picture.height);
    EXPECT_LT(*std::max_element(mask.index.begin(), mask.index.end()), 22);
    const Picture overlay = read_image(stem + "_overlay.jpg");
    EXPECT_EQ(overlay.width, picture.width);
  }
  EXPECT_TRUE(fs::exists(out + "/legend.svg"));
}

TEST_F(PredictProgram, APhotoIsTurnedUpright) {
  std::vector<std::uint8_t> bytes = read_file(root() + "/photos/a.jpg");
  const std::string marker(
      "\xff\xe1\0\x22"
      "Exif\0\0MM\0*\0\0\0\x08\0\1"
      "\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0",
      36);
  bytes.insert(bytes.begin() + 2, marker.begin(), marker.end());
  fs::create_directories(root() + "/turned");
  write_file(root() + "/turned/a.jpg", bytes);
  const Outcome outcome = predict(root() + "/turned --out " + root() + "/turned/out");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Mask mask = decode_mask(read_file(root() + "/turned/out/a.png"), "a.png");
  EXPECT_EQ(mask.width, 40);
  EXPECT_EQ(mask.height, 61);
  const Picture overlay = read_image(root() + "/turned/out/a_overlay.jpg");
  EXPECT_EQ(overlay.width, 40);
  EXPECT_EQ(overlay.orientation, 1);
}

TEST_F(PredictProgram, BatchesChangeNothing) {
  ASSERT_EQ(predict(root() + "/photos --batch-size 1 --out " + root() + "/one").status, 0);
  ASSERT_EQ(predict(root() + "/photos --batch-size 3 --out " + root() + "/three").status, 0);
  for (const char* name : {"a.png", "b.png", "c.png"}) {
    const Mask one = decode_mask(read_file(root() + "/one/" + name), name);
    const Mask three = decode_mask(read_file(root() + "/three/" + name), name);
    std::size_t other = 0;
    for (std::size_t i = 0; i < one.index.size(); ++i)
      other += one.index[i] != three.index[i] ? 1 : 0;
    EXPECT_LT(other, one.index.size() / 200) << name;  // near ties may round the other way
  }
}

TEST_F(PredictProgram, AGpuSeesWhatTheCpuSees) {
  if (test_device().empty()) GTEST_SKIP() << "HIKAKU_TEST_DEVICE names no GPU";
  for (const std::string& device : {std::string("cpu"), test_device()}) {
    const Outcome outcome = predict(fmt::format(
        "{0}/scenes/JPEGImages --precision f32 --device {1} --out {0}/by_{1}", root(), device));
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
  std::size_t pixels = 0, others = 0;
  std::set<int> classes;
  for (const char* name : {"scene_000001.png", "scene_000002.png", "scene_000003.png"}) {
    const auto seen = [&](const std::string& device) {
      return decode_mask(read_file(root() + "/by_" + device + "/" + name), name).index;
    };
    const auto cpu = seen("cpu"), gpu = seen(test_device());
    ASSERT_EQ(cpu.size(), gpu.size());
    pixels += cpu.size();
    classes.insert(cpu.begin(), cpu.end());
    for (std::size_t i = 0; i < cpu.size(); ++i) others += cpu[i] != gpu[i] ? 1 : 0;
  }
  EXPECT_GE(classes.size(), 3U) << "agreeing on next to nothing";
  EXPECT_LT(others, pixels / 1000) << "of " << pixels;  // where two classes are as likely
}

TEST_F(PredictProgram, ABadPictureIsNamedAndTheOthersAreDone) {
  const std::string mixed = root() + "/mixed";
  fs::create_directories(mixed);
  for (int i = 0; i < 7; ++i) {  // of two a batch, the third has none
    const std::string name = mixed + "/" + std::to_string(i);
    if (i == 1 || i == 4 || i == 5) {
      std::ofstream(name + ".png") << "no picture";
    } else {
      fs::copy_file(root() + "/photos/" + (i % 2 == 0 ? "a.jpg" : "b.jpeg"), name + ".jpg");
    }
  }
  const std::string how = " --device cpu --batch-size 2 --save masks,logits --out " + root();
  const Outcome outcome = predict(mixed + how + "/mixed_out");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_NE(outcome.err.find("1.png: neither a JPEG nor a PNG"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("error: 3 of 7 pictures could not be read"), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.out.find("4 pictures in "), std::string::npos) << outcome.out;
  EXPECT_TRUE(fs::exists(root() + "/mixed_out/6.png"));
  EXPECT_FALSE(fs::exists(root() + "/mixed_out/4.png"));
  // Each has the answer to itself.
  ASSERT_EQ(predict(root() + "/photos" + how + "/alone").status, 0);
  const auto logits = [](const std::string& name) {
    return read_file(root() + name + "_logits.npy");
  };
  EXPECT_EQ(logits("/mixed_out/0"), logits("/alone/a"));
  EXPECT_EQ(logits("/mixed_out/2"), logits("/alone/a"));
  EXPECT_EQ(logits("/mixed_out/3"), logits("/alone/b"));
  EXPECT_NE(logits("/alone/a"), logits("/alone/b"));
}

TEST_F(PredictProgram, AnAnswerThatIsNotFiniteIsNoMask) {
  write_nan_weights(root() + "/run/best.safetensors", root() + "/nan.safetensors");
  const Outcome outcome = run_program("predict -q " + root() + "/nan.safetensors --size 32 " +
                                      root() + "/photos --out " + root() + "/nan");
  EXPECT_EQ(outcome.status, 8);
  expect_two_lines(outcome);
  EXPECT_FALSE(fs::exists(root() + "/nan/a.png"));
}

TEST_F(PredictProgram, APictureIsNeverWrittenOver) {
  const std::string folder = root() + "/own";
  fs::create_directories(folder);
  ASSERT_EQ(predict(root() + "/photos/c.JPG --out " + folder).status, 0);  // makes c.png
  const Outcome outcome = predict(folder + "/c.png --out " + folder);
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  fs::copy_file(root() + "/photos/a.jpg", folder + "/a.jpg");
  fs::copy_file(root() + "/photos/a.jpg", folder + "/a_overlay.jpg");
  const Outcome other = predict(folder + "/a.jpg " + folder + "/a_overlay.jpg --out " + folder);
  EXPECT_EQ(other.status, 2);
  expect_two_lines(other);
  const Outcome same =
      predict(folder + "/c.png " + root() + "/photos/c.JPG --out " + root() + "/x");
  EXPECT_EQ(same.status, 2);
  expect_two_lines(same);
}

TEST_F(PredictProgram, OnlyWhatIsWrittenMayClash) {
  const std::string folder = root() + "/clash";
  fs::create_directories(folder);
  fs::copy_file(root() + "/photos/a.jpg", folder + "/a.jpg");
  fs::copy_file(root() + "/photos/a.jpg", folder + "/a_confidence.jpg");
  const Outcome both = predict(folder + " --save masks,confidence --out " + folder + "/out");
  EXPECT_EQ(both.status, 2);
  expect_two_lines(both);
  EXPECT_NE(both.err.find("both would be written as " + folder + "/out/a_confidence.png"),
            std::string::npos)
      << both.err;
  EXPECT_EQ(predict(folder + " --save masks --out " + folder + "/out").status, 0);
  // A mask beside it has the picture's own name, but none is asked for.
  const std::string own = folder + "/out/a.png --out " + folder + "/out";
  EXPECT_EQ(predict(own + " --save overlays").status, 0);
  EXPECT_EQ(predict(own + " --save overlays,masks").status, 2);
}

TEST_F(PredictProgram, ANameThatGetsTooLongIsRefusedBeforeAnythingIsWritten) {
  const std::string folder = root() + "/long";
  fs::create_directories(folder);
  fs::copy_file(root() + "/photos/a.jpg", folder + "/a.jpg");
  fs::copy_file(root() + "/photos/a.jpg", folder + "/" + std::string(248, 'n') + ".jpg");
  const Outcome outcome = predict(folder + " --out " + folder + "/out");
  EXPECT_EQ(outcome.status, 2);
  expect_two_lines(outcome);
  EXPECT_NE(outcome.err.find("its name is too long for nnn"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(folder + "/out/a.png"));
  EXPECT_EQ(predict(folder + " --save masks --out " + folder + "/out").status, 0);
}

TEST_F(PredictProgram, WhatIsNoNetworkIsRefused) {
  const Outcome picture = run_program("predict " + root() + "/photos/a.jpg " + root() + "/photos");
  EXPECT_EQ(picture.status, 5);
  expect_two_lines(picture);
  const Outcome state =
      run_program("predict " + root() + "/run/last.state.safetensors " + root() + "/photos");
  EXPECT_EQ(state.status, 5);
  expect_two_lines(state);
  const Outcome missing = run_program("export " + root() + "/none.safetensors");
  EXPECT_EQ(missing.status, 4);
  expect_two_lines(missing);
}

}  // namespace
}  // namespace hikaku

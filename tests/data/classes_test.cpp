#include "data/classes.h"

#include "data/check.h"
#include "data/file.h"
#include "data/image_file.h"
#include "data/manifest.h"
#include "data/png.h"
#include "files.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

TEST(ClassesTest, VocsAreTheDefault) {
  const Classes voc;
  EXPECT_EQ(voc.count(), 22);
  EXPECT_EQ(voc.name(15), "person");
  EXPECT_EQ(voc.name(21), "unlabelled");
  EXPECT_EQ(voc.name(255), "void");
  EXPECT_EQ(voc.name(30), "class 30");
  EXPECT_EQ(voc.colour(15), (Colour{192, 128, 128}));
  EXPECT_EQ(voc.colour(255), (Colour{224, 224, 192}));
  EXPECT_TRUE(voc.is_voc());
  EXPECT_EQ(parse_classes(to_text(voc), "f"), voc);
}

TEST(ClassesTest, ALineIsANameAndPerhapsAColour) {
  const Classes classes = parse_classes(
      "\xef\xbb\xbf# a road scene\r\nbackground\r\n\n  wide road \t#804080\n#ff0000\n猫\nsky #2 "
      "#80aa80",
      "f");
  ASSERT_EQ(classes.count(), 4);
  EXPECT_EQ(classes.name(1), "wide road");
  EXPECT_EQ(classes.colour(1), (Colour{128, 64, 128}));
  EXPECT_EQ(classes.name(2), "猫");
  EXPECT_EQ(classes.colour(2), voc_colour(2));
  EXPECT_EQ(classes.name(3), "sky #2");
  EXPECT_FALSE(classes.is_voc());
  EXPECT_EQ(parse_classes(to_text(classes), "f"), classes);
  EXPECT_EQ(classes.label_of({128, 64, 128}), 1);
  EXPECT_EQ(classes.label_of(voc_colour(255)), 255);
  EXPECT_FALSE(classes.label_of({1, 2, 3}));
}

TEST(ClassesTest, WhatIsNoListOfClassesIsRefused) {
  const auto text = [](const std::string& content) {
    return refusal([&] { (void)parse_classes(content, "f"); });
  };
  EXPECT_REFUSAL(text("a\nb\na #000000\n"), "f:3: the class \"a\" is there twice");
  EXPECT_REFUSAL(text("a\nb\x01\n"), "f:2: no name of a class");
  EXPECT_REFUSAL(text("a\n" + std::string(101, 'b')), "f:2: no name of a class");
  const std::string inu = "\x8c\xa2";  // a dog in Shift-JIS
  EXPECT_REFUSAL(text("# " + inu + "\na\n" + inu + " #000000\n"), "f:3: the name is not UTF-8");
  EXPECT_REFUSAL(text("a\nroad #80408\n"), "f:2: #80408 is no colour; #rrggbb is allowed");
  EXPECT_REFUSAL(text("a\nsky #80ZZ80\n"), "f:2: #80ZZ80 is no colour; #rrggbb is allowed");
  EXPECT_REFUSAL(text("# nothing\n"), "f: 0 classes; 2 to 255 are allowed");
  EXPECT_REFUSAL(text("a\n"), "f: 1 classes; 2 to 255 are allowed");
  std::string many;
  for (int i = 0; i < 256; ++i) many += fmt::format("c{}\n", i);
  EXPECT_REFUSAL(text(many), "f: 256 classes; 2 to 255 are allowed");
}

class OwnClasses : public ::testing::Test {
 protected:
  OwnClasses() {
    make_voc(root(), 3, 2);  // labels 1 to 5
    write_classes("ground\na\nb\nc\nd\ne #102030\n");
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }
  void write_classes(const std::string& text) const { write_text(root() / "classes.txt", text); }
  [[nodiscard]] CheckReport check() const { return check_dataset(open_dataset(root()), 2); }

 private:
  TempFolder folder_;
};

TEST_F(OwnClasses, AreThoseOfBothLists) {
  const TrainVal data = open_dataset(root());
  EXPECT_EQ(data.train.classes.name(5), "e");
  EXPECT_EQ(data.val.classes, data.train.classes);
  EXPECT_TRUE(check().findings.empty());
}

TEST_F(OwnClasses, SayWhichLabelsAreAllowed) {
  write_classes("ground\na\nb\nc\nd\n");
  const CheckReport report = check();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_NE(to_string(report.findings[0]).find("; 0..4 and 255 (void) are allowed"),
            std::string::npos);
  std::string many;
  for (int i = 0; i < 40; ++i) many += fmt::format("class {}\n", i);
  write_classes(many);
  Mask mask = disc(40, 30, 37);  // which VOC does not have
  write_file(root() / "SegmentationClass" / "pair_00.png", encode_mask(mask));
  EXPECT_TRUE(check().findings.empty());
  EXPECT_GT(check().label_pixels[37], 0);
}

TEST_F(OwnClasses, AreReadByTheirColoursAndDrawnInThem) {
  const Classes classes = open_dataset(root()).train.classes;
  const Mask mask = disc(4, 2, 5);
  Bytes rows;
  for (int y = 0; y < 2; ++y) {
    rows.push_back(0);
    for (int x = 0; x < 4; ++x) rows.insert(rows.end(), {0x10, 0x20, 0x30});
  }
  const Bytes png = make_png({4, 2, 8, 2}, rows);
  EXPECT_EQ(decode_mask(png, "m", {}, {}, &classes).index, Bytes(8, 5));
  EXPECT_REFUSAL(refusal([&] { (void)decode_mask(png, "m"); }), "m: the mask is RGB, and its");
  write_classes("ground\na\nb\nc\nd\ne\n");
  const Classes others = open_dataset(root()).train.classes;
  EXPECT_REFUSAL(refusal([&] { (void)decode_mask(png, "m", {}, {}, &others); }),
                 "m: the mask is RGB, and its colour 16,32,48 at x 0, y 0 is not in classes.txt");

  Picture black{1, 1, {0, 0, 0}, 1, {}};
  EXPECT_EQ(overlay(black, {1, 1, {5}, {}}, classes).rgb, (Bytes{8, 16, 24}));
  EXPECT_NE(encode_mask(mask, classes), encode_mask(mask));
  EXPECT_EQ(decode_mask(encode_mask(mask, classes), "m").index, mask.index);
}

TEST_F(OwnClasses, StandInTheManifest) {
  const Manifest manifest = make_manifest(open_dataset(root()), 1);
  EXPECT_TRUE(manifest.contains("classes.txt"));
  write_classes("ground\na\nb\nc\nd\nf\n");
  const auto found = verify_manifest(open_dataset(root()), manifest, "sums", 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].file, (root() / "classes.txt").string());
}

}  // namespace
}  // namespace hikaku

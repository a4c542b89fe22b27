// A data set with classes of its own, from the check over the training to predict and the report.
#include <nlohmann/json.hpp>

#include "trainer_program.h"

namespace hikaku {
namespace {

class ClassesProgram : public TrainerProgram {
 protected:
  /// The scenes' labels go up to 20.
  static void SetUpTestSuite() {
    TrainerProgram::SetUpTestSuite();
    write_classes(25);
    ASSERT_EQ(train("run", "--json " + out("run.json")).status, 0);
  }
  static void write_classes(int count, const std::string& first = "<ground>") {
    std::ofstream file(root() + "/scenes/classes.txt");
    file << first << "\n";
    for (int i = 1; i < count; ++i) file << "thing " << i << " #0000" << 10 + i << "\n";
  }
};

TEST_F(ClassesProgram, NameTheFiguresOfATraining) {
  const std::string csv = bytes_of(out("run") + "/metrics.csv");
  EXPECT_NE(csv.find(",iou__ground_,iou_thing_1,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",iou_thing_24,dice__ground_,"), std::string::npos) << csv;
  const auto result = nlohmann::json::parse(bytes_of(out("run.json")));
  ASSERT_EQ(result["classes"].size(), 25u);
  EXPECT_EQ(result["classes"][0]["name"], "<ground>");
  EXPECT_EQ(result["classes"][24]["colour"], "#000034");
  EXPECT_EQ(result["unet"][0]["eval"]["iou_by_class"].size(), 25u);
  const Outcome check = run_program("data check --lang en " + root() + "/scenes");
  EXPECT_NE(check.out.find("\n  0 <ground> "), std::string::npos) << check.out;
}

TEST_F(ClassesProgram, NameTheReport) {
  ASSERT_EQ(run_program("report " + out("run.json") + " -o " + out("page.html")).status, 0);
  const std::string page = bytes_of(out("page.html"));
  EXPECT_NE(page.find("&lt;ground&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<ground>"), std::string::npos);
  EXPECT_EQ(page.find("aeroplane"), std::string::npos);
}

TEST_F(ClassesProgram, GoWithTheWeightsToPredict) {
  const Outcome outcome = run_program("predict -q " + out("run") + "/last.safetensors " + root() +
                                      "/scenes/JPEGImages --out " + out("seen"));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(std::regex_search(outcome.out, std::regex("thing [0-9]+ +#0000[0-9]{2}|<ground>")))
      << outcome.out;
  const std::string legend = bytes_of(out("seen") + "/legend.svg");
  EXPECT_EQ(legend.find("<ground>"), std::string::npos);
  EXPECT_EQ(legend.find("aeroplane"), std::string::npos);
}

TEST_F(ClassesProgram, OfOthersNothingIsLearnt) {
  const auto eval = [] {
    return run_program("eval -q " + out("run") + "/last.safetensors " + root() + "/scenes");
  };
  EXPECT_EQ(eval().status, 0);
  write_classes(25, "soil");
  const Outcome renamed = eval();
  write_classes(24);
  const Outcome fewer = eval();
  write_classes(25);
  EXPECT_EQ(renamed.status, 5);
  expect_two_lines(renamed);
  EXPECT_NE(renamed.err.find("learnt class 0 as \"<ground>\""), std::string::npos) << renamed.err;
  EXPECT_EQ(fewer.status, 5);
  expect_two_lines(fewer);
}

TEST_F(ClassesProgram, CannotBecomeOthersInTheMiddle) {
  write_classes(25, "soil");
  const Outcome renamed = train("run", "--resume --epochs 3");
  write_classes(24);
  const Outcome fewer = train("run", "--resume --epochs 3");
  write_classes(5);
  const Outcome unknown = train("other");
  write_classes(25);
  EXPECT_EQ(renamed.status, 2);
  expect_two_lines(renamed);
  EXPECT_NE(renamed.err.find("class 0 is \"soil\", in the training in "), std::string::npos)
      << renamed.err;
  EXPECT_EQ(fewer.status, 2);
  expect_two_lines(fewer);
  EXPECT_NE(fewer.err.find("24 classes: the training in "), std::string::npos) << fewer.err;
  EXPECT_EQ(unknown.status, 4);
  EXPECT_NE(unknown.err.find("0..4 and 255 (void) are allowed"), std::string::npos) << unknown.err;
}

}  // namespace
}  // namespace hikaku

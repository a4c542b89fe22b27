// What the sections of the page say where a result is not the usual one.
#include <gtest/gtest.h>

#include "count.h"
#include "report/page/page.h"
#include "report/plain.h"
#include "report/terminal.h"
#include "sample_result.h"

namespace hikaku {
namespace {

std::string page_of(const Result& result) {
  return render_page({{"result.json", result}}, Language::en);
}

/// The sample with its training on a GPU too.
Result with_gpu() {
  Result result = sample_result();
  UnetResult gpu = result.unet[0];
  gpu.device = "cuda:0";
  gpu.train.seconds = 1.5;
  gpu.train.projected = false;
  gpu.train.step_seconds = {{0.07, 0.071, 0.072}};
  result.unet.push_back(gpu);
  return result;
}

UnetResult trained(UnetResult unet, const std::string& precision, double seconds) {
  unet.precision = precision;
  unet.train.seconds = seconds;
  return unet;
}

constexpr const char* fewer_digits = "fewer digits on the GPU";

TEST(Sections, JapaneseHasNoTimesSignBeforeItsWordForIt) {
  const std::string page = page_of(with_gpu());
  EXPECT_NE(page.find("0.99x of 5.20 s"), std::string::npos);
  EXPECT_NE(page.find(" の 0.99 倍"), std::string::npos);
  EXPECT_EQ(page.find("x 倍"), std::string::npos);
}

TEST(Sections, ARecordedRaceHasTheScaleOfTheOneHere) {
  const auto page = [](double here, double there) {
    Result slow = with_gpu(), fast = with_gpu();
    slow.unet[0].train.seconds = here;
    fast.unet[0].train.seconds = there;
    const std::string all =
        render_page({{"result.json", slow}, {"record.json", fast, true}}, Language::en);
    return all.substr(0, all.find("</section>"));  // the verdict
  };
  // Of two axes; bars of 90 s and of 3 s would look alike.
  EXPECT_EQ(count(page(90, 90), "50.0 s"), 2);
  EXPECT_EQ(count(page(90, 3), "50.0 s"), 2);
}

TEST(Sections, FewerDigitsAreOfTheSameWork) {
  Result result = with_gpu();
  result.unet.push_back(trained(result.unet[1], "bf16", 0.5));
  EXPECT_EQ(count(page_of(result), fewer_digits), 1);
  result.unet.back().device = "cuda:1";
  EXPECT_EQ(count(page_of(result), fewer_digits), 0) << "another GPU";
  result.unet.back() = trained(result.unet[1], "f32x", 0.5);
  EXPECT_EQ(count(page_of(result), fewer_digits), 0) << "f32x has as many";
  result.unet.back() = trained(result.unet[1], "f32", 2.5);
  EXPECT_EQ(count(page_of(result), fewer_digits), 0) << "the same again";
  result.unet.pop_back();
  for (const std::size_t i : {0U, 1U}) {
    result.unet.push_back(trained(result.unet[i], i == 0 ? "f32" : "bf16", 0.5));
    result.unet.back().batch_size = 4;
  }
  EXPECT_EQ(count(page_of(result), fewer_digits), 0) << "another batch";
  EXPECT_EQ(page_of(result).find("in bf16."), std::string::npos) << "another batch";
}

TEST(Sections, FewerDigitsAreFoundBehindOtherPairs) {
  Result result = with_gpu();
  result.unet.push_back(trained(result.unet[1], "f32x", 0.5));
  result.unet.push_back(trained(result.unet[1], "bf16", 0.75));
  const std::string page = page_of(result);
  EXPECT_EQ(count(page, fewer_digits), 1);
  EXPECT_NE(page.find("CPU in f32, GPU in bf16; measured once"), std::string::npos);
  EXPECT_NE(page.find("75.0 s in bf16."), std::string::npos);
}

TEST(Sections, AProjectedEpochIsNotTakenApart) {
  Result result = with_gpu();  // the CPU's is projected
  const std::string computing = " computing</span>";
  EXPECT_EQ(count(page_of(result), computing), 1);
  result.unet[0].train.projected = false;
  EXPECT_EQ(count(page_of(result), computing), 2);
}

TEST(Sections, EachTrainingThatIsProvenNamesItsOwnDevice) {
  Result result = with_gpu();
  EXPECT_NE(page_of(result).find("GPU bf16"), std::string::npos) << "a record without the device";
  result.same_work->training[1].device = "cuda:1";
  EXPECT_NE(page_of(result).find("GPU 1 bf16"), std::string::npos);
  EXPECT_EQ(page_of(result).find("GPU bf16"), std::string::npos);
  for (const Language language : {Language::en, Language::ja}) {
    const std::string terminal = render_terminal(result, {language});
    EXPECT_EQ(count(terminal, "cuda:1 bf16"), 4) << terminal;
    EXPECT_EQ(count(terminal, "cuda:0 bf16"), 0) << terminal;
  }
}

TEST(Sections, AllSamplesAreAll) {
  const Result result = with_gpu();
  const std::string page = page_of(result);
  for (const char* name :
       {"matmul with copies f32 n=8000 cuda:0", "sweep with copies f32 n=512 cuda:0",
        "profiled step f32 batch=16 size=256 cpu", "one_thread wrong f32 n=1500 cpu",
        "no_sync right f32 n=8000 cuda:0", "batch_1 wrong f32 batch=16 cpu"}) {
    EXPECT_EQ(count(page, std::string(name) + "</summary>"), 1) << name;
  }
  // A spread that is told on purpose wrongly is nothing to judge by.
  EXPECT_EQ(render_csv({{"result.json", result}}).find("one_thread"), std::string::npos);
}

TEST(Sections, EachTableAndTheBoxThatItScrollsInHaveAName) {
  const std::string page = page_of(with_gpu());
  const int tables = count(page, "<table>");
  EXPECT_GT(tables, 8);
  EXPECT_EQ(count(page, "<table><caption class=\"said\"><span lang=\"en\">"), tables);
  const std::string box = "<div class=\"scroll\" tabindex=\"0\"";
  EXPECT_EQ(count(page, box), tables);
  EXPECT_EQ(count(page, box + " role=\"region\" aria-label=\""), tables);
  EXPECT_NE(page.find("aria-label=\"Steps on random data / 乱数のデータでの 1 ステップ\""),
            std::string::npos);
}

TEST(Sections, TheNetworksSizeIsThatOfItsUsualWidth) {
  const std::string page = page_of(with_gpu());
  EXPECT_NE(page.find("all of its numbers, 31 million at the usual width of 64, a little"),
            std::string::npos);
  EXPECT_NE(page.find("すべての数（標準の幅 64 なら 3100 万個）"), std::string::npos);
}

TEST(Sections, ARatioWithoutAnIntervalShowsNone) {
  Result result = with_gpu();
  EXPECT_NE(page_of(result).find("なら CPU の 12.5 倍（"), std::string::npos);
  for (FooledResult& one : result.fooled) {
    one.wrong.values.resize(1);
    one.right.values.resize(1);
  }
  const std::string page = page_of(result);
  EXPECT_NE(page.find("なら CPU の 12.5 倍、バッチ"), std::string::npos);
  EXPECT_EQ(page.find("（-～-）"), std::string::npos);
}

TEST(Sections, CountsTheClassesThatNeverOccur) {
  Result result = with_gpu();
  EXPECT_NE(page_of(result).find(">1 class occurs neither in the pictures nor in the answers; it "
                                 "has no IoU."),
            std::string::npos);
  result.unet[0].eval.iou_by_class[2] = not_measured;
  EXPECT_NE(page_of(result).find(">2 classes occur neither"), std::string::npos);
}

}  // namespace
}  // namespace hikaku

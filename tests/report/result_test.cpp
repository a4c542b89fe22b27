#include "report/result.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sample_result.h"

namespace hikaku {
namespace {

using Json = nlohmann::json;

TEST(Result, HasTheNamesThatTheDesignFixes) {
  const Json json = Json::parse(write_result(sample_result()));
  EXPECT_EQ(json["schema_version"], 1);
  for (const char* name : {"program", "command", "seed", "machine", "caveats", "matmul", "unet",
                           "bench", "speedups", "same_work"}) {
    EXPECT_TRUE(json.contains(name)) << name;
  }
  EXPECT_TRUE(json["machine"]["gpus"].empty());
  EXPECT_EQ(json["machine"]["libraries"]["OpenBLAS"]["loaded"], "0.3.21");
  EXPECT_EQ(json["matmul"][0]["dtype"], "f64");
  EXPECT_EQ(json["matmul"][0]["seconds"]["median"], 5.9);
  EXPECT_EQ(json["matmul"][0]["seconds"]["samples"].size(), 5u);
  EXPECT_EQ(json["unet"][0]["train"]["projected"], true);
  EXPECT_EQ(json["unet"][0]["eval"]["background_only"]["pixel_accuracy"], 0.712);
  EXPECT_EQ(json["speedups"][0]["baseline"], "cpu");
}

TEST(Result, WhatIsNotANumberIsNull) {
  Result result = sample_result();
  result.matmul[0].flops_per_second = HUGE_VAL;
  result.bench[0].seconds.values.clear();
  const Json json = Json::parse(write_result(result));
  EXPECT_TRUE(json["unet"][0]["eval"]["iou_by_class"][1].is_null());
  EXPECT_TRUE(json["matmul"][0]["flops_per_second"].is_null());
  EXPECT_TRUE(json["bench"][0]["seconds"]["median"].is_null());
}

TEST(Result, ReadsWhatItWrote) {
  const std::string text = write_result(sample_result());
  EXPECT_EQ(write_result(read_result(text, "result.json")), text);
  const std::string empty = write_result({});
  EXPECT_EQ(write_result(read_result(empty, "result.json")), empty);
}

TEST(Result, ACommandLineThatIsNoUtf8StaysValidJson) {
  Result result;
  result.command = {"hikaku", "\xff\xfe.json"};
  EXPECT_TRUE(Json::accept(write_result(result)));
}

void expect_refusal(const std::string& text, const std::string& named) {
  try {
    static_cast<void>(read_result(text, "bad.json"));
    FAIL() << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_TRUE(std::string(error.what()).starts_with("bad.json: ")) << error.what();
    EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << error.what();
    EXPECT_FALSE(error.fix().empty());
  }
}

TEST(Result, RefusesWhatIsNoResultAndNamesTheKey) {
  expect_refusal("", "not JSON");
  expect_refusal("{\"schema_version\": 1", "not JSON");
  expect_refusal("[]", "the whole");
  expect_refusal("{}", "schema_version");
  expect_refusal(R"({"schema_version": 2})", "schema_version is 2");
  expect_refusal(R"({"schema_version": 1, "matmul": 3})", "matmul");
  expect_refusal(R"({"schema_version": 1, "matmul": [{"n": "x"}]})", "matmul[0].n");
  expect_refusal(R"({"schema_version": 1, "matmul": [{"seconds": {"samples": ["x"]}}]})",
                 "matmul[0].seconds.samples[0]");
}

TEST(Result, FitsTheSchema) {
  const Json schema = Json::parse(std::ifstream(HIKAKU_SOURCE_DIR "/docs/result.schema.json"));
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3 has no jsonschema";
  }
  const std::string file = testing::TempDir() + "fits_the_schema.json";
  const std::string check =
      "python3 -c 'import json, jsonschema, sys; "
      "jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate("
      "json.load(open(sys.argv[2])))' " HIKAKU_SOURCE_DIR "/docs/result.schema.json " +
      file;
  const auto fits = [&](const std::string& text) {
    std::ofstream(file) << text;
    return std::system((check + " 2>/dev/null").c_str()) == 0;
  };
  EXPECT_TRUE(fits(write_result(sample_result())));
  EXPECT_TRUE(fits(write_result({})));
  Json broken = Json::parse(write_result(sample_result()));
  broken["matmul"][0]["n"] = "8000";
  EXPECT_FALSE(fits(broken.dump()));
  broken = Json::parse(write_result(sample_result()));
  broken.erase("machine");
  EXPECT_FALSE(fits(broken.dump()));
}

}  // namespace
}  // namespace hikaku

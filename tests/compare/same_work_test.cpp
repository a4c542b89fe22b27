#include "compare/same_work.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "cpu/backend.h"

namespace hikaku {
namespace {

TrainingTrace trace(const std::string& precision) {
  TrainingTrace trace;
  trace.precision = precision;
  trace.initial_weights = 17;
  trace.items = {2, 0, 1};
  trace.losses = {2.5, 2.25, 2.0};
  trace.losses_from_starts = {2.25, 2.0};
  trace.update_distance = 0.01;
  trace.checkpoint_loss = 4.0;
  return trace;
}

SameWork proof_of(const TrainingTrace& device) {
  SameWork proof;
  add_training(trace("f32"), device, proof);
  return proof;
}

TEST(SameWork, EqualTrainingsAreProven) {
  const SameWork proof = proof_of(trace("f32"));
  EXPECT_TRUE(is_proven(proof));
  EXPECT_TRUE(proof.same_initial_weights);
  EXPECT_TRUE(proof.same_batches);
  EXPECT_EQ(proof.steps, 3);
  EXPECT_EQ(proof.largest_loss_difference, 0);
}

TEST(SameWork, EachTrainingNamesItsDevice) {
  TrainingTrace device = trace("f32");
  device.device = "cuda:1";
  EXPECT_EQ(proof_of(device).training[0].device, "cuda:1");
}

TEST(SameWork, AGapIsMeasuredAgainstItsPrecision) {
  TrainingTrace device = trace("f32");
  device.losses[2] += 1e-3;  // by itself
  EXPECT_TRUE(is_proven(proof_of(device)));
  EXPECT_NEAR(proof_of(device).largest_loss_difference, 1e-3, 1e-12);
  EXPECT_NEAR(proof_of(device).mean_loss_difference, 1e-3 / 3, 1e-12);
  device.losses_from_starts[1] += 1e-3;
  EXPECT_FALSE(is_proven(proof_of(device)));
  EXPECT_NEAR(proof_of(device).training[0].largest_loss_difference, 1e-3, 1e-12);
  device.precision = "bf16";
  EXPECT_TRUE(is_proven(proof_of(device)));

  device = trace("f32");
  device.update_distance = 1;  // as if it had gone twice as far
  EXPECT_FALSE(is_proven(proof_of(device)));
  device.update_distance = NAN;
  EXPECT_FALSE(is_proven(proof_of(device)));

  device = trace("f32");
  device.losses_from_starts[1] = NAN;
  EXPECT_FALSE(is_proven(proof_of(device)));

  device = trace("f32");
  device.checkpoint_loss = 4.0 * (1 + 2e-4);
  const SameWork proof = proof_of(device);
  EXPECT_NEAR(proof.training[0].checkpoint_gap, 2e-4, 1e-12);
  EXPECT_FALSE(proof.training[0].within);
  device.checkpoint_loss = NAN;
  EXPECT_FALSE(is_proven(proof_of(device)));
}

TEST(SameWork, TheFirstLossCountsWithoutStarts) {
  TrainingTrace baseline = trace("f32"), device = baseline;
  device.losses_from_starts.clear();
  EXPECT_TRUE(compare_training(baseline, device).within);
  device.losses[0] += 1e-3;
  EXPECT_FALSE(compare_training(baseline, device).within);
}

TEST(SameWork, AChangeIsMeasuredByTheBaselines) {
  const Weights before{{"w", {{2}, {1.0f, 2.0f}}}, {"running_mean", {{1}, {0.0f}}}};
  Weights baseline = before, device = before;
  baseline["w"].values = {1.5f, 2.0f};
  device["w"].values = {2.0f, 2.0f};
  device["running_mean"].values = {9.0f};
  EXPECT_DOUBLE_EQ(update_distance(before, baseline, baseline), 0);
  EXPECT_DOUBLE_EQ(update_distance(before, baseline, device), 1);
}

TEST(SameWork, OtherWeightsOrPicturesAreNoticed) {
  TrainingTrace device = trace("f32");
  device.initial_weights = 18;
  EXPECT_FALSE(is_proven(proof_of(device)));
  device = trace("f32");
  device.items = {0, 2, 1};
  EXPECT_FALSE(is_proven(proof_of(device)));
  EXPECT_TRUE(proof_of(device).same_initial_weights);
}

TEST(SameWork, OneBitOfOneWeightChangesTheFingerprint) {
  const Weights weights{{"a", {{2}, {1.0f, 2.0f}}}, {"b", {{1}, {0.0f}}}};
  Weights other = weights;
  EXPECT_EQ(fingerprint(weights), fingerprint(other));
  other["b"].values[0] = -0.0f;
  EXPECT_NE(fingerprint(weights), fingerprint(other));
}

TEST(ProductProof, GivesTheLargestAndTheMeanDifferenceOfTheLargestElement) {
  const auto cpu = make_cpu_backend();
  const MatmulParams params{2, DType::f32};
  const float first[] = {1, 2, 3, -4}, second[] = {1, 2, 3.5, -4};
  ProductProof products;
  SameWork proof;
  products.look(params, *cpu, first);
  products.tell(proof);
  EXPECT_TRUE(std::isnan(proof.largest_product_difference));
  products.look(params, *cpu, second);
  products.tell(proof);
  EXPECT_DOUBLE_EQ(proof.largest_product_difference, 0.125);
  EXPECT_DOUBLE_EQ(proof.mean_product_difference, 0.125 / 4);
  EXPECT_EQ(proof.product_type, "f32");
  EXPECT_FALSE(is_proven(proof));
}

TEST(ProductProof, WhatIsNotANumberProvesNothing) {
  const auto cpu = make_cpu_backend();
  const MatmulParams params{2, DType::f32};
  const float right[] = {1, 2, 3, -4}, wrong[] = {1, NAN, 3, -4};
  for (const auto& [baseline, device] : {std::pair(right, wrong), std::pair(wrong, right)}) {
    ProductProof products;
    SameWork proof;
    products.look(params, *cpu, baseline);
    products.look(params, *cpu, device);
    products.look(params, *cpu, right);  // another device does not mend it
    products.tell(proof);
    EXPECT_EQ(proof.product_type, "f32");
    EXPECT_FALSE(is_proven(proof));
  }
}

TEST(ProductProof, TheWorstOfSeveralDevicesCounts) {
  const auto cpu = make_cpu_backend();
  const MatmulParams params{2, DType::f32};
  const float right[] = {1, 2, 3, -4}, wrong[] = {1, 2, 3.5, -4};
  ProductProof products;
  SameWork proof;
  for (const float* c : {right, right, wrong, right}) products.look(params, *cpu, c);
  products.tell(proof);
  EXPECT_DOUBLE_EQ(proof.largest_product_difference, 0.125);
  EXPECT_DOUBLE_EQ(proof.mean_product_difference, 0.125 / 4);
}

TEST(ProductProof, IsLeftOutWhereTheHostHasNoRoomForAProduct) {
  const auto cpu = make_cpu_backend();
  const MatmulParams huge{1'000'000, DType::f32};
  ProductProof products;
  SameWork proof;
  for (int device = 0; device < 2; ++device) products.look(huge, *cpu, nullptr);
  products.tell(proof);
  EXPECT_TRUE(proof.product_type.empty());
  EXPECT_TRUE(is_proven(proof));
}

}  // namespace
}  // namespace hikaku

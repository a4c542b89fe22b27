#include "measure/gpu_peak.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hikaku {
namespace {

struct DataSheet {
  const char *name, *architecture;
  int multiprocessors;
  double clock_mhz;
  const char* product;
  double tera;  ///< FLOP/s, dense; 0: none
};

// Of NVIDIA's data sheets and white papers, with the clocks that they count by.
const std::vector<DataSheet> data_sheets{
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1980, "f64", 66.9},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1980, "f32", 66.9},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1830, "tf32", 494.7},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1830, "f16", 989.4},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1830, "bf16", 989.4},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1830, "fp8", 1978.9},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1830, "f32x", 329.8},
    {"NVIDIA H200", "sm_90", 132, 1830, "f16", 989.4},
    {"NVIDIA A100-SXM4-80GB", "sm_80", 108, 1410, "f64", 19.5},
    {"NVIDIA A100-SXM4-80GB", "sm_80", 108, 1410, "f32", 19.5},
    {"NVIDIA A100-SXM4-80GB", "sm_80", 108, 1410, "tf32", 156},
    {"NVIDIA A100-SXM4-80GB", "sm_80", 108, 1410, "bf16", 312},
    {"NVIDIA A100-SXM4-80GB", "sm_80", 108, 1410, "fp8", 0},
    {"NVIDIA B200", "sm_100", 148, 1965, "f64", 37.2},
    {"NVIDIA B200", "sm_100", 148, 1965, "f32", 74.4},
    {"NVIDIA B200", "sm_100", 148, 1850, "f16", 2243},
    {"NVIDIA B200", "sm_100", 148, 1850, "fp8", 4486},
    {"NVIDIA GeForce RTX 2080 Ti", "sm_75", 68, 1545, "f16", 53.8},
    {"Quadro RTX 6000", "sm_75", 72, 1770, "f16", 130.5},
    {"Tesla T4", "sm_75", 40, 1590, "f16", 65.1},
    {"Tesla T4", "sm_75", 40, 1590, "f32", 8.1},
    {"Tesla T4", "sm_75", 40, 1590, "bf16", 0},
    {"NVIDIA GeForce GTX 1660", "sm_75", 22, 1785, "f16", 0},
    {"NVIDIA GeForce GTX 1660", "sm_75", 22, 1785, "f32", 5.0},
    {"NVIDIA GeForce RTX 3090", "sm_86", 82, 1695, "f32", 35.6},
    {"NVIDIA GeForce RTX 3090", "sm_86", 82, 1695, "f16", 71.2},
    {"NVIDIA GeForce RTX 3090", "sm_86", 82, 1695, "tf32", 35.6},
    {"NVIDIA RTX A6000", "sm_86", 84, 1800, "f16", 154.8},
    {"NVIDIA A10", "sm_86", 72, 1695, "f16", 125},
    {"NVIDIA A10G", "sm_86", 80, 1710, "f16", 70},
    {"NVIDIA GeForce RTX 4090", "sm_89", 128, 2520, "f16", 165.2},
    {"NVIDIA GeForce RTX 4090", "sm_89", 128, 2520, "fp8", 330.3},
    {"NVIDIA GeForce RTX 4090", "sm_89", 128, 2520, "f64", 1.29},
    {"NVIDIA L4", "sm_89", 58, 2040, "f16", 121},
    {"NVIDIA L40", "sm_89", 142, 2490, "f16", 181},
    {"NVIDIA L40S", "sm_89", 142, 2490, "f16", 362},
    {"NVIDIA L20", "sm_89", 92, 2520, "f16", 0},
    {"NVIDIA H20", "sm_90", 78, 1980, "f16", 0},
    {"NVIDIA GeForce RTX 5090", "sm_120", 170, 2407, "bf16", 209.5},
    {"NVIDIA GeForce RTX 5090", "sm_120", 170, 2407, "fp8", 419},
    {"NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "sm_120", 188, 2617, "bf16", 503.8},
    {"NVIDIA B300", "sm_103", 148, 1920, "f16", 0},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 0, "f16", 0},
    {"NVIDIA H100 80GB HBM3", "sm_90", 132, 1980, "f4", 0},
};

TEST(GpuPeak, AgreesWithDataSheetsOrSaysNothing) {
  for (const DataSheet& sheet : data_sheets) {
    GpuFacts gpu;
    gpu.name = sheet.name;
    gpu.architecture = sheet.architecture;
    gpu.multiprocessors = sheet.multiprocessors;
    gpu.clock_hz = 1e6 * sheet.clock_mhz;
    const auto peak = theoretical_peak_flops(gpu, sheet.product);
    EXPECT_EQ(peak.has_value(), sheet.tera > 0) << sheet.name << " " << sheet.product;
    EXPECT_NEAR(peak.value_or(0) / 1e12, sheet.tera, 0.01 * sheet.tera)
        << sheet.name << " " << sheet.product;
  }
}

}  // namespace
}  // namespace hikaku

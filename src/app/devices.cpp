#include "app/devices.h"

#include <fmt/format.h>

#include <charconv>

#include "base/tuning.h"
#include "cpu/backend.h"
#include "device/cuda_module.h"

namespace hikaku {
namespace {

Precision precision_of(const std::string& name) {
  for (const auto precision :
       {Precision::f32, Precision::f32x, Precision::tf32, Precision::bf16, Precision::f16}) {
    if (name == name_of(precision)) return precision;
  }
  return Precision::tf32;
}

/// `device` is "cuda" or "cuda:N".
std::unique_ptr<Backend> open_gpu(const Context& context, const std::string& device,
                                  const DeviceOptions& asked) {
  if (const auto no_gpu = why_no_gpu()) {
    throw Error(ExitCode::missing, fmt::format("--device {}: {}", device, no_gpu->text),
                "--device cpu runs on the CPU; hikaku info tells what is missing");
  }
  CudaOptions options;
  options.device = cuda_number(device);
  options.precision = precision_of(asked.precision);
  options.deterministic = asked.deterministic;
  options.tuning_file = default_tuning_file();
  options.say = [&console = context.console](const std::string& text) { console.warning(text); };
  try {
    return open_cuda(options);
  } catch (const Error& error) {
    if (error.code() != ExitCode::usage || !asked.precision.empty()) throw;
  }
  options.precision = Precision::f32;  // nobody asked for tf32, which older GPUs lack
  return open_cuda(options);
}

/// The driver's reason, or what stood in the way of the module behind it.
NoGpu reason_of(const Error& error) {
  if (auto driver = why_no_gpu()) return std::move(*driver);
  return {"no_module", fmt::format("{}: {}", error.what(), error.fix())};
}

}  // namespace

int cuda_number(const std::string& device) {
  if (!device.starts_with("cuda")) return -1;
  int number = 0;
  const std::size_t colon = device.find(':');
  if (colon != std::string::npos) {
    std::from_chars(device.data() + colon + 1, device.data() + device.size(), number);
  }
  return number;
}

void require_cpu_precision(const std::string& precision) {
  if (precision.empty() || precision == "f32") return;
  throw Error(ExitCode::usage, fmt::format("--precision {}: cpu computes in f32", precision),
              "ask for f32, or for another device");
}

std::unique_ptr<Backend> open_device(const Context& context, const std::string& device,
                                     const DeviceOptions& options) {
  if (device != "cpu") return open_gpu(context, device, options);
  require_cpu_precision(options.precision);
  return make_cpu_backend();
}

Devices open_devices(const Context& context, const std::vector<std::string>& asked, Auto meaning,
                     const DeviceOptions& options) {
  Devices devices;
  if (asked != std::vector<std::string>{"auto"}) {
    for (const std::string& name : asked)
      devices.opened.push_back(open_device(context, name, options));
    return devices;
  }
  if (meaning == Auto::all) devices.opened.push_back(open_device(context, "cpu", options));
  try {
    devices.opened.push_back(open_device(context, "cuda", options));
  } catch (const Error& error) {
    if (error.code() != ExitCode::missing) throw;
    devices.no_gpu = reason_of(error);
    if (meaning == Auto::best) devices.opened.push_back(open_device(context, "cpu", options));
  }
  return devices;
}

}  // namespace hikaku

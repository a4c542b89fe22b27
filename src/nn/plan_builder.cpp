#include "nn/plan_builder.h"

#include <algorithm>

#include "base/memory.h"

namespace hikaku {

std::shared_ptr<DeviceMemory> PlanBuilder::finish(std::shared_ptr<DeviceMemory> reuse) {
  const std::size_t bytes = arena_.finish();
  if (reuse == nullptr || reuse->bytes() < bytes) reuse = allocate(bytes);
  for (const auto& [buffer, set_address] : places_) {
    set_address(static_cast<std::byte*>(reuse->get()) + arena_.offset(buffer));
  }
  return reuse;
}

std::shared_ptr<DeviceMemory> PlanBuilder::allocate(std::size_t bytes) const {
  try {
    return std::make_shared<DeviceMemory>(backend_, bytes);
  } catch (const OutOfMemory& error) {
    // The arena is proportional to the batch, and so is what the caller took and would take less
    // of.
    const auto images = static_cast<std::size_t>(batch_.images);
    const std::size_t bytes_per_image = bytes / images + 1 + batch_.bytes_beside;
    const std::size_t there = error.available() + images * batch_.bytes_beside;
    const std::size_t most = there > ops_bytes_ ? (there - ops_bytes_) / bytes_per_image : 0;
    throw OutOfMemory(error.place(),
                      fmt::format("a batch of {} pictures of {} x {}", batch_.images, batch_.height,
                                  batch_.width),
                      bytes, error.available(),
                      most > 0 ? fmt::format("use --batch-size {} or less", most)
                               : std::string("use a smaller --size"));
  }
}

std::size_t largest_weight_bytes(const UNet& net) {
  std::int64_t most = 0;
  for (const TensorInfo& tensor : net.tensors) most = std::max(most, tensor.count);
  return static_cast<std::size_t>(most) * sizeof(float);
}

void require_fits(const UNetConfig& config, const BatchShape& batch, bool training) {
  const std::int64_t unit = config.side_unit();
  if (batch.images < 1 || batch.height < unit || batch.width < unit || batch.height % unit != 0 ||
      batch.width % unit != 0) {
    throw Error(
        ExitCode::usage,
        fmt::format("a batch of {} pictures of {} x {} does not fit the network; sides must "
                    "be multiples of {}, for it halves them {} times",
                    batch.images, batch.height, batch.width, unit, config.levels - 1),
        fmt::format("choose a --size that is a multiple of {}", unit));
  }
  const std::int64_t deepest = batch.images * (batch.height / unit) * (batch.width / unit);
  if (training && deepest == 1) {
    throw Error(ExitCode::usage,
                fmt::format("one picture of {} x {} leaves a single value a channel at the deepest "
                            "level; batch norm needs two or more to train",
                            batch.height, batch.width),
                "use a larger --batch-size or --size");
  }
}

HeadLossParams head_params(const PlanBuilder& builder, const UNetConfig& config,
                           const LossOptions& loss) {
  return {.input = builder.shape_at(0, config.width),
          .classes = config.classes,
          .dice_share = loss.dice_share,
          .class_weights = loss.class_weights,
          .ignore = loss.ignore};
}

}  // namespace hikaku

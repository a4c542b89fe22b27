#include "nn/plan_builder.h"

#include "base/error.h"

namespace hikaku {

std::shared_ptr<DeviceMemory> PlanBuilder::finish(std::shared_ptr<DeviceMemory> reuse) {
  const std::size_t bytes = arena_.finish();
  if (reuse == nullptr || reuse->bytes() < bytes) {
    reuse = std::make_shared<DeviceMemory>(backend_, bytes);
  }
  for (const auto& [buffer, address] : places_) {
    *address = static_cast<std::byte*>(reuse->get()) + arena_.offset(buffer);
  }
  return reuse;
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

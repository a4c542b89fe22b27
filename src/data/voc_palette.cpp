#include "data/voc_palette.h"

#include "base/error.h"

namespace hikaku {

std::string_view class_name(int label) {
  constexpr std::array<std::string_view, class_count> names{
      "background", "aeroplane", "bicycle",    "bird",      "boat",         "bottle",
      "bus",        "car",       "cat",        "chair",     "cow",          "diningtable",
      "dog",        "horse",     "motorbike",  "person",    "potted plant", "sheep",
      "sofa",       "train",     "tv/monitor", "unlabelled"};
  require(label >= 0 && label < class_count, "[class_name] label {} is not in 0..21", label);
  return names[static_cast<std::size_t>(label)];
}

}  // namespace hikaku

#include "data/dataset.h"

#include <algorithm>

#include "data/file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "data/voc_palette.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

constexpr const char* get_data =
    "give a folder in VOC layout, or make one with: hikaku data synth DIR";

void require_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    throw BadData({path.string(), 0,
                   "there is no such folder; JPEGImages, SegmentationClass and lists are needed",
                   get_data});
  }
}

void require_labels(const std::string& file, const Mask& mask, std::int64_t classes) {
  const auto bad = std::find_if_not(mask.index.begin(), mask.index.end(), [&](std::uint8_t value) {
    return value < classes || value == void_label;
  });
  if (bad == mask.index.end()) return;
  const auto at = bad - mask.index.begin();
  throw BadData({file, 0,
                 fmt::format("label {} at x {}, y {}; 0..{} and {} (void) are allowed", *bad,
                             at % mask.width, at / mask.width, classes - 1, void_label),
                 "draw the mask with these classes, or name the others in classes.txt"});
}

}  // namespace

fs::path Dataset::picture_path(std::size_t i) const {
  return root / "JPEGImages" / (id(i) + ".jpg");
}

fs::path Dataset::mask_path(std::size_t i) const {
  return root / "SegmentationClass" / (id(i) + ".png");
}

TrainVal open_dataset(const fs::path& root) {
  require_folder(root);
  require_folder(root / "JPEGImages");
  require_folder(root / "SegmentationClass");
  const fs::path ours = root / "listfile", vocs = root / "ImageSets" / "Segmentation";
  fs::path train = ours / "train_list_300.txt", val = ours / "val_list_100.txt";
  std::error_code error;
  if (!fs::exists(train, error) && !fs::exists(val, error)) {
    if (!fs::exists(vocs / "train.txt", error) && !fs::exists(vocs / "val.txt", error)) {
      throw BadData({root.string(), 0,
                     "no lists; listfile/train_list_300.txt and val_list_100.txt, or "
                     "ImageSets/Segmentation/train.txt and val.txt, are needed",
                     get_data});
    }
    train = vocs / "train.txt";
    val = vocs / "val.txt";
  }
  const Classes classes = classes_of(root);
  return {{root, read_list(train), classes}, {root, read_list(val), classes}};
}

void read_picture(const Dataset& dataset, std::size_t i, Pair& pair) {
  const fs::path path = dataset.picture_path(i);
  pair.file = read_file(path, std::move(pair.file));
  pair.picture = decode_jpeg(pair.file, path.string(), std::move(pair.picture));
}

void read_mask(const Dataset& dataset, std::size_t i, Pair& pair) {
  const fs::path path = dataset.mask_path(i);
  pair.file = read_file(path, std::move(pair.file));
  pair.mask = decode_mask(pair.file, path.string(), std::move(pair.mask), {},
                          dataset.classes.is_voc() ? nullptr : &dataset.classes);
}

void require_consistent(const Dataset& dataset, std::size_t i, const Pair& pair) {
  const Picture& picture = pair.picture;
  const Mask& mask = pair.mask;
  const std::string file = dataset.mask_path(i).string();
  if (picture.width != mask.width || picture.height != mask.height) {
    // Orientations 5..8 exchange the sides: then the mask was drawn on the turned picture.
    const bool turned =
        picture.orientation >= 5 && picture.width == mask.height && picture.height == mask.width;
    throw BadData(
        {file, 0,
         fmt::format(
             "the mask is {} x {}, its picture {} x {}{}; they must be equal", mask.width,
             mask.height, picture.width, picture.height,
             turned ? fmt::format(" (equal only after EXIF orientation {})", picture.orientation)
                    : ""),
         turned ? "turn the stored picture, for example: convert IN.jpg -auto-orient OUT.jpg"
                : "make the mask from this picture, without cropping or scaling"});
  }
  require_labels(file, mask, dataset.classes.count());
}

}  // namespace hikaku

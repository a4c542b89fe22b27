// A folder in the layout of PASCAL VOC: JPEGImages/ID.jpg, SegmentationClass/ID.png, lists, and
// classes.txt where the classes are not VOC's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "data/classes.h"
#include "data/list.h"
#include "data/picture.h"

namespace hikaku {

struct Dataset {
  std::filesystem::path root;
  List list;
  Classes classes = {};

  [[nodiscard]] std::size_t size() const { return list.entries.size(); }
  [[nodiscard]] const std::string& id(std::size_t i) const { return list.entries.at(i).id; }
  [[nodiscard]] std::filesystem::path picture_path(std::size_t i) const;
  [[nodiscard]] std::filesystem::path mask_path(std::size_t i) const;
};

struct TrainVal {
  Dataset train, val;
};

/// The lists listfile/{train_list_300,val_list_100}.txt if one of them is there, else those of VOC
/// itself, ImageSets/Segmentation/{train,val}.txt. BadData says what of the layout is missing; the
/// pictures themselves are not opened.
[[nodiscard]] TrainVal open_dataset(const std::filesystem::path& root);

/// A picture and its mask, and the file memory, which is kept from one pair to the next.
struct Pair {
  Picture picture;
  Mask mask;
  std::vector<std::uint8_t> file;
};

/// Decode one file of the data set into `pair`; BadData names the file.
void read_picture(const Dataset& dataset, std::size_t i, Pair& pair);
void read_mask(const Dataset& dataset, std::size_t i, Pair& pair);

/// The rules that need both files or the labels' meaning: equal sizes, labels of the data set's
/// classes and 255.
void require_consistent(const Dataset& dataset, std::size_t i, const Pair& pair);

}  // namespace hikaku

// What the labels of a data set mean: the number, names and colours of its classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/voc_palette.h"

namespace hikaku {

struct ClassInfo {
  std::string name;
  Colour colour{};
  bool operator==(const ClassInfo&) const = default;
};

/// The class of label i is entry i; 0 is the background. 255 (void) is none of them.
class Classes {
 public:
  /// PASCAL VOC's 21, and "unlabelled".
  Classes();
  explicit Classes(std::vector<ClassInfo> entries) : entries_(std::move(entries)) {}

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(entries_.size()); }
  [[nodiscard]] const std::vector<ClassInfo>& entries() const { return entries_; }
  /// Of any label: "void" for 255, "class 30" where there is no such class.
  [[nodiscard]] std::string name(std::int64_t label) const;
  /// VOC's of that label where there is no such class.
  [[nodiscard]] Colour colour(std::int64_t label) const;
  /// The first class, or void, that has it.
  [[nodiscard]] std::optional<std::uint8_t> label_of(const Colour& colour) const;
  [[nodiscard]] bool is_voc() const { return *this == Classes(); }
  bool operator==(const Classes&) const = default;

 private:
  std::vector<ClassInfo> entries_;
};

/// The first label that has another name in the one than in the other; nothing where all are named
/// the same.
[[nodiscard]] std::optional<std::int64_t> first_other_name(const Classes& a, const Classes& b);

/// "#804080".
[[nodiscard]] std::string colour_text(const Colour& colour);

/// A line a class, from label 0 on: its name, and its colour "#804080" where it is not VOC's of
/// that label. Blank lines and those that begin with "#" say nothing. BadData with the line for a
/// name that is there twice and for what is no text, and for fewer than 2 or more than 255 classes.
[[nodiscard]] Classes parse_classes(std::string_view text, const std::string& file);
[[nodiscard]] std::string to_text(const Classes& classes);

/// Those of `root`/classes.txt, or VOC's where there is none.
[[nodiscard]] Classes classes_of(const std::filesystem::path& root);

}  // namespace hikaku

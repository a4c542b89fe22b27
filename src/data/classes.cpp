#include "data/classes.h"

#include <algorithm>
#include <charconv>

#include "base/lines.h"
#include "base/unicode.h"
#include "data/file.h"
#include "data/finding.h"

namespace hikaku {
namespace {

constexpr std::size_t fewest = 2, most = 255;  // 255 itself is void
constexpr std::size_t longest_name = 100;
constexpr const char* example = "a line a class, such as: road #804080";

/// "#804080"; else nothing.
std::optional<Colour> colour_in(std::string_view word) {
  if (word.size() != 7 || word[0] != '#') return {};
  Colour colour{};
  for (std::size_t c = 0; c < colour.size(); ++c) {
    const char* const begin = word.data() + 1 + 2 * c;
    if (std::from_chars(begin, begin + 2, colour.at(c), 16).ptr != begin + 2) return {};
  }
  return colour;
}

bool is_text(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; });
}

/// A line that is not blank, of a file of this name.
ClassInfo parse_line(std::string_view line, std::size_t label, const std::string& file,
                     int number) {
  // Names travel in the header of checkpoints, which is JSON and has no other encoding.
  if (!is_utf8(line)) {
    throw BadData({file, number, "the name is not UTF-8", "save the file as UTF-8"});
  }
  const std::size_t last = line.find_last_of(" \t") + 1;  // 0 where there is one word only
  const std::string_view word = line.substr(last);
  const auto colour = last > 0 ? colour_in(word) : std::nullopt;
  // Taken for a part of the name, a mistyped colour would only be noticed in the pictures.
  if (!colour && word.starts_with('#') && is_text(word)) {
    throw BadData(
        {file, number, fmt::format("{:.20} is no colour; #rrggbb is allowed", word), example});
  }
  const std::string_view name = colour ? trimmed(line.substr(0, last)) : line;
  return {std::string(name), colour.value_or(voc_colour(static_cast<std::uint8_t>(label)))};
}

}  // namespace

Classes::Classes() {
  for (int label = 0; label < class_count; ++label) {
    entries_.push_back(
        {std::string(class_name(label)), voc_colour(static_cast<std::uint8_t>(label))});
  }
}

std::string Classes::name(std::int64_t label) const {
  if (label >= 0 && label < count()) return entries_[static_cast<std::size_t>(label)].name;
  return label == void_label ? "void" : fmt::format("class {}", label);
}

Colour Classes::colour(std::int64_t label) const {
  if (label >= 0 && label < count()) return entries_[static_cast<std::size_t>(label)].colour;
  return voc_colour(static_cast<std::uint8_t>(label));
}

std::optional<std::uint8_t> Classes::label_of(const Colour& colour) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const ClassInfo& entry) { return entry.colour == colour; });
  if (found != entries_.end()) return static_cast<std::uint8_t>(found - entries_.begin());
  if (colour == voc_colour(void_label)) return void_label;
  return {};
}

std::optional<std::int64_t> first_other_name(const Classes& a, const Classes& b) {
  for (std::int64_t label = 0; label < std::max(a.count(), b.count()); ++label) {
    if (a.name(label) != b.name(label)) return label;
  }
  return {};
}

std::string colour_text(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

Classes parse_classes(std::string_view text, const std::string& file) {
  std::vector<ClassInfo> entries;
  each_line(text, [&](int line, std::string_view whole) {
    const std::string_view content = trimmed(whole);
    if (content.empty() || content[0] == '#') return;
    const ClassInfo entry = parse_line(content, entries.size(), file, line);
    if (!is_text(entry.name) || entry.name.size() > longest_name) {
      throw BadData(
          {file, line,
           fmt::format("no name of a class; at most {} bytes of text are allowed", longest_name),
           example});
    }
    const auto same = [&](const ClassInfo& other) { return other.name == entry.name; };
    if (std::any_of(entries.begin(), entries.end(), same)) {
      throw BadData(
          {file, line,
           fmt::format("the class \"{}\" is there twice; each needs a name of its own", entry.name),
           "rename one of them"});
    }
    entries.push_back(entry);
  });
  if (entries.size() < fewest || entries.size() > most) {
    throw BadData({file, 0,
                   fmt::format("{} classes; {} to {} are allowed, the background first",
                               entries.size(), fewest, most),
                   example});
  }
  return Classes(std::move(entries));
}

std::string to_text(const Classes& classes) {
  std::string text;
  for (const ClassInfo& entry : classes.entries()) {
    text += fmt::format("{} {}\n", entry.name, colour_text(entry.colour));
  }
  return text;
}

Classes classes_of(const std::filesystem::path& root) {
  const std::filesystem::path file = root / "classes.txt";
  if (!std::filesystem::exists(std::filesystem::symlink_status(file))) return {};
  return parse_classes(read_text(file), file.string());
}

}  // namespace hikaku

#include "base/checksums.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hikaku {
namespace {

using nlohmann::json;

constexpr const char* sums_key = "hikaku.crc32";
constexpr const char* check_key = "hikaku.check";
constexpr const char* own_prefix = "hikaku";

[[noreturn]] void damaged(const std::string& file, const std::string& found) {
  throw Error(ExitCode::bad_checkpoint, file + ": " + found,
              "the file is damaged: use another checkpoint of the same folder");
}

/// What a tensor's line in the check is made of.
std::string line_of(const std::string& name, const StoredTensor& tensor, const std::string& sum) {
  return fmt::format("{} {} {} {}\n", name, name_of(tensor.type), fmt::join(tensor.shape, ","),
                     sum);
}

/// Over the lines in the order of the names, which no file has to keep, and the metadata.
std::string check_of(std::vector<std::string> lines, const Metadata& metadata) {
  std::sort(lines.begin(), lines.end());
  for (const auto& [key, text] : metadata) {
    if (key != check_key && key != sums_key) lines.push_back(fmt::format("{}={}\n", key, text));
  }
  const std::string all = fmt::format("{}", fmt::join(lines, ""));
  return crc32_of(std::as_bytes(std::span(all)));
}

}  // namespace

std::string crc32_of(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return fmt::format("{:08x}", crc32_z(0, data, bytes.size()));
}

void add_checksums(const std::vector<NamedTensor>& tensors, Metadata& metadata) {
  for (auto& [key, text] : metadata) {  // as the file will hold it: a path may be no UTF-8
    text = json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
  }
  json sums = json::object();
  std::vector<std::string> lines;
  for (const auto& [name, tensor] : tensors) {
    const std::string sum = crc32_of(tensor.bytes);
    sums[name] = sum;
    lines.push_back(line_of(name, tensor, sum));
  }
  metadata[sums_key] = sums.dump();
  metadata[check_key] = check_of(std::move(lines), metadata);
}

bool verify_checksums(const Safetensors& file) {
  const Metadata& metadata = file.metadata();
  // One damaged key must not make a file of ours look like somebody else's.
  const bool ours = std::any_of(metadata.begin(), metadata.end(), [](const auto& entry) {
    return entry.first.starts_with(own_prefix);
  });
  if (!ours) return false;
  const auto sums_text = metadata.find(sums_key), check = metadata.find(check_key);
  if (sums_text == metadata.end() || check == metadata.end()) {
    damaged(file.name(), "its checksums are missing");
  }
  const json sums = json::parse(sums_text->second, nullptr, false);
  std::vector<std::string> lines;
  for (const auto& [name, tensor] : file.tensors()) {
    const std::string sum = crc32_of(tensor.bytes);
    if (!sums.is_object() || sums.value(name, json()) != json(sum)) {
      damaged(file.name(), fmt::format("tensor \"{}\" does not have its checksum", name));
    }
    lines.push_back(line_of(name, tensor, sum));
  }
  if (sums.size() != lines.size() || check_of(std::move(lines), metadata) != check->second) {
    damaged(file.name(), "its header does not have its checksum");
  }
  return true;
}

}  // namespace hikaku

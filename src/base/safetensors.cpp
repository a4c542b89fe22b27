#include "base/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/half.h"

namespace hikaku {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "the format is little endian");

constexpr std::size_t length_bytes = 8, max_header = 100'000'000, max_depth = 3;
constexpr std::array<const char*, 6> type_names{"F64", "F32", "F16", "BF16", "I64", "U8"};

[[noreturn]] void damaged(const std::string& file, const std::string& found) {
  throw Error(ExitCode::bad_checkpoint, file + ": " + found,
              "the file is damaged or of another kind: use the checkpoint before it");
}

/// Strict JSON: unlike the parser alone it refuses a name that occurs twice and deep nesting.
json parse_header(std::span<const std::byte> text, const std::string& file) {
  const auto* begin = reinterpret_cast<const char*>(text.data());
  if (*begin != '{') damaged(file, "the header does not start with '{'");
  // The parser would take it for the end.
  if (std::find(text.begin(), text.end(), std::byte{0}) != text.end()) {
    damaged(file, "the header holds a byte of zero");
  }
  std::vector<std::set<std::string>> names;
  const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
    if (static_cast<std::size_t>(depth) > max_depth) damaged(file, "the header is nested too deep");
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key && !names.back().insert(value).second) {
      damaged(file, fmt::format("the name {} occurs twice", value.dump()));
    }
    return true;
  };
  try {
    return json::parse(begin, begin + text.size(), watch);
  } catch (const json::parse_error& error) {
    damaged(file, fmt::format("the header is not JSON at its byte {}", error.byte));
  } catch (const json::exception&) {
    damaged(file, "the header has a number that is out of range");
  }
}

std::optional<StoredType> type_of(const json& name) {
  const auto* const found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<StoredType>(found - type_names.begin());
}

/// shape x element size, or nothing if it does not fit in 63 bits.
std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, StoredType type) {
  std::int64_t bytes = static_cast<std::int64_t>(size_of(type));
  for (const std::int64_t side : shape) {
    if (__builtin_mul_overflow(bytes, side, &bytes)) return std::nullopt;
  }
  return static_cast<std::uint64_t>(bytes);
}

/// A list of non-negative integers below 2^63.
std::optional<std::vector<std::int64_t>> integers(const json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<std::int64_t> values;
  for (const json& item : list) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    values.push_back(item.get<std::int64_t>());
  }
  return values;
}

/// One entry of the header; its bytes are cut out of `data`.
StoredTensor read_entry(const std::string& file, const std::string& name, const json& entry,
                        std::span<const std::byte> data) {
  const auto refuse = [&](const std::string& found) {
    damaged(file, fmt::format("tensor \"{}\": {}", name, found));
  };
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets")) {
    refuse("needs dtype, shape and data_offsets and nothing else");
  }
  const auto type = type_of(entry["dtype"]);
  if (!type) {
    refuse(fmt::format("dtype {} is not one of {}", entry["dtype"].dump(),
                       fmt::join(type_names, ", ")));
  }
  const auto shape = integers(entry["shape"]), offsets = integers(entry["data_offsets"]);
  if (!shape) refuse(fmt::format("shape {} is not a list of sizes", entry["shape"].dump()));
  const auto bytes = byte_count(*shape, *type);
  if (!bytes) refuse(fmt::format("shape {} is too large", entry["shape"].dump()));
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1] ||
      static_cast<std::uint64_t>((*offsets)[1]) > data.size()) {
    refuse(fmt::format("data_offsets {} do not lie in the file's {} bytes of data",
                       entry["data_offsets"].dump(), data.size()));
  }
  const auto begin = static_cast<std::size_t>((*offsets)[0]);
  const std::size_t found = static_cast<std::size_t>((*offsets)[1]) - begin;
  if (found != *bytes) refuse(fmt::format("has {} bytes, its shape needs {}", found, *bytes));
  return {*type, *shape, data.subspan(begin, found)};
}

/// The tensors must tile the data: no hole, no overlap, no byte left.
void check_tiling(const std::string& file, const std::map<std::string, StoredTensor>& tensors,
                  std::span<const std::byte> data) {
  std::vector<std::span<const std::byte>> pieces;
  pieces.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) pieces.push_back(tensor.bytes);
  std::sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) {
    return std::pair(a.data(), a.size()) < std::pair(b.data(), b.size());
  });
  const std::byte* next = data.data();
  for (const auto& piece : pieces) {
    if (piece.data() != next) {
      damaged(file, fmt::format("hole or overlap at byte {} of the data", next - data.data()));
    }
    next += piece.size();
  }
  if (next != data.data() + data.size()) {
    damaged(file, fmt::format("{} bytes behind the last tensor", data.data() + data.size() - next));
  }
}

/// Elements of `Stored`, which may lie unaligned, as T.
template <class T, class Stored, class Convert>
std::vector<T> convert(std::span<const std::byte> bytes, const Convert& to_number) {
  std::vector<T> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<T>(to_number(stored));
  }
  return values;
}

}  // namespace

std::size_t size_of(StoredType type) {
  constexpr std::array<std::size_t, 6> bytes{8, 4, 2, 2, 8, 1};
  return bytes.at(static_cast<std::size_t>(type));
}

const char* name_of(StoredType type) { return type_names.at(static_cast<std::size_t>(type)); }

std::int64_t StoredTensor::count() const {
  return static_cast<std::int64_t>(bytes.size() / size_of(type));
}

template <class T>
std::vector<T> StoredTensor::values() const {
  const auto same = [](auto number) { return number; };
  switch (type) {
    case StoredType::f64:
      return convert<T, double>(bytes, same);
    case StoredType::f32:
      return convert<T, float>(bytes, same);
    case StoredType::f16:
      return convert<T, std::uint16_t>(bytes, from_f16);
    case StoredType::bf16:
      return convert<T, std::uint16_t>(bytes, from_bf16);
    case StoredType::i64:
      return convert<T, std::int64_t>(bytes, same);
    case StoredType::u8:
      return convert<T, std::uint8_t>(bytes, same);
  }
  return {};
}
template std::vector<double> StoredTensor::values() const;
template std::vector<float> StoredTensor::values() const;

Safetensors Safetensors::parse(std::vector<std::byte> content, const std::string& name) {
  Safetensors file;
  file.name_ = name;
  file.content_ = std::move(content);
  const std::span<const std::byte> all = file.content_;
  std::uint64_t length = 0;
  if (all.size() < length_bytes) damaged(name, fmt::format("has only {} bytes", all.size()));
  std::memcpy(&length, all.data(), length_bytes);
  if (length == 0 || length > max_header || length > all.size() - length_bytes) {
    damaged(name, fmt::format("a header of {} bytes; allowed are 1 to {} in a file of {}", length,
                              max_header, all.size()));
  }
  const json header = parse_header(all.subspan(length_bytes, length), name);
  const auto data = all.subspan(length_bytes + length);
  for (const auto& [key, entry] : header.items()) {
    if (key != "__metadata__") {
      file.tensors_.emplace(key, read_entry(name, key, entry, data));
      continue;
    }
    if (!entry.is_object()) damaged(name, "__metadata__ is not an object");
    for (const auto& [k, text] : entry.items()) {
      if (!text.is_string()) damaged(name, fmt::format("__metadata__ \"{}\" is not a text", k));
      file.metadata_.emplace(k, text);
    }
  }
  check_tiling(name, file.tensors_, data);
  return file;
}

Safetensors Safetensors::read(const std::filesystem::path& path) {
  const auto unreadable = [&](const std::string& reason) -> Error {
    return {ExitCode::bad_data, fmt::format("{}: cannot be read: {}", path.string(), reason),
            "check the name and the rights of the file"};
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw unreadable(error ? error.message() : "not a regular file");
  }
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) throw unreadable(error ? error.message() : std::strerror(errno));
  std::vector<std::byte> content(size);
  stream.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size));
  if (!stream) throw unreadable("it ends early");
  return parse(std::move(content), path.string());
}

const StoredTensor& Safetensors::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) damaged(name_, fmt::format("there is no tensor \"{}\"", name));
  return found->second;
}

void write_safetensors(AtomicFile& file, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  // Widest elements first: so that every tensor lies aligned in the file.
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return size_of(a.tensor.type) > size_of(b.tensor.type);
  });
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    require(byte_count(tensor.shape, tensor.type) == tensor.bytes.size() && !header.contains(name),
            "[safetensors] tensor {} is there twice or its {} bytes do not fit its shape", name,
            tensor.bytes.size());
    header[name] = {{"dtype", name_of(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(text)));
  for (const auto& [name, tensor] : tensors) file.write(tensor.bytes);
}

void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  AtomicFile file(path);
  write_safetensors(file, std::move(tensors), metadata);
  file.commit();
}

}  // namespace hikaku

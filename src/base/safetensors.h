// Reader and writer of safetensors files (github.com/huggingface/safetensors):
//   u64 length of the header, little endian | the header, JSON | the tensors' bytes, without a hole
//   {"name": {"dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [0, 6912]}, ...
//    "__metadata__": {"key": "text", ...}}
// A file is believed only after all of it has been checked; nothing is allocated before the file's
// own size has proven it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"

namespace hikaku {

enum class StoredType : std::uint8_t { f64, f32, f16, bf16, i64, u8 };

[[nodiscard]] std::size_t size_of(StoredType type);  ///< bytes of one element
[[nodiscard]] const char* name_of(StoredType type);  ///< "F32", as in the file

/// One tensor; the bytes belong to whoever owns the file's content.
struct StoredTensor {
  StoredType type = StoredType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::int64_t count() const;
  /// The elements as T = double or float, converted from any stored type.
  template <class T>
  [[nodiscard]] std::vector<T> values() const;
};

class Safetensors {
 public:
  Safetensors(Safetensors&&) = default;
  Safetensors& operator=(Safetensors&&) = default;

  /// Throws ExitCode::bad_checkpoint naming the file if it is damaged, bad_data if it cannot be
  /// read.
  static Safetensors read(const std::filesystem::path& path);
  /// `name` stands for the file in errors.
  static Safetensors parse(std::vector<std::byte> content, const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }  ///< what errors call it
  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Throws ExitCode::bad_checkpoint if there is no such tensor.
  [[nodiscard]] const StoredTensor& at(const std::string& name) const;

 private:
  Safetensors() = default;

  std::string name_;
  std::vector<std::byte> content_;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// A tensor to be written, on the caller's bytes.
struct NamedTensor {
  std::string name;
  StoredTensor tensor;
};

/// Writes the whole content of `file`, which is not committed.
void write_safetensors(AtomicFile& file, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

/// Writes through AtomicFile: after a fault or a kill the old file is still there.
void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace hikaku

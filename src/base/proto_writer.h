// Writes protocol buffers (protobuf.dev/programming-guides/encoding), as far as ONNX needs them:
// fields are appended to a text, a message within a message is such a text itself.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace hikaku {

class ProtoWriter {
 public:
  ProtoWriter& integer(int field, std::int64_t value) {
    tag(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  ProtoWriter& number(int field, float value) {
    tag(field, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) text_ += static_cast<char>(bits >> shift);
    return *this;
  }
  /// A text, bytes, or a message.
  ProtoWriter& bytes(int field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  ProtoWriter& message(int field, const ProtoWriter& value) { return bytes(field, value.text_); }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void tag(int field, int kind) { varint(static_cast<std::uint64_t>(field << 3 | kind)); }
  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }

  std::string text_;
};

}  // namespace hikaku

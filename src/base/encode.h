// Bytes as text: for pages that hold everything in one file.
#pragma once

#include <string>
#include <string_view>

namespace hikaku {

/// RFC 4648, section 4, padded.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace hikaku

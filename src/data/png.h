// PNG masks: the index of a pixel is its class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/classes.h"
#include "data/picture.h"

namespace hikaku {

/// Takes the indices of a palette PNG (1, 2, 4 or 8 bits; its colours do not matter) or the values
/// of a grey one (up to 8 bits), interlaced or not. An RGB one of 8 bits whose every colour is in
/// the VOC map, or among the colours of `own` and void's, is converted, with a note. BadData naming
/// `name` for everything else: damaged, other kinds, an index without a palette entry. `recycled`
/// lends its memory to the result.
[[nodiscard]] Mask decode_mask(std::span<const std::uint8_t> bytes, const std::string& name,
                               Mask recycled = {}, const DecodeLimits& limits = {},
                               const Classes* own = nullptr);

/// A palette PNG of 8 bits with the colours of the classes, and VOC's for all other labels.
[[nodiscard]] std::vector<std::uint8_t> encode_mask(const Mask& mask, const Classes& classes = {});

}  // namespace hikaku

#include "compare/op_inputs.h"

#include "base/philox.h"
#include "tensor/half.h"

namespace hikaku {
namespace {

/// FNV-1a: a seed from a name, the same everywhere.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  }
  return hash;
}

Philox stream(std::uint64_t seed, std::string_view name) {
  return {seed, RandomUse::check, hash_of(name) >> 16};
}

}  // namespace

OpInputs::OpInputs(const OpCase& op_case, DType type)
    : seed_(hash_of(op_case.name)),
      integers_(op_case.exact),
      type_(is_of_parameters(op_case) ? DType::f32 : type) {}

std::vector<float> OpInputs::floats(std::string_view name, std::int64_t count) const {
  Philox random = stream(seed_, name);
  float centre = 0, reach = 1;
  if (name.starts_with("gamma")) centre = 1, reach = 0.5f;
  if (name.starts_with("running_var")) centre = 2;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    value = integers_ ? static_cast<float>(random.below(17)) - 8
                      : round_to(type_, centre + reach * (2 * random.uniform() - 1));
  }
  return values;
}

std::vector<double> OpInputs::doubles(std::string_view name, std::int64_t count) const {
  const std::vector<float> values = floats(name, count);
  return {values.begin(), values.end()};
}

std::vector<std::uint8_t> OpInputs::labels(const HeadLossParams& params) const {
  Philox random = stream(seed_, "labels");
  std::vector<std::uint8_t> labels(
      static_cast<std::size_t>(params.input.n * params.input.pixels()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] =
        static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(params.classes - 1)));
    if (params.ignore >= 0 && i % 7 == 0) labels[i] = static_cast<std::uint8_t>(params.ignore);
  }
  return labels;
}

}  // namespace hikaku

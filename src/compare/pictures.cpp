#include "compare/pictures.h"

#include <algorithm>
#include <set>

#include "base/encode.h"
#include "data/image_file.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "data/transform.h"
#include "data/voc_palette.h"
#include "nn/eval_plan.h"

namespace hikaku {
namespace {

struct Sample {
  std::string id;
  Picture picture;           ///< resized
  Mask truth, prediction;    ///< void kept in the truth
  std::vector<float> input;  ///< 3 x size x size, normalised
  std::vector<std::uint8_t> labels;
};

/// Of a square.
std::size_t pixels_of(int side) {
  return static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
}

Mask empty_mask(int size) {
  return {size, size, std::vector<std::uint8_t>(static_cast<std::size_t>(size * size)), {}};
}

Sample read_sample(const Dataset& data, std::size_t i, int size) {
  Pair pair;
  read_picture(data, i, pair);
  read_mask(data, i, pair);
  Sample sample{
      data.id(i), resize_picture(pair.picture, size, size), empty_mask(size), empty_mask(size), {},
      {}};
  const std::size_t pixels = pixels_of(size);
  sample.input.resize(3 * pixels);
  sample.labels.resize(pixels);
  transform_picture(pair.picture, size, size, sample.input.data());
  transform_mask(pair.mask, size, size, void_label, sample.truth.index.data());
  transform_mask(pair.mask, size, size, 0, sample.labels.data());
  return sample;
}

void predict(const Model& model, std::vector<Sample>& samples, int size) {
  Backend& backend = model.backend();
  const std::size_t pixels = pixels_of(size);
  DeviceMemory images(backend, samples.size() * 3 * pixels * sizeof(float));
  DeviceMemory labels(backend, samples.size() * pixels), classes(backend, samples.size() * pixels);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    backend.copy_to_device(samples[i].input.data(), images.floats() + i * 3 * pixels,
                           3 * pixels * sizeof(float));
    backend.copy_to_device(samples[i].labels.data(),
                           static_cast<std::uint8_t*>(labels.get()) + i * pixels, pixels);
  }
  EvalPlan plan(model, {static_cast<std::int64_t>(samples.size()), size, size}, {});
  plan.load_weights();
  auto* const answers = static_cast<std::uint8_t*>(classes.get());
  plan.evaluate(images.floats(), static_cast<const std::uint8_t*>(labels.get()), answers);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    backend.copy_to_host(answers + i * pixels, samples[i].prediction.index.data(), pixels);
  }
}

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::vector<std::int64_t> classes_in(const Mask& mask) {
  const std::set<std::int64_t> found(mask.index.begin(), mask.index.end());
  return {found.begin(), found.end()};
}

}  // namespace

std::vector<PictureResult> sample_pictures(const Model& model, const Dataset& data, int size,
                                           std::size_t count) {
  std::vector<Sample> samples;
  count = std::min(count, data.size());
  if (count == 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back(read_sample(data, i * data.size() / count, size));
  }
  predict(model, samples, size);
  std::vector<PictureResult> results;
  results.reserve(samples.size());
  for (const Sample& sample : samples) {
    results.push_back(
        {model.backend().name(), name_of(model.backend().precision()), sample.id,
         text_of(encode_jpeg(sample.picture)), text_of(encode_mask(sample.truth, data.classes)),
         text_of(encode_mask(sample.prediction, data.classes)),
         text_of(encode_jpeg(overlay(sample.picture, sample.prediction, data.classes))),
         classes_in(sample.truth), classes_in(sample.prediction)});
  }
  return results;
}

std::vector<ClassResult> class_results(const Classes& classes) {
  if (classes.is_voc()) return {};
  std::vector<ClassResult> results;
  for (const ClassInfo& entry : classes.entries()) {
    results.push_back({entry.name, colour_text(entry.colour)});
  }
  return results;
}

}  // namespace hikaku

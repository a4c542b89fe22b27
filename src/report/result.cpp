#include "report/result.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "report/result_fields.h"

namespace hikaku {
namespace {

using Json = nlohmann::ordered_json;

// Writing. JSON knows no NaN and no infinity: the library writes both as null.

template <class T>
Json write(const T& value);

Json write(const Samples& samples) {
  return {{"median", samples.median()},
          {"min", samples.min()},
          {"mad", samples.mad()},
          {"samples", samples.values}};
}

template <class T>
Json write(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(write(value));
  return list;
}

template <class T>
Json write(const std::map<std::string, T>& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = write(value);
  return object;
}

template <class T>
Json write(const std::optional<T>& value) {
  return value ? write(*value) : Json::object();
}

template <class T>
Json write(const T& value) {
  if constexpr (std::is_class_v<T> && !std::same_as<T, std::string>) {
    Json object = Json::object();
    each_field(value, [&](const char* name, const auto& field) { object[name] = write(field); });
    return object;
  } else {
    return value;
  }
}

// Reading.

/// Where in the file a value stands: "matmul[0].seconds".
struct Place {
  const std::string& file;
  std::string path;

  [[nodiscard]] Place at(const std::string& name) const {
    return {file, path.empty() ? name : path + "." + name};
  }
  [[nodiscard]] Place at(std::size_t index) const {
    return {file, fmt::format("{}[{}]", path, index)};
  }
};

[[noreturn]] void refuse(const Place& place, const Json& found, const char* allowed) {
  const char* const article = found.is_array() || found.is_object() ? "an" : "a";
  throw Error(ExitCode::bad_data,
              fmt::format("{}: {} is {} {}; allowed is {}", place.file,
                          place.path.empty() ? "the whole" : place.path, article, found.type_name(),
                          allowed),
              "give a result.json that hikaku wrote, unchanged");
}

template <class T>
void read(const Json& json, const Place& place, T& value);

void read(const Json& json, const Place& place, double& value) {
  if (json.is_null()) {
    value = not_measured;
  } else if (json.is_number()) {
    value = json.get<double>();
  } else {
    refuse(place, json, "a number or null");
  }
}

template <class T>
void read(const Json& json, const Place& place, std::vector<T>& values) {
  if (!json.is_array()) refuse(place, json, "an array");
  values.assign(json.size(), T{});
  for (std::size_t i = 0; i < values.size(); ++i) read(json[i], place.at(i), values[i]);
}

void read(const Json& json, const Place& place, Samples& samples) {
  if (!json.is_object() || !json.contains("samples")) refuse(place, json, "an object with samples");
  read(json["samples"], place.at("samples"), samples.values);
}

template <class T>
void read(const Json& json, const Place& place, std::map<std::string, T>& values) {
  if (!json.is_object()) refuse(place, json, "an object");
  for (const auto& [name, value] : json.items()) read(value, place.at(name), values[name]);
}

template <class T>
void read(const Json& json, const Place& place, std::optional<T>& value) {
  if (!json.is_object()) refuse(place, json, "an object");
  if (!json.empty()) read(json, place, value.emplace());
}

template <class T>
void read(const Json& json, const Place& place, T& value) {
  if constexpr (std::same_as<T, std::string>) {
    if (!json.is_string()) refuse(place, json, "a string");
    value = json.get<std::string>();
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) refuse(place, json, "true or false");
    value = json.get<bool>();
  } else if constexpr (std::integral<T>) {
    if (!json.is_number_integer()) refuse(place, json, "an integer");
    value = json.get<T>();
  } else {
    if (!json.is_object()) refuse(place, json, "an object");
    each_field(value, [&](const char* name, auto& field) {
      if (json.contains(name)) read(json[name], place.at(name), field);
    });
  }
}

}  // namespace

const std::string& device_of(const SameWork& proof, const SameTraining& training) {
  return training.device.empty() ? proof.device : training.device;
}

std::string write_result(const Result& result) {
  return write(result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result read_result(const std::string& text, const std::string& file) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw Error(ExitCode::bad_data,
                fmt::format("{}: is not JSON; a result.json is asked for", file),
                "give the file that --json wrote");
  }
  if (json.is_object() && !json.contains("schema_version")) {
    throw Error(ExitCode::bad_data,
                fmt::format("{}: has no schema_version; a result.json is asked for", file),
                "give the file that --json wrote");
  }
  Result result;
  read(json, {file, ""}, result);
  if (result.schema_version != 1) {
    throw Error(
        ExitCode::bad_data,
        fmt::format("{}: schema_version is {}; this program reads 1", file, result.schema_version),
        "use the program version that wrote the file, or measure again");
  }
  return result;
}

}  // namespace hikaku

#include "app/libraries.h"

#include <dnnl.h>
#include <fmt/core.h>
#include <png.h>
// jpeglib.h needs stdio.h before it.
#include <cstdio>

#include <jpeglib.h>

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cpu/blas/openblas.h"

namespace hikaku {
namespace {

std::string version_of(int major, int minor, int patch) {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

LibraryFacts onednn_facts() {
  const dnnl_version_t* loaded = dnnl_version();
  return {version_of(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH),
          version_of(loaded->major, loaded->minor, loaded->patch), ""};
}

LibraryFacts openblas_facts() {
  try {
    const OpenBlas& blas = openblas();
    return {"", blas.version,
            fmt::format("{} kernels, {}", blas.core, blas.openmp ? "OpenMP" : "own threads")};
  } catch (const Error& error) {
    return {"", "", fmt::format("{}; {}", error.what(), error.fix())};
  }
}

#define HIKAKU_TEXT_OF(macro) HIKAKU_QUOTED(macro)
#define HIKAKU_QUOTED(text) #text

}  // namespace

std::map<std::string, LibraryFacts> used_libraries() {
  const auto png = static_cast<int>(png_access_version_number());
  return {
      {"oneDNN", onednn_facts()},
      {"OpenBLAS", openblas_facts()},
      {"libpng", {PNG_LIBPNG_VER_STRING, version_of(png / 10000, png / 100 % 100, png % 100), ""}},
      {"libjpeg-turbo", {HIKAKU_TEXT_OF(LIBJPEG_TURBO_VERSION), "", ""}},
      {"fmt",
       {version_of(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100), "", ""}},
      {"nlohmann-json",
       {version_of(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                   NLOHMANN_JSON_VERSION_PATCH),
        "", ""}},
      {"CLI11", {CLI11_VERSION, "", ""}},
  };
}

}  // namespace hikaku

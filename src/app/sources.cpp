#include "app/sources.h"

#include <algorithm>
#include <filesystem>

#include "app/json_output.h"
#include "data/file.h"
#include "report/figures.h"
#include "report/page/page.h"

namespace hikaku {
namespace {

namespace fs = std::filesystem;

/// "" where there is none.
fs::path reference_folder() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  for (const char* up : {"..", "../.."}) {
    fs::path folder = program.parent_path() / up / "share/hikaku/reference";
    if (fs::is_directory(folder, ignored)) return folder;
  }
  return {};
}

bool has_gpu(const Source& source) {
  const auto figures = figures_of(source.result);
  return std::any_of(figures.begin(), figures.end(),
                     [](const Figure& figure) { return is_gpu(figure.device); });
}

}  // namespace

Source read_source(const std::string& file) {
  Source source;
  source.name = fs::path(file).filename();
  source.result = read_result(read_text(file), file);
  return source;
}

Sources recorded_sources() {
  const fs::path folder = reference_folder();
  if (folder.empty()) return {};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Sources sources;
  for (const std::string& file : files) {
    sources.push_back(read_source(file));
    sources.back().recorded = true;
  }
  return sources;
}

Sources with_recorded(Sources own) {
  if (std::any_of(own.begin(), own.end(), has_gpu)) return own;
  for (Source& source : recorded_sources()) own.push_back(std::move(source));
  return own;
}

void write_page(const Result& result, const std::string& json_name, Language language,
                const std::string& file) {
  const bool unnamed = json_name.empty() || json_name == "-";
  Source own{unnamed ? "result.json" : fs::path(json_name).filename().string(), result};
  write_json(render_page(with_recorded({std::move(own)}), language), file);
}

}  // namespace hikaku

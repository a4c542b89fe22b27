#include "device/cuda_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace hikaku {
namespace {

constexpr const char* module_name = "libhikaku_cuda.so";

Error not_built() {
  return {ExitCode::missing, fmt::format("{}: not found; a GPU is used through it", module_name),
          "install the CUDA toolkit with cuDNN 9 and build again, or use --device cpu"};
}

/// `text` is the dynamic linker's: "libcudnn.so.9: cannot open shared object file: ...", or
/// "/lib/libhikaku_cuda.so: undefined symbol: cudnnBackendFinalize, version libcudnn.so.9".
Error not_loadable(const std::string& text) {
  const std::string_view lost = ": cannot open shared object file", lacks = "undefined symbol: ";
  const std::size_t end = text.find(lost), symbol = text.find(lacks);
  if (symbol != std::string::npos) {
    return {ExitCode::missing,
            fmt::format("{}: one of its libraries is of another version, for it lacks {}",
                        module_name, text.substr(symbol + lacks.size())),
            "install the CUDA and cuDNN 9 that the program was built with, or build it again, or "
            "use --device cpu"};
  }
  if (end == std::string::npos) {
    return {ExitCode::missing, fmt::format("{}: cannot be opened: {}", module_name, text),
            "build the program again on this machine, or use --device cpu"};
  }
  return {
      ExitCode::missing, fmt::format("{}: not found; the GPU module needs it", text.substr(0, end)),
      "install CUDA's libraries and cuDNN 9 (cuda-libraries, libcudnn9), or name their folder in "
      "LD_LIBRARY_PATH, or use --device cpu"};
}

/// Beside the program, where one is; else wherever the linker looks: the program's own RUNPATH
/// holds the folders of the build and of the installation.
void* open_module(const std::string& module) {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::string beside = program.parent_path() / module;
  if (std::filesystem::exists(beside, ignored)) {
    if (void* library = dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    throw not_loadable(dlerror());
  }
  if (void* library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  const std::string text = dlerror();
  if (text.starts_with(module + ":")) throw not_built();
  throw not_loadable(text);
}

}  // namespace

std::unique_ptr<Backend> open_cuda(const CudaOptions& options) {
  return open_cuda(options, module_name);
}

std::unique_ptr<Backend> open_cuda(const CudaOptions& options, const std::string& module) {
  void* library = open_module(module);  // stays open: objects and exceptions of its types live on
  const auto open = reinterpret_cast<OpenCuda>(dlsym(library, cuda_module_entry));
  if (open == nullptr) {
    throw Error(ExitCode::missing, fmt::format("{}: has no {}", module, cuda_module_entry),
                "build the program and its module from the same sources");
  }
  return std::unique_ptr<Backend>(open(&options));
}

}  // namespace hikaku

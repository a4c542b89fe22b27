// A module that needs a library beside it, as the real one needs cuDNN.
#include "base/error.h"
#include "device/cuda_module.h"

extern "C" int hikaku_stub_dnn_version();

extern "C" hikaku::Backend* hikaku_cuda_open(const hikaku::CudaOptions*) {
  throw hikaku::Error(hikaku::ExitCode::missing,
                      fmt::format("version {} was loaded", hikaku_stub_dnn_version()), "none");
}

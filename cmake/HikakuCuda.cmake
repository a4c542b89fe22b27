# The module for NVIDIA GPUs, libhikaku_cuda.so: it needs nvcc of CUDA 12 or later, cuBLASLt and cuDNN 9;
# nothing else does. HIKAKU_CUDA:
#   AUTO   where a GPU and these are here, for the GPUs that are here: an architecture takes a minute on
#          two cores
#   ON     for all GPUs, or fails; for packages, and images that are built without a GPU
#   OFF    does not look
# nvcc is looked for in the PATH, /usr/local/cuda and /opt/cuda, cuDNN beside it and in the system's
# folders, also as the Python package nvidia-cudnn; CUDA_PATH and CUDNN_PATH name other places.
set(HIKAKU_NO_CUDA "" CACHE INTERNAL "why there is no module for GPUs, with the cure; for tools/setup.sh")

# hikaku_no_cuda(reason): fails where the module was asked for.
macro(hikaku_no_cuda reason)
  set(HIKAKU_NO_CUDA "${reason}" CACHE INTERNAL "")
  if(NOT HIKAKU_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "HIKAKU_CUDA: ${reason}")
  endif()
  message(STATUS "no module for GPUs: ${reason}")
  return()
endmacro()

# The compute capabilities of this machine's GPUs: "90;120", or ALL where one is here that does not tell.
function(hikaku_gpus_here result)
  find_program(HIKAKU_NVIDIA_SMI nvidia-smi PATHS /usr/lib/wsl/lib)
  mark_as_advanced(HIKAKU_NVIDIA_SMI)
  set(found "")
  if(HIKAKU_NVIDIA_SMI)
    execute_process(COMMAND ${HIKAKU_NVIDIA_SMI} --query-gpu=compute_cap --format=csv,noheader
                    OUTPUT_VARIABLE said ERROR_QUIET TIMEOUT 60)
    string(REGEX MATCHALL "[0-9]+[.][0-9]+" found "${said}")
    string(REPLACE "." "" found "${found}")
    list(REMOVE_DUPLICATES found)
  endif()
  if(NOT found AND EXISTS ${HIKAKU_NVIDIA_DRIVER})
    set(found ALL)
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# What CMAKE_CUDA_ARCHITECTURES should be for these GPUs, as far as the toolkit knows. A GPU that is newer
# than the toolkit gets the PTX of the one before, which its driver compiles at the first start; ALL has
# that of the last.
function(hikaku_cuda_architectures gpus result)
  execute_process(COMMAND ${HIKAKU_NVCC} --list-gpu-arch OUTPUT_VARIABLE said ERROR_QUIET)
  string(REGEX MATCHALL "[0-9]+" known "${said}")
  list(SORT known COMPARE NATURAL)
  set(found "")
  if(gpus STREQUAL "ALL")
    foreach(capability 75 80 86 89 90 100 120)
      if(capability IN_LIST known)
        list(APPEND found ${capability}-real)
        set(last ${capability}-virtual)
      endif()
    endforeach()
    list(APPEND found ${last})
  else()
    foreach(capability ${gpus})
      set(best "")
      foreach(other ${known})
        if(other LESS_EQUAL capability)
          set(best ${other}-virtual)
        endif()
      endforeach()
      if(capability IN_LIST known)
        set(best ${capability}-real)
      endif()
      list(APPEND found ${best})
    endforeach()
  endif()
  list(REMOVE_DUPLICATES found)
  # Only so is wgmma there (cuda/wgmma.cuh).
  list(TRANSFORM found REPLACE "^90-real$" "90a-real")
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

if(NOT HIKAKU_CUDA)
  return()
endif()
set(gpus ALL)
if(NOT DEFINED HIKAKU_NVIDIA_DRIVER)
  set(HIKAKU_NVIDIA_DRIVER /proc/driver/nvidia/version)
endif()
if(HIKAKU_CUDA STREQUAL "AUTO" AND NOT HIKAKU_CUDA_ARCHITECTURES)
  hikaku_gpus_here(gpus)
  if(NOT gpus)
    # No reason to tell with a cure: that there is no GPU, the program says itself.
    message(STATUS "no module for GPUs: there is none here; -DHIKAKU_CUDA=ON builds it all the same")
    return()
  endif()
endif()

find_program(HIKAKU_NVCC nvcc HINTS ENV CUDA_PATH PATHS /usr/local/cuda /opt/cuda
             PATH_SUFFIXES bin)
if(NOT HIKAKU_NVCC)
  hikaku_no_cuda("nvcc was not found; install NVIDIA's CUDA toolkit (12 or later, \
developer.nvidia.com/cuda-downloads), or set CUDA_PATH")
endif()
execute_process(COMMAND ${HIKAKU_NVCC} --version OUTPUT_VARIABLE said ERROR_QUIET)
string(REGEX REPLACE ".*release ([0-9]+)[.].*" "\\1" cuda_major "${said}")
if(NOT cuda_major GREATER_EQUAL 12)
  hikaku_no_cuda("${HIKAKU_NVCC} is of CUDA ${cuda_major}; install CUDA 12 or later \
(developer.nvidia.com/cuda-downloads), or set CUDA_PATH to it")
endif()

# pip's packages lie in a folder that only Python knows.
find_program(HIKAKU_PYTHON python3)
mark_as_advanced(HIKAKU_PYTHON)
set(pip_cudnn "")
if(HIKAKU_PYTHON)
  execute_process(COMMAND ${HIKAKU_PYTHON} -c "import nvidia.cudnn; print(nvidia.cudnn.__path__[0])"
                  OUTPUT_VARIABLE pip_cudnn OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
get_filename_component(toolkit ${HIKAKU_NVCC} DIRECTORY)
get_filename_component(toolkit ${toolkit} DIRECTORY)
set(cudnn_places ENV CUDNN_PATH ENV CUDNN_ROOT ${toolkit} /usr/local/cuda /opt/cuda ${pip_cudnn})
find_path(CUDNN_INCLUDE_DIR cudnn_graph.h HINTS ${cudnn_places} PATH_SUFFIXES include)
find_library(CUDNN_LIBRARY NAMES cudnn libcudnn.so.9 HINTS ${cudnn_places} PATH_SUFFIXES lib lib64)
if(NOT CUDNN_INCLUDE_DIR OR NOT CUDNN_LIBRARY)
  hikaku_no_cuda("cuDNN 9 was not found; apt-get install cudnn9-cuda-${cuda_major} (from NVIDIA's repository), \
pip install nvidia-cudnn-cu${cuda_major}, or set CUDNN_PATH")
endif()

include(CheckLanguage)
set(ENV{CUDACXX} ${HIKAKU_NVCC})
check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
  find_package(CUDAToolkit QUIET)
endif()
if(NOT CMAKE_CUDA_COMPILER OR NOT TARGET CUDA::cublasLt)
  hikaku_no_cuda("${HIKAKU_NVCC} does not compile, or has no cuBLASLt; see the logs in the build \
folder's CMakeFiles; where the C++ compiler is too new for it, CUDAHOSTCXX names another")
endif()
if(HIKAKU_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES ${HIKAKU_CUDA_ARCHITECTURES})
else()
  hikaku_cuda_architectures("${gpus}" CMAKE_CUDA_ARCHITECTURES)
endif()
message(STATUS "the module for GPUs is built for ${CMAKE_CUDA_ARCHITECTURES}, cuDNN of ${CUDNN_LIBRARY}")
enable_language(CUDA)
add_subdirectory(src/cuda)

# cmake -DMODULE=cmake/HikakuCuda.cmake -DFOLDER=... -P: is the module for GPUs built, for which GPUs, and if
# not, why? Machines are stubs of nvidia-smi, nvcc and python3.
cmake_minimum_required(VERSION 3.25)
if(CASE)  # one machine, in a process of its own
  foreach(prefix /usr /usr/local /usr/local/cuda /opt/cuda)
    foreach(folder bin include lib lib64)
      list(APPEND CMAKE_IGNORE_PATH ${prefix}/${folder})
    endforeach()
  endforeach()
  include(${MODULE})
  message("cause: ${HIKAKU_NO_CUDA}")
  if(COMMAND hikaku_cuda_architectures AND HIKAKU_NVCC)
    hikaku_cuda_architectures("${gpus}" architectures)
  endif()
  message("architectures: ${architectures}. cuDNN: ${CUDNN_INCLUDE_DIR} ${CUDNN_LIBRARY}.")
  return()
endif()

# program(name text): a program that prints the text, and for `nvcc --version` its release.
function(program name text)
  file(WRITE ${FOLDER}/${name} "#!/bin/sh\n[ \"$1\" = --version ] && echo 'release ${release}, V${release}.1'\necho '${text}'\n")
  file(CHMOD ${FOLDER}/${name} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endfunction()

function(expect hikaku_cuda pattern)
  execute_process(
    WORKING_DIRECTORY ${FOLDER}
    COMMAND ${CMAKE_COMMAND} -E env PATH=${FOLDER} CUDA_PATH= CUDNN_PATH= CUDNN_ROOT=
            ${CMAKE_COMMAND} -DCASE=1 -DMODULE=${MODULE} -DHIKAKU_CUDA=${hikaku_cuda}
            -DHIKAKU_NVIDIA_DRIVER=${FOLDER}/driver -P ${CMAKE_CURRENT_LIST_FILE}
    ERROR_VARIABLE said OUTPUT_VARIABLE status)
  string(REGEX REPLACE "[ \n]+" " " said "${status} ${said}")
  if(NOT said MATCHES "${pattern}")
    message(SEND_ERROR "HIKAKU_CUDA=${hikaku_cuda}: no \"${pattern}\" in\n${said}")
  endif()
endfunction()

set(release 13.0)
set(known "compute_75 compute_80 compute_86 compute_90 compute_100 compute_120")
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

expect(AUTO "there is none here.*cause: architectures: [.]")
expect(OFF "cause: architectures: [.]")
expect(ON "HIKAKU_CUDA: nvcc was not found; install NVIDIA's CUDA toolkit")
file(WRITE ${FOLDER}/driver "loaded")  # a GPU of which nothing more is known
expect(AUTO "cause: nvcc was not found; install NVIDIA's CUDA toolkit")
program(nvcc "${known}")
expect(AUTO "cause: cuDNN 9 was not found; .*cudnn9-cuda-13.*75-real;80-real;86-real;90a-real;100-real;120-real;120-virtual[.]")
file(REMOVE ${FOLDER}/driver)
expect(AUTO "there is none here.*cause: architectures: [.]")
program(nvidia-smi "9.0\n9.0\n8.6")
expect(AUTO "cause: cuDNN 9 was not found; .*pip install nvidia-cudnn-cu13.*architectures: 90a-real;86-real[.]")
program(nvidia-smi "12.1\n10.3")  # newer than the toolkit
expect(AUTO "architectures: 120-virtual;100-virtual[.]")
set(release 11.8)
program(nvcc "${known}")
expect(AUTO "cause: .*nvcc is of CUDA 11; install CUDA 12 or later")
program(nvidia-smi "NVIDIA-SMI has failed because it couldn''t communicate with the NVIDIA driver.")
expect(AUTO "there is none here")

set(release 12.4)
program(nvcc "compute_75 compute_90")
program(nvidia-smi "9.0")
expect(AUTO "cause: cuDNN 9 was not found; .*cudnn9-cuda-12")
program(python3 ${FOLDER}/site/nvidia/cudnn)  # where pip puts it
file(WRITE ${FOLDER}/site/nvidia/cudnn/include/cudnn_graph.h "")
file(WRITE ${FOLDER}/site/nvidia/cudnn/lib/libcudnn.so.9 "")
expect(AUTO "cause: .*nvcc does not compile.*cuDNN: .*/cudnn/include .*/cudnn/lib/libcudnn.so.9[.]")

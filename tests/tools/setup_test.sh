#!/usr/bin/env bash
# setup_test.sh FOLDER: what tools/setup.sh configures and when, with stubs of cmake and nvidia-smi.
set -euo pipefail
folder=$1
# shellcheck source=tools/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/setup.sh"
rm -rf "$folder"
mkdir -p "$folder/bin"
root=$folder
log=$folder/calls.txt

# stub NAME BODY
stub() {
  printf '#!/bin/sh\n%s\n' "$2" >"$folder/bin/$1"
  chmod +x "$folder/bin/$1"
}
# shellcheck disable=SC2016
stub cmake '
echo "$*" >>'"$log"'
[ "$1" != --build ] || exit 0
mkdir -p build/release
: >build/release/build.ninja
echo "HIKAKU_NO_CUDA:INTERNAL=$REASON" >build/release/CMakeCache.txt'
stub ninja ''
stub c++ ''
stub nvcc ''
stub nvidia-smi 'echo 9.0'
PATH=$folder/bin:$PATH

# expect CALLS SAID: what `build release hikaku` asks of cmake, in patterns, and tells.
expect() {
  : >"$log"
  local said
  said=$(build release hikaku 2>&1)
  # shellcheck disable=SC2053
  if [[ "$(tr '\n' '|' <"$log")" != $1 ]]; then
    echo "called: $(cat "$log"); wanted: $1"
    exit 1
  fi
  # shellcheck disable=SC2053
  if [[ $said != $2 ]]; then
    echo "said: $said; wanted: $2"
    exit 1
  fi
}

building='--build --preset release --target hikaku gpu_module|'
export REASON="cuDNN 9 was not found; install it"
expect "--preset release|$building" "*note: the GPU is not used: cuDNN 9 was not found; install it*"
expect "build/release|$building" "*note: the GPU is not used*"  # it may be there now
export REASON=""
expect "build/release|$building" "configuring*"
expect "$building" "building build/release*"
stub nvidia-smi 'echo 12.0'
expect "build/release|$building" "configuring*"  # another GPU
expect "$building" "building build/release*"
rm "$folder/bin/nvidia-smi"
expect "build/release|$building" "configuring*"
echo "tools/setup.sh configures when it has to"

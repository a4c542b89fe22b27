# shellcheck shell=bash
# What ./demo, ./test and .ci/run share: packages, configure, build, tests. To be sourced.
# Nothing is asked of the package manager while every package is installed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

# Debian 12 and Ubuntu 24.04 have all of them under these names.
packages=(g++ cmake ninja-build libcli11-dev libfmt-dev nlohmann-json3-dev libjpeg-dev
  libpng-dev libdnnl-dev libopenblas0-openmp libgomp1 libgtest-dev python3)
# Wanted, but not worth a package manager's start of their own.
extra_packages=(ccache curl)

say() { printf '%s\n' "$*" >&2; }

# fail CODE WHAT FIX: the two lines of every error of this project.
fail() {
  say "error: $2"
  say "fix: $3"
  exit "$1"
}

# missing_packages NAME...: those of them that are not installed, one a line.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

# as_root COMMAND...: runs it as root, or fails where that cannot be.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
  else
    return 1
  fi
}

# install_packages NAME...: installs what is missing of them. Where that fails it says so and goes
# on: the libraries may be there without their packages, and CMake knows best.
install_packages() {
  command -v dpkg-query >/dev/null || return 0
  local missing log=$root/build/packages.log
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  mkdir -p "$root/build"
  say "installing ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local install=("${apt[@]}" install -y --no-install-recommends "${missing[@]}"
    "${extra_packages[@]}")
  if ! { as_root "${install[@]}" || { as_root "${apt[@]}" update && as_root "${install[@]}"; }; } \
    >"$log" 2>&1; then
    tail -n 3 "$log" >&2
    say "warning: these packages could not be installed: ${missing[*]}"
    say "fix: as root: apt-get update && apt-get install ${missing[*]}"
  fi
}

# gpu_facts: what decides whether a module for GPUs is built, and for which.
gpu_facts() {
  nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | sort -u || true
  command -v nvcc || true
  printf '%s\n' "${CUDA_PATH:-}" "${CUDNN_PATH:-}"
}

# no_module PRESET: why it has no module for GPUs, with the cure; nothing where there is one, or no GPU.
no_module() {
  sed -n 's/^HIKAKU_NO_CUDA:INTERNAL=//p' "$root/build/$1/CMakeCache.txt" 2>/dev/null || true
}

# configure PRESET: where it was not yet, or for other GPUs, or something was missing then. Later calls
# keep what the folder was told by hand.
configure() {
  local preset=$1 log=$root/build/$1.log facts
  local stamp=$root/build/$preset/gpu-facts.txt
  facts=$(gpu_facts)
  [ ! -f "build/$preset/build.ninja" ] || [ -n "$(no_module "$preset")" ] ||
    [ "$facts" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
  say "configuring build/$preset"
  local arguments=(--preset "$preset")
  [ ! -f "build/$preset/build.ninja" ] || arguments=("build/$preset")
  cmake "${arguments[@]}" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail 3 "build/$preset: cmake could not configure it, see build/$preset.log" \
      "install the packages ${packages[*]}"
  }
  printf '%s\n' "$facts" >"$stamp"
}

# build PRESET [TARGET...]: configures, then builds; Ninja itself notices changed CMake files.
build() {
  local preset=$1 log=$root/build/$1.log targets=() reason
  shift
  mkdir -p "$root/build"
  for tool in cmake ninja c++; do
    command -v "$tool" >/dev/null || fail 3 "$tool was not found; it builds the program" \
      "install the packages ${packages[*]}"
  done
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
  cd "$root" || exit
  configure "$preset"
  reason=$(no_module "$preset")
  [ -z "$reason" ] || say "note: the GPU is not used: $reason"
  # The program opens the module by itself; where there is none, its target is empty.
  [ $# = 0 ] || targets=(--target "$@" gpu_module)
  say "building build/$preset (the first time takes minutes)"
  cmake --build --preset "$preset" "${targets[@]}" >"$log" 2>&1 || {
    grep -E -A 12 'CMake Error|error:|FAILED:' "$log" | head -n 60 >&2 || tail -n 30 "$log" >&2
    fail 1 "build/$preset: the build failed, see build/$preset.log" \
      "read the first error above; rm -rf build/$preset starts afresh"
  }
}

# run_tests PRESET [CTEST ARGUMENT...]: prints how many passed, failed and were skipped; false if one
# failed.
run_tests() {
  local preset=$1 results=$root/build/$1-tests.xml status=0 suite
  shift
  rm -f "$results"
  (cd "$root" && ctest --preset "$preset" --output-junit "$results" "$@") || status=$?
  suite=$(sed -n '/<testsuite/,/>/p' "$results" 2>/dev/null) || true
  count() { sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" <<<"$suite" | head -n 1; }
  local all bad idle
  all=$(count tests) bad=$(count failures) idle=$(($(count skipped) + $(count disabled)))
  all=${all:-0} bad=${bad:-0}
  # Where a suite's set-up failed, GoogleTest calls its tests skipped, and so does ctest.
  local broken=()
  [ ! -f "$results" ] || mapfile -t broken < <(awk -F'"' '/<testcase/ { name = $2 }
    /FAILED.*: SetUpTestSuite/ { print "the set-up failed: " name }' "$results")
  [ ${#broken[@]} = 0 ] || printf '%s\n' "${broken[@]}"
  bad=$((bad + ${#broken[@]})) idle=$((idle - ${#broken[@]}))
  local good=$((all - bad - idle))
  # A ctest that broke before it ran a test is a failure, too, and so is a run of no tests.
  if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$all" = 0 ]; }; then bad=1; fi
  counts "$good" "$bad" "$idle"
  [ "$bad" = 0 ]
}

counts() { printf '%s passed, %s failed, %s skipped\n' "$@"; }

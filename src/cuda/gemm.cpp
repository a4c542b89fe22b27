#include "cuda/gemm.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "base/memory.h"
#include "cuda/conv_kernels.h"
#include "cuda/events.h"

namespace hikaku::cuda {
namespace {

cudaDataType_t type_of(DType type) {
  switch (type) {
    case DType::f64:
      return CUDA_R_64F;
    case DType::bf16:
      return CUDA_R_16BF;
    case DType::f16:
      return CUDA_R_16F;
    case DType::u8:
      return CUDA_R_8F_E4M3;
    default:
      return CUDA_R_32F;
  }
}

cublasComputeType_t compute_type_of(const GemmProblem& problem) {
  if (problem.input == DType::f64) return CUBLAS_COMPUTE_64F;
  return problem.tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
}

/// Columns of cuBLAS are rows of ours.
cublasLtMatrixLayout_t layout_of(DType type, std::int64_t rows, std::int64_t columns,
                                 std::int64_t step) {
  cublasLtMatrixLayout_t layout = nullptr;
  HIKAKU_CUDA(cublasLtMatrixLayoutCreate(&layout, type_of(type),
                                         static_cast<std::uint64_t>(columns),
                                         static_cast<std::uint64_t>(rows), step));
  return layout;
}

/// The factors of the product and of the addend in the type of the sums.
class Factors {
 public:
  Factors(const GemmProblem& problem, double factor)
      : wide_(problem.input == DType::f64),
        wide_alpha_(factor),
        wide_beta_(problem.adds ? 1 : 0),
        alpha_(static_cast<float>(wide_alpha_)),
        beta_(static_cast<float>(wide_beta_)) {}
  [[nodiscard]] const void* alpha() const {
    return wide_ ? static_cast<const void*>(&wide_alpha_) : &alpha_;
  }
  [[nodiscard]] const void* beta() const {
    return wide_ ? static_cast<const void*>(&wide_beta_) : &beta_;
  }

 private:
  bool wide_;
  double wide_alpha_, wide_beta_;
  float alpha_, beta_;
};

/// Numbers to compute with: a GPU is faster with zeros.
Memory noise(DType type, std::int64_t count, cudaStream_t stream) {
  Memory memory(static_cast<std::size_t>(count) * size_of(type), false);
  if (type != DType::f64) fill_noise(memory.get(), type, count, stream);
  return memory;
}

/// Matrices of a problem, to try algorithms on.
struct Trial {
  Trial(const GemmProblem& problem, cudaStream_t stream)
      : a(noise(problem.input, problem.rows_a() * problem.step_a(), stream)),
        b(noise(problem.input, problem.rows_b() * problem.step_b(), stream)),
        c(noise(problem.output, problem.m * problem.step_c(), stream)) {}
  [[nodiscard]] GemmMemory memory() const { return {a.get(), b.get(), c.get(), c.get()}; }
  Memory a, b, c;
};

}  // namespace

std::string to_string(const GemmProblem& problem) {
  const auto step = [](std::int64_t stride) {
    return stride > 0 ? fmt::format("/{}", stride) : std::string();
  };
  return fmt::format("gemm {}{}{}x{}{}{}{}{} k {}, {} -> {}{}", problem.m,
                     problem.transpose_a ? "t" : "", step(problem.stride_a), problem.n,
                     problem.transpose_b ? "t" : "", step(problem.stride_b),
                     problem.adds ? " +" : "", step(problem.stride_c), problem.k,
                     problem.input == DType::u8 ? "e4m3" : name_of(problem.input),
                     name_of(problem.output), problem.tf32 ? ", tf32" : "");
}

GemmDescriptors::GemmDescriptors(const GemmProblem& problem) {
  const DType sums = problem.input == DType::f64 ? DType::f64 : DType::f32;
  HIKAKU_CUDA(cublasLtMatmulDescCreate(&operation, compute_type_of(problem), type_of(sums)));
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, bool transpose) {
    const cublasOperation_t value = transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
    HIKAKU_CUDA(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value));
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, problem.transpose_b);
  set(CUBLASLT_MATMUL_DESC_TRANSB, problem.transpose_a);
  const std::int64_t across_a = problem.transpose_a ? problem.m : problem.k;
  const std::int64_t across_b = problem.transpose_b ? problem.k : problem.n;
  left = layout_of(problem.input, problem.rows_b(), across_b, problem.step_b());
  right = layout_of(problem.input, problem.rows_a(), across_a, problem.step_a());
  result = layout_of(problem.output, problem.m, problem.n, problem.step_c());
}

GemmDescriptors::~GemmDescriptors() {
  cublasLtMatrixLayoutDestroy(result);
  cublasLtMatrixLayoutDestroy(right);
  cublasLtMatrixLayoutDestroy(left);
  cublasLtMatmulDescDestroy(operation);
}

std::string GemmAlgorithm::name() const {
  std::string text;
  for (const std::uint64_t word : algorithm.data) text += fmt::format("{:016x}", word);
  return text;
}

Gemm::Gemm(const GemmProblem& problem, Context& context, const GemmTuning& tuning,
           const GemmMemory* trial)
    : problem_(problem), context_(context), descriptors_(problem) {
  // The bytes of an algorithm mean something to their own version of the library only.
  const std::string key = fmt::format("{}, aligned {}, cuBLAS {}", to_string(problem),
                                      tuning.alignment, cublasLtGetVersion());
  if (restore(context.tuning.known(key))) return;
  const std::vector<GemmAlgorithm> found = proposals(tuning);
  plain_ = found.empty();
  if (plain_) {
    require_plain();
    return;
  }
  chosen_ = found.front();
  try {
    if (trial != nullptr) {
      choose(found, *trial, tuning.race_seconds);
    } else {
      choose(found, Trial(problem, context.stream).memory(), tuning.race_seconds);
    }
  } catch (const OutOfMemory&) {
    return;  // the heuristics' first; not kept
  }
  context.tuning.keep(key, chosen_.name());
}

void Gemm::require_plain() const {
  if (problem_.input != DType::f64 && problem_.input != DType::u8) return;
  throw Error(ExitCode::usage,
              fmt::format("{}: cuBLAS {} has no algorithm for it on this GPU", to_string(problem_),
                          cublasLtGetVersion()),
              "use another --dtype, or --device cpu");
}

std::vector<GemmAlgorithm> Gemm::proposals(const GemmTuning& tuning) const {
  cublasLtMatmulPreference_t preference = nullptr;
  HIKAKU_CUDA(cublasLtMatmulPreferenceCreate(&preference));
  const std::size_t limit = context_.workspace_limit;
  HIKAKU_CUDA(cublasLtMatmulPreferenceSetAttribute(
      preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &limit, sizeof limit));
  for (const auto alignment :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    HIKAKU_CUDA(cublasLtMatmulPreferenceSetAttribute(preference, alignment, &tuning.alignment,
                                                     sizeof tuning.alignment));
  }
  // Parts of a split sum are never rounded to 16 bits.
  const std::uint32_t schemes = problem_.output == DType::f16 || problem_.output == DType::bf16
                                    ? CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE
                                    : CUBLASLT_REDUCTION_SCHEME_MASK;
  HIKAKU_CUDA(cublasLtMatmulPreferenceSetAttribute(
      preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes, sizeof schemes));
  std::vector<cublasLtMatmulHeuristicResult_t> results(static_cast<std::size_t>(tuning.most_timed));
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(context_.blas, descriptors_.operation, descriptors_.left,
                                     descriptors_.right, descriptors_.result, descriptors_.result,
                                     preference, tuning.most_timed, results.data(), &count);
  cublasLtMatmulPreferenceDestroy(preference);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return {};
  HIKAKU_CUDA(status);
  std::vector<GemmAlgorithm> found;
  for (int i = 0; i < count; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    if (result.state != CUBLAS_STATUS_SUCCESS || result.workspaceSize > limit) continue;
    found.push_back({result.algo, result.workspaceSize});
  }
  return found;
}

bool Gemm::restore(const std::string& name) {
  constexpr std::size_t digits = 16, words = std::size(cublasLtMatmulAlgo_t{}.data);
  if (name.size() != digits * words) return false;
  GemmAlgorithm kept;
  for (std::size_t i = 0; i < words; ++i) {
    kept.algorithm.data[i] = std::strtoull(name.substr(digits * i, digits).c_str(), nullptr, 16);
  }
  cublasLtMatmulHeuristicResult_t result{};
  const cublasStatus_t status = cublasLtMatmulAlgoCheck(
      context_.blas, descriptors_.operation, descriptors_.left, descriptors_.right,
      descriptors_.result, descriptors_.result, &kept.algorithm, &result);
  if (status != CUBLAS_STATUS_SUCCESS || result.workspaceSize > context_.workspace_limit) {
    return false;
  }
  kept.workspace = result.workspaceSize;
  chosen_ = kept;
  return true;
}

void Gemm::choose(const std::vector<GemmAlgorithm>& proposals, const GemmMemory& trial,
                  double race_seconds) {
  std::size_t bytes = 0;
  for (const GemmAlgorithm& proposal : proposals) bytes = std::max(bytes, proposal.workspace);
  const Memory workspace(bytes, false);
  const Events events;
  double best = std::numeric_limits<double>::infinity();
  std::vector<std::pair<double, GemmAlgorithm>> timed;
  for (const GemmAlgorithm& proposal : proposals) {
    const auto work = [&] { return try_to_run(proposal, trial, workspace.get(), 1); };
    const bool started = work() == CUBLAS_STATUS_SUCCESS;
    HIKAKU_CUDA(cudaStreamSynchronize(context_.stream));
    if (!started) continue;
    const double seconds = events.steady_seconds_of(context_.stream, best, work);
    best = std::min(best, seconds);
    timed.emplace_back(seconds, proposal);
  }
  require(!timed.empty(), "[cublas] {}: no algorithm runs", to_string(problem_));
  const auto faster = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(timed.begin(), timed.end(), faster);
  if (race_seconds > 0) race(timed, trial, workspace.get(), race_seconds);
  chosen_ = std::min_element(timed.begin(), timed.end(), faster)->second;
}

void Gemm::race(std::vector<std::pair<double, GemmAlgorithm>>& timed, const GemmMemory& trial,
                void* workspace, double seconds) const {
  constexpr std::size_t most = 4;
  constexpr int rounds = 5;
  timed.resize(std::min(timed.size(), most));
  const Events events;
  std::vector<std::vector<double>> samples(timed.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < timed.size(); ++i) {
      const auto& [once, algorithm] = timed[i];
      const auto count = static_cast<int>(std::max(seconds / rounds / once, 1.0));
      samples[i].push_back(events.seconds_of(
          context_.stream, count, [&] { return try_to_run(algorithm, trial, workspace, 1); }));
    }
  }
  for (std::size_t i = 0; i < timed.size(); ++i) {
    std::nth_element(samples[i].begin(), samples[i].begin() + rounds / 2, samples[i].end());
    timed[i].first = samples[i][rounds / 2];
  }
}

cublasStatus_t Gemm::try_to_run(const GemmAlgorithm& algorithm, const GemmMemory& memory,
                                void* workspace, double factor) const {
  const Factors factors(problem_, factor);
  return cublasLtMatmul(context_.blas, descriptors_.operation, factors.alpha(), memory.b,
                        descriptors_.left, memory.a, descriptors_.right, factors.beta(),
                        problem_.adds ? memory.addend : memory.c, descriptors_.result, memory.c,
                        descriptors_.result, &algorithm.algorithm, workspace, algorithm.workspace,
                        context_.stream);
}

void Gemm::run(const GemmMemory& memory, void* workspace, double factor) {
  if (plain_) return plain_gemm(problem_, memory, static_cast<float>(factor), context_.stream);
  HIKAKU_CUDA(try_to_run(chosen_, memory, workspace, factor));
}

std::string Gemm::algorithm() const {
  if (plain_) return "a plain kernel";
  const auto get = [&](cublasLtMatmulAlgoConfigAttributes_t attribute) {
    std::int32_t value = 0;
    std::size_t written = 0;
    cublasLtMatmulAlgoConfigGetAttribute(&chosen_.algorithm, attribute, &value, sizeof value,
                                         &written);
    return value;
  };
  return fmt::format("algorithm {}, tile {}, split {}", get(CUBLASLT_ALGO_CONFIG_ID),
                     get(CUBLASLT_ALGO_CONFIG_TILE_ID), get(CUBLASLT_ALGO_CONFIG_SPLITK_NUM));
}

}  // namespace hikaku::cuda

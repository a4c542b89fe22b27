#include "cuda/cudnn_graph.h"

#include <algorithm>
#include <limits>

#include "base/memory.h"
#include "cuda/context.h"
#include "cuda/conv_kernels.h"
#include "cuda/cudnn_plan.h"
#include "cuda/events.h"

namespace hikaku::cuda {
namespace {

/// Building a plan may compile a kernel for seconds; the heuristics' first ten are seldom beaten.
constexpr std::size_t most_timed = 10;
/// Where they propose fewer that suit, engines are tried one by one.
constexpr std::size_t fewest_timed = 3;
/// A timed group of runs takes about so long.
constexpr double group_seconds = 3e-3;
constexpr int groups = 3;
constexpr int most_runs = 20;

using Plans = std::vector<std::unique_ptr<EnginePlan>>;

std::size_t extent_bytes(const Tensor& t) {
  const std::int64_t last = t.layout.at(t.shape.n - 1, t.shape.c - 1, t.shape.h - 1, t.shape.w - 1);
  return static_cast<std::size_t>(last + 1) * size_of(t.dtype);
}

std::size_t weight_bytes(const ConvProblem& problem) {
  return static_cast<std::size_t>(problem.y.shape.c * problem.kernel * problem.kernel *
                                  problem.x.shape.c) *
         size_of(problem.weight);
}

/// Noise to compute with: a GPU is faster with zeros than with numbers.
Memory noise(DType type, std::size_t bytes, cudaStream_t stream) {
  Memory memory(bytes, false);
  fill_noise(memory.get(), type, static_cast<std::int64_t>(bytes / size_of(type)), stream);
  return memory;
}

/// Runs plans of one problem on memory of their own.
class Stopwatch {
 public:
  Stopwatch(const ConvProblem& problem, std::size_t workspace, cudaStream_t stream)
      : stream_(stream),
        x_(noise(problem.x.dtype, extent_bytes(problem.x), stream)),
        y_(noise(problem.y.dtype, extent_bytes(problem.y), stream)),
        weight_(noise(problem.weight, weight_bytes(problem), stream)),
        bias_(static_cast<std::size_t>(problem.y.shape.c) * sizeof(float), false),
        workspace_(workspace, false),
        memory_{x_.get(), weight_.get(), y_.get(),
                problem.bias_relu ? static_cast<const float*>(bias_.get()) : nullptr} {}

  /// Of one run; infinity where it fails. One that takes twice `best` is given up early.
  double seconds_of(EnginePlan& plan, double best) {
    if (!runs(plan)) return std::numeric_limits<double>::infinity();
    double seconds = seconds_of(plan, 1);
    if (seconds > 2 * best) return seconds;
    const int count = static_cast<int>(std::clamp(group_seconds / seconds, 1.0, 1.0 * most_runs));
    for (int group = 0; group < groups; ++group) {
      seconds = std::min(seconds, seconds_of(plan, count));
    }
    return seconds;
  }

 private:
  bool runs(EnginePlan& plan) {
    const bool started = plan.try_to_run(memory_, workspace_.get()) == CUDNN_STATUS_SUCCESS;
    const bool done = cudaStreamSynchronize(stream_) == cudaSuccess;
    cudaGetLastError();
    return started && done;
  }
  double seconds_of(EnginePlan& plan, int count) {
    return events_.seconds_of(stream_, [&] {
      for (int i = 0; i < count; ++i) plan.run(memory_, workspace_.get());
    }) / count;
  }

  cudaStream_t stream_;
  Memory x_, y_, weight_, bias_, workspace_;
  ConvMemory memory_;
  Events events_;
};

/// Null if cuDNN cannot run it, or the context forbids it.
std::unique_ptr<EnginePlan> make_plan(const std::shared_ptr<const Graph>& graph,
                                      EngineConfig config, const Context& context) {
  if (!suits(config, context.precision, context.deterministic)) return nullptr;
  auto plan = std::make_unique<EnginePlan>(graph, std::move(config), context.dnn);
  if (!plan->supported() || plan->workspace_bytes() > context.workspace_limit) return nullptr;
  return plan;
}

/// Until there are `most` of them; each name once.
void add_plans(Plans& plans, std::size_t most, const std::shared_ptr<const Graph>& graph,
               std::vector<EngineConfig> configs, const Context& context) {
  for (EngineConfig& config : configs) {
    if (plans.size() >= most) return;
    const bool known = std::any_of(plans.begin(), plans.end(),
                                   [&](const auto& plan) { return plan->name() == config.name; });
    if (known) continue;
    if (auto plan = make_plan(graph, std::move(config), context)) plans.push_back(std::move(plan));
  }
}

/// Null where there is no memory for it.
std::unique_ptr<Stopwatch> make_stopwatch(const Plans& plans, const ConvProblem& problem,
                                          const Context& context) {
  std::size_t workspace = 0;
  for (const auto& plan : plans) workspace = std::max(workspace, plan->workspace_bytes());
  try {
    return std::make_unique<Stopwatch>(problem, workspace, context.stream);
  } catch (const OutOfMemory&) {
    return nullptr;
  }
}

/// Null if none of them runs.
std::unique_ptr<EnginePlan> fastest(Plans plans, Stopwatch& watch) {
  double best = std::numeric_limits<double>::infinity();
  std::unique_ptr<EnginePlan> choice;
  for (auto& plan : plans) {
    const double seconds = watch.seconds_of(*plan, best);
    if (seconds >= best) continue;
    best = seconds;
    choice = std::move(plan);
    choice->set_seconds(seconds);
  }
  return choice;
}

}  // namespace

void check(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char detail[512] = "";
  cudnnGetLastErrorString(detail, sizeof detail);
  require(false, "[cudnn] {}: {} {}", call, cudnnGetErrorString(status), detail);
}

std::string dnn_version() {
  const std::size_t version = cudnnGetVersion();
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

cudnnContext* open_dnn(CUstream_st* stream) {
  cudnnHandle_t handle = nullptr;
  const cudnnStatus_t status = cudnnCreate(&handle);
  if (status != CUDNN_STATUS_SUCCESS) {
    throw Error(
        ExitCode::missing,
        fmt::format("cuDNN {} does not start: {}", dnn_version(), cudnnGetErrorString(status)),
        "install a cuDNN 9 that fits the driver and the GPU, or use --device cpu");
  }
  check(cudnnSetStream(handle, stream), "cudnnSetStream");
  return handle;
}

void close_dnn(cudnnContext* handle) noexcept {
  if (handle != nullptr) cudnnDestroy(handle);
}

std::string to_string(const ConvProblem& problem) {
  constexpr const char* passes[] = {"forward", "backward_data", "backward_weight"};
  const auto stride = [](const Tensor& t) {
    return t.layout.stride_w == t.shape.c ? std::string() : fmt::format("/{}", t.layout.stride_w);
  };
  return fmt::format("conv2d {}{} {} {}{} -> {}{}, {}x{} {}",
                     passes[static_cast<std::size_t>(problem.pass)],
                     problem.bias_relu ? "+bias+relu" : "", name_of(problem.x.dtype),
                     to_string(problem.x.shape), stride(problem.x), to_string(problem.y.shape),
                     stride(problem.y), problem.kernel, problem.kernel, name_of(problem.weight));
}

std::unique_ptr<ConvPlan> plan_convolution(const ConvProblem& problem, Context& context) {
  const auto graph = std::make_shared<const Graph>(problem, context.dnn);
  if (!graph->supported()) return nullptr;
  const std::string key = fmt::format("{}, {}{}", to_string(problem), name_of(context.precision),
                                      context.deterministic ? ", deterministic" : "");
  const std::string known = context.tuning.known(key);
  if (!known.empty()) {
    if (auto config = config_named(graph->get(), known)) {
      if (auto plan = make_plan(graph, std::move(*config), context)) return plan;
    }
  }
  Plans plans;
  add_plans(plans, most_timed, graph, proposed_configs(graph->get()), context);
  if (plans.size() < fewest_timed) {
    add_plans(plans, fewest_timed, graph, default_configs(graph->get()), context);
  }
  if (plans.empty()) return nullptr;
  const auto watch = make_stopwatch(plans, problem, context);
  if (watch == nullptr) return std::move(plans.front());  // the heuristics' first; not kept
  auto choice = fastest(std::move(plans), *watch);
  if (choice != nullptr) context.tuning.keep(key, choice->name());
  return choice;
}

}  // namespace hikaku::cuda

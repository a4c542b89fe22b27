#include "cuda/cudnn_graph.h"

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

#include "base/clock.h"
#include "cuda/context.h"
#include "cuda/conv_parts.h"
#include "cuda/conv_trial.h"

namespace hikaku::cuda {
namespace {

/// Of the heuristics' proposals: later ones are seldom faster.
constexpr std::size_t most_timed = 10;
/// Where they propose fewer that suit, engines are tried one by one.
constexpr std::size_t fewest_timed = 3;
/// Seconds of building and timing: after them, no further plan is built for the layer, and one only
/// for each layer left. The network has about 60 different problems; a cold start is to take 20 s.
constexpr double most_seconds_of_layer = 0.4, most_seconds = 14;
/// An engine that was so many times slower in another layer is not tried: some take seconds.
constexpr double hopeless = 20;
/// Layers with fewer channels, which are padded, tell nothing of the others.
constexpr std::int64_t telling_channels = 32;
/// A kernel that each process has to compile anew must be faster by so much.
constexpr double worth_compiling = 1.03;
/// A part of the pictures at a time must be faster by so much than all of them.
constexpr double worth_parting = 1.1;

using Plan = std::unique_ptr<EnginePlan>;

cudnnHandle_t handle_for(const ConvProblem& problem, const Context& context) {
  return problem.pass == ConvPass::backward_weight ? context.dnn_aside : context.dnn;
}

/// Null if cuDNN cannot run it, or the context forbids it. `starved`: set if it wants more
/// workspace than there is.
Plan make_plan(const ConvProblem& problem, const std::shared_ptr<const Graph>& graph,
               EngineConfig config, const Context& context, bool* starved = nullptr) {
  if (!suits(config, context.precision, context.deterministic)) return nullptr;
  if (problem.ahead_of_time && is_compiled_at_run_time(config)) return nullptr;
  auto plan = std::make_unique<EnginePlan>(graph, std::move(config), handle_for(problem, context));
  if (!plan->supported()) return nullptr;
  if (plan->workspace_bytes() <= context.workspace_limit) return plan;
  if (starved != nullptr) *starved = true;
  return nullptr;
}

void tell_wrong(const EnginePlan& plan, const ConvProblem& problem, const Context& context) {
  context.planning.warn(
      fmt::format("{}: engine {} of cuDNN {} gives wrong results here; the next "
                  "one is taken",
                  to_string(problem), plan.name(), dnn_version()));
}

/// Builds and times the engines of one problem.
class Choice {
 public:
  Choice(const ConvProblem& problem, std::shared_ptr<const Graph> graph, ConvTrial* trial,
         Context& context)
      : problem_(problem), graph_(std::move(graph)), trial_(trial), context_(context) {}

  /// The best that is right; null if there is none.
  Plan find() {
    Plan choice;
    do {
      timed_.clear();
      try_all(proposed_configs(graph_->get()), most_timed);
      if (timed_.size() < fewest_timed) try_all(default_configs(graph_->get()), fewest_timed);
      std::stable_sort(timed_.begin(), timed_.end(),
                       [](const Timed& a, const Timed& b) { return a.weighed < b.weighed; });
      choice = first_right();
    } while (choice == nullptr && !timed_.empty());  // all were wrong: others, if there are any
    if (choice != nullptr) {
      context_.planning.add(to_string(problem_), choice->name(), static_cast<int>(tried_.size()),
                            spent());
    }
    return choice;
  }
  /// Whether the choice is worth keeping: one that was made in haste is made again.
  [[nodiscard]] bool complete() const { return trial_ != nullptr && !in_haste(); }
  /// Whether an engine, perhaps a faster one, wants more workspace than there is.
  [[nodiscard]] bool starved() const { return starved_; }

 private:
  struct Timed {
    Plan plan;
    double weighed = 0;  ///< seconds, more for what is compiled anew each time
  };

  [[nodiscard]] double spent() const { return clock_seconds() - begin_; }
  [[nodiscard]] bool in_haste() const {
    return context_.planning.seconds() + spent() > most_seconds;
  }
  [[nodiscard]] bool goes_on(std::size_t most) const {
    if (timed_.empty()) return true;
    return trial_ != nullptr && timed_.size() < most && spent() < most_seconds_of_layer &&
           !in_haste();
  }

  /// The heuristics' first is often the best: it comes first unless it has to be compiled and time
  /// is short. Then come those that are compiled already.
  void try_all(std::vector<EngineConfig> configs, std::size_t most) {
    const auto kept = configs.empty() || in_haste() ? configs.begin() : configs.begin() + 1;
    std::stable_partition(kept, configs.end(), [](const EngineConfig& config) {
      return !is_compiled_at_run_time(config);
    });
    for (EngineConfig& config : configs) {
      if (!goes_on(most)) return;
      if (tried_.insert(config.name).second) time(std::move(config));
    }
  }
  /// What an engine is known by: those of another pass have other numbers.
  [[nodiscard]] std::string known_as(const EngineConfig& config) const {
    return fmt::format("{} {}", static_cast<int>(problem_.pass), config.name);
  }
  [[nodiscard]] double flops() const {
    return 2.0 * static_cast<double>(problem_.y.shape.count() * problem_.x.shape.c *
                                     problem_.kernel * problem_.kernel);
  }
  void time(EngineConfig config) {
    const std::string known = known_as(config);
    if (context_.planning.least_seconds(known, flops()) > hopeless * best_) return;
    const bool compiled = is_compiled_at_run_time(config);
    Plan plan = make_plan(problem_, graph_, std::move(config), context_, &starved_);
    if (plan == nullptr) return;
    const double seconds = trial_ == nullptr ? 0 : trial_->seconds_of(*plan, best_);
    if (seconds == std::numeric_limits<double>::infinity()) return;
    best_ = std::min(best_, seconds);
    if (seconds > 0 && std::min(problem_.x.shape.c, problem_.y.shape.c) >= telling_channels) {
      context_.planning.learn(known, flops() / seconds);
    }
    plan->set_seconds(seconds);
    timed_.push_back({std::move(plan), seconds * (compiled ? worth_compiling : 1)});
  }

  Plan first_right() {
    for (Timed& timed : timed_) {
      if (trial_ == nullptr) return std::move(timed.plan);
      const ConvTrial::Verdict verdict = trial_->judge(*timed.plan);
      if (verdict == ConvTrial::Verdict::right) return std::move(timed.plan);
      if (verdict == ConvTrial::Verdict::wrong) tell_wrong(*timed.plan, problem_, context_);
    }
    return nullptr;
  }

  const ConvProblem& problem_;
  std::shared_ptr<const Graph> graph_;
  ConvTrial* trial_;
  Context& context_;
  double begin_ = clock_seconds();
  double best_ = std::numeric_limits<double>::infinity();
  bool starved_ = false;
  std::set<std::string> tried_;
  std::vector<Timed> timed_;
};

/// A choice for this shape is kept with the batch that it was made for: "16 17 2=5 13=64".
std::string choice_for_shape(const ConvProblem& problem, const std::string& shape,
                             const Context& context) {
  std::istringstream kept(context.planning.of_shape(shape));
  std::int64_t batch = 0;
  std::string name;
  if (!(kept >> batch) || problem.x.shape.n > batch) return {};
  std::getline(kept >> std::ws, name);
  return name;
}

/// The plan of a choice that was made before; null if this cuDNN has it no more, or it is wrong.
Plan restore(const std::string& name, const ConvProblem& problem,
             const std::shared_ptr<const Graph>& graph, ConvTrial* trial, const Context& context) {
  if (name.empty()) return nullptr;
  auto config = config_named(graph->get(), name);
  if (!config) return nullptr;
  Plan plan = make_plan(problem, graph, std::move(*config), context);
  if (plan == nullptr || trial == nullptr || trial->judge(*plan) == ConvTrial::Verdict::right) {
    return plan;
  }
  tell_wrong(*plan, problem, context);
  return nullptr;
}

/// How the choices of one problem are kept.
struct Keys {
  Keys(const ConvProblem& problem, const Context& context) {
    const std::string how = fmt::format(", {}{}", name_of(context.precision),
                                        context.deterministic ? ", deterministic" : "");
    whole = to_string(problem) + how;
    shape = shape_of(problem) + how;
    starved = fmt::format("{}, workspace {} MiB", whole, context.workspace_limit >> 20U);
  }
  std::string whole;
  std::string shape;    ///< of the same layer with any number of pictures
  std::string starved;  ///< where the limit of the workspace kept engines out
};

/// For Keys::starved: a part of the pictures at a time.
constexpr const char* in_parts = "in parts";

struct Found {
  Plan plan;             ///< null if there is none
  bool starved = false;  ///< the limit of the workspace kept engines out
  bool complete = true;  ///< not chosen in haste, nor without memory to try engines in
};

void keep_for_shape(const ConvProblem& problem, const Keys& keys, const Plan& plan,
                    Context& context) {
  if (plan == nullptr || !choice_for_shape(problem, keys.shape, context).empty()) return;
  context.planning.keep_of_shape(keys.shape, fmt::format("{} {}", problem.x.shape.n, plan->name()));
}

Found plan_engine(const ConvProblem& problem, const Keys& keys, Context& context);

/// Where there is no memory to try engines in (a GPU that the network nearly fills), half the
/// pictures are planned and their engine taken: the first that is proposed may take five times as
/// long as the best.
Plan plan_as_for_fewer(const ConvProblem& problem, const std::shared_ptr<const Graph>& graph,
                       Context& context) {
  if (problem.x.shape.n < 2) return nullptr;
  ConvProblem fewer = problem;
  fewer.x.shape.n = fewer.y.shape.n = problem.x.shape.n / 2;
  const Plan plan = plan_engine(fewer, Keys(fewer, context), context).plan;
  return plan == nullptr ? nullptr : restore(plan->name(), problem, graph, nullptr, context);
}

Found plan_engine(const ConvProblem& problem, const Keys& keys, Context& context) {
  const auto graph = std::make_shared<const Graph>(problem, handle_for(problem, context));
  if (!graph->supported()) return {};
  const auto trial = make_trial(problem, context);
  Found found;
  for (const std::string& known :
       {context.tuning.known(keys.whole), choice_for_shape(problem, keys.shape, context),
        context.tuning.known(keys.starved)}) {
    if (found.plan == nullptr) found.plan = restore(known, problem, graph, trial.get(), context);
  }
  if (found.plan == nullptr && trial == nullptr) {
    found.plan = plan_as_for_fewer(problem, graph, context);
  }
  if (found.plan == nullptr) {
    Choice choice(problem, graph, trial.get(), context);
    found = {choice.find(), choice.starved(), choice.complete()};
    if (found.plan != nullptr && found.complete && !found.starved) {
      context.tuning.keep(keys.whole, found.plan->name());
    }
  }
  if (!found.starved) keep_for_shape(problem, keys, found.plan, context);
  return found;
}

/// Null where it cannot be done so.
std::unique_ptr<ConvPlan> plan_in_parts(const ConvProblem& problem, Context& context) {
  const std::int64_t parts = fewest_parts(problem.x.shape.n);
  if (parts < 2 || problem.pass == ConvPass::backward_weight) return nullptr;
  auto part = plan_convolution(part_of(problem, parts), context);
  if (part == nullptr) return nullptr;
  return std::make_unique<PartsPlan>(std::move(part), problem, parts);
}

bool is_out_of_memory(cudnnStatus_t status) {
  return status == CUDNN_STATUS_ALLOC_FAILED ||
         status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
}

}  // namespace

void check(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  if (is_out_of_memory(status)) throw out_of_library_memory("cudnn", call);
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
  if (is_out_of_memory(status)) throw out_of_library_memory("cudnn", "cudnnCreate");
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
                     problem.bias_relu ? fmt::format("+{} bias+relu", name_of(problem.bias)) : "",
                     name_of(problem.x.dtype), to_string(problem.x.shape), stride(problem.x),
                     to_string(problem.y.shape), stride(problem.y), problem.kernel, problem.kernel,
                     name_of(problem.weight));
}

std::string shape_of(const ConvProblem& problem) {
  ConvProblem any = problem;
  any.x.shape.n = any.y.shape.n = 0;
  return to_string(any);
}

std::unique_ptr<ConvPlan> plan_convolution(const ConvProblem& problem, Context& context) {
  const Keys keys(problem, context);
  if (context.tuning.known(keys.starved) == in_parts) {
    if (auto parts = plan_in_parts(problem, context)) return parts;
  }
  Found whole = plan_engine(problem, keys, context);
  if (!whole.starved) return std::move(whole.plan);
  auto parts = plan_in_parts(problem, context);
  // 0 seconds: the whole had no memory to be tried in, or the part was chosen before, with all
  // engines to choose from.
  const double seconds = whole.plan == nullptr ? 0 : whole.plan->seconds();
  const bool better =
      parts != nullptr && (seconds == 0 || worth_parting * parts->seconds() < seconds);
  if (whole.complete && (better || whole.plan != nullptr)) {
    context.tuning.keep(keys.starved, better ? in_parts : whole.plan->name());
  }
  if (!better) {
    keep_for_shape(problem, keys, whole.plan, context);
    return std::move(whole.plan);
  }
  context.planning.tell(fmt::format("{}: {} at a time", to_string(problem),
                                    problem.x.shape.n / fewest_parts(problem.x.shape.n)));
  return parts;
}

}  // namespace hikaku::cuda

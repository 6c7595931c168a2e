#include "train/trainer.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "base/processors.h"
#include "base/thread_pool.h"
#include "model/export_hf.h"
#include "train/checkpoint.h"
#include "train/prepare.h"
#include "train/schedule.h"
#include "train/training_log.h"
#include "valence/error.h"

namespace valence::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr double kLossMemory = 0.98;  // of the mean loss that is shown

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

torch::Device device_of(const TrainOptions& options) {
  const bool there = torch::cuda::is_available();
  if (options.device == "cuda" && !there)
    throw Error(ErrorCode::kInvalidArgument,
                "--device cuda: this libtorch finds no CUDA device; use --device cpu, or build "
                "with a libtorch that has CUDA");
  return options.device == "cpu" || !there ? torch::kCPU : torch::kCUDA;
}

// Else CUDA adds gradients, such as those of the embeddings, in the order in which its threads
// come, and no two runs have the same weights.
void keep_order_of_sums() {
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*replace=*/0);  // read when cuBLAS starts
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  // Newer ones then fill all memory that they ask for, which takes time and is for finding faults.
  [](auto& context) {
    if constexpr (requires { context.setDeterministicFillUninitializedMemory(false); })
      context.setDeterministicFillUninitializedMemory(false);
  }(at::globalContext());
}

TrainableModel make_model(const Prepared& prepared, const TrainOptions& options) {
  TrainableModel::Options model;
  model.labels = static_cast<std::int64_t>(prepared.labels.size());
  model.fresh_head = prepared.fresh_head;
  model.freeze_layers = options.freeze_layers;
  model.dropout = options.dropout;
  model.seed = options.seed;
  model.device = device_of(options);
  model.precision = options.precision;
  if (model.precision == Precision::kAuto)
    model.precision = model.device.is_cuda() ? Precision::kBf16 : Precision::kFp32;
  return {prepared.base, model};
}

// Weight decay is for matrices; biases and LayerNorm have none.
torch::optim::AdamW make_optimizer(TrainableModel& model, const TrainOptions& options) {
  std::vector<torch::Tensor> decayed;
  std::vector<torch::Tensor> plain;
  for (auto& [name, tensor] : model.parameters())
    if (tensor.requires_grad()) (tensor.dim() > 1 ? decayed : plain).push_back(tensor);
  const auto group = [&](std::vector<torch::Tensor> tensors, double decay) {
    auto settings = std::make_unique<torch::optim::AdamWOptions>(options.learning_rate);
    settings->weight_decay(decay);
    return torch::optim::OptimizerParamGroup(std::move(tensors), std::move(settings));
  };
  return torch::optim::AdamW(
      {group(std::move(decayed), options.weight_decay), group(std::move(plain), 0)},
      torch::optim::AdamWOptions(options.learning_rate));
}

// How far a run is: what a checkpoint keeps besides the tensors.
struct Progress {
  std::int64_t step = 0;
  std::int64_t best_step = 0;
  std::int64_t worse_in_a_row = 0;
  std::int64_t validated_step = 0;
  double mean_loss = 0;
  double seconds = 0;
  std::uint64_t log_bytes = 0;
  Figures best;

  Json to_json() const {
    return {{"step", step},
            {"best_step", best_step},
            {"worse_in_a_row", worse_in_a_row},
            {"validated_step", validated_step},
            {"mean_loss", mean_loss},
            {"seconds", seconds},
            {"log_bytes", log_bytes},
            {"best", best}};
  }
  static Progress from_json(const Json& json) {
    return {json.at("step"),           json.at("best_step"),          json.at("worse_in_a_row"),
            json.at("validated_step"), json.at("mean_loss"),          json.at("seconds"),
            json.at("log_bytes"),      json.at("best").get<Figures>()};
  }
};

class Run {
 public:
  Run(const TrainOptions& options, Observer& observer)
      : options_(options),
        observer_(observer),
        checkpoints_(options.output),
        prepared_(prepare(options, [&](const std::string& text) { observer.say(text); })),
        model_(make_model(prepared_, options)),
        optimizer_(make_optimizer(model_, options)),
        max_tokens_(std::min(options.max_tokens, static_cast<std::size_t>(model_.window()))),
        collator_(prepared_.tokenizer, options.task, max_tokens_, model_.device()),
        figure_(options.best_by.empty() ? default_figure(options.task) : options.best_by) {
    plan_ = {options.batch_tokens, max_tokens_, prepared_.tokenizer.special_count(), options.seed,
             prepared_.weights};
    loss_.task = options.task;
    loss_.label_smoothing = options.label_smoothing;
    loss_.temperature = options.temperature;
    loss_.teacher_share = options.teacher_share;
    if (!prepared_.class_weights.empty())
      loss_.class_weights =
          torch::tensor(prepared_.class_weights).to(torch::kFloat32).to(model_.device());
  }

  TrainResult run() {
    count_steps();
    restore();
    log_ = std::make_unique<TrainingLog>(options_.output, progress_.log_bytes);
    tell_begin();
    saved_at_ = Clock::now();
    if (due_for_validation()) validate_now();  // that the run was interrupted in
    while (progress_.step < steps_ && !out_of_patience()) {
      take_step();
      if (due_for_validation()) validate_now();
      const bool stop = observer_.wants_stop();
      if (stop || seconds_since(saved_at_) > 60 * options_.checkpoint_minutes) save();
      if (stop)
        return {true, progress_.step, progress_.best_step, progress_.best, prepared_.labels};
    }
    return finish();
  }

 private:
  // Steps of each epoch; they differ a little where files have weights with fractions.
  void count_steps() {
    double left = options_.epochs;
    for (std::uint64_t epoch = 0; left > 0; ++epoch, left -= 1) {
      const auto all =
          static_cast<double>(batches_of_epoch(prepared_.training, plan_, epoch).size());
      const auto part = static_cast<std::int64_t>(std::ceil(all * std::min(1.0, left)));
      epoch_ends_.push_back(steps_ += part);
      if (options_.max_steps > 0 && steps_ >= options_.max_steps) break;
    }
    if (options_.max_steps > 0) steps_ = std::min(steps_, options_.max_steps);
    epoch_ends_.back() = steps_;
  }

  void restore() {
    const Json identity = identity_of(options_);
    if (options_.resume && checkpoints_.exists()) {
      check_identity(checkpoints_.identity(), identity);
      if (const auto state = checkpoints_.load(model_, optimizer_)) {
        progress_ = Progress::from_json(*state);
        observer_.say("going on after step " + std::to_string(progress_.step));
      }
    } else {
      checkpoints_.begin(identity);
    }
  }

  static void check_identity(const Json& before, const Json& now) {
    for (const auto& [name, value] : now.items())
      if (!before.contains(name) || before.at(name) != value)
        throw Error(ErrorCode::kInvalidArgument,
                    "cannot resume: " + name +
                        " is not what it was when the run began; go back to what it was, or start "
                        "again with --force");
  }

  void tell_begin() {
    std::int64_t trained = 0;
    std::int64_t all = 0;
    for (const auto& [name, tensor] : model_.parameters()) {
      all += tensor.numel();
      if (tensor.requires_grad()) trained += tensor.numel();
    }
    std::string classes;
    for (const std::string& label : prepared_.labels)
      classes += (classes.empty() ? "" : ", ") + label;
    observer_.say("classes: " + classes +
                  (model_.fresh().empty() ? "" : "; the head starts from random weights"));
    observer_.say(std::to_string(prepared_.training.size()) + " rows to train on, " +
                  std::to_string(prepared_.valid.size()) + " to validate on; " +
                  std::to_string(trained) + " of " + std::to_string(all) + " parameters; " +
                  std::to_string(steps_) + " steps on " + model_.device().str());
    if (progress_.step == 0)
      log_->write({{"event", "begin"},
                   {"labels", prepared_.labels},
                   {"training_rows", prepared_.training.size()},
                   {"validation_rows", prepared_.valid.size()},
                   {"steps", steps_},
                   {"options", identity_of(options_)}});
  }

  // The batch of the step that comes next.
  const Batch& next_batch() {
    std::uint64_t epoch = 0;
    while (progress_.step >= epoch_ends_[epoch]) ++epoch;
    if (epoch != epoch_ || batches_.empty()) {
      batches_ = batches_of_epoch(prepared_.training, plan_, epoch);
      epoch_ = epoch;
    }
    const std::int64_t begin = epoch == 0 ? 0 : epoch_ends_[epoch - 1];
    return batches_[static_cast<std::size_t>(progress_.step - begin)];
  }

  void take_step() {
    const Clock::time_point begin = Clock::now();
    const Batch& batch = next_batch();
    // Each step has random numbers of its own, so that a resumed run draws the same.
    const std::uint64_t seed =
        options_.seed + 1000003 * static_cast<std::uint64_t>(progress_.step + 1);
    torch::manual_seed(seed);
    const double rate =
        options_.learning_rate * rate_share(progress_.step + 1, steps_ + 1, options_.warmup);
    for (auto& group : optimizer_.param_groups())
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
    optimizer_.zero_grad();
    const TokenBatch tokens = collator_.tokens(prepared_.training, batch, options_.crop, seed);
    const torch::Tensor loss =
        loss_of(model_.logits(tokens, true),
                collator_.targets(prepared_.training, batch, prepared_.present), loss_);
    loss.backward();
    const double norm = clip();
    const auto value = loss.item<double>();
    check_finite(value, norm);
    optimizer_.step();
    ++progress_.step;
    progress_.mean_loss =
        progress_.step == 1 ? value : kLossMemory * progress_.mean_loss + (1 - kLossMemory) * value;
    progress_.seconds += seconds_since(begin);
    report(value, norm, rate, static_cast<double>(tokens.mask.sum().item<std::int64_t>()), begin);
  }

  double clip() {
    std::vector<torch::Tensor> trained;
    for (auto& [name, tensor] : model_.parameters())
      if (tensor.grad().defined()) trained.push_back(tensor);
    const double limit =
        options_.clip > 0 ? options_.clip : std::numeric_limits<double>::infinity();
    return torch::nn::utils::clip_grad_norm_(trained, limit);
  }

  void check_finite(double loss, double norm) const {
    if (std::isfinite(loss) && std::isfinite(norm)) return;
    throw Error(ErrorCode::kInternal,
                "the loss or its gradient is not a number at step " +
                    std::to_string(progress_.step + 1) +
                    "; try a lower --learning-rate, a longer --warmup, or --precision fp32; the "
                    "last checkpoint is kept");
  }

  void report(double loss, double norm, double rate, double tokens, Clock::time_point begin) {
    const double speed = tokens / std::max(1e-9, seconds_since(begin));
    speed_ = speed_ == 0 ? speed : 0.95 * speed_ + 0.05 * speed;
    const double epoch_begin = epoch_ == 0 ? 0 : static_cast<double>(epoch_ends_[epoch_ - 1]);
    const double epoch =
        static_cast<double>(epoch_) +
        (static_cast<double>(progress_.step) - epoch_begin) / static_cast<double>(batches_.size());
    const double left = progress_.seconds / static_cast<double>(progress_.step) *
                        static_cast<double>(steps_ - progress_.step);
    observer_.step({progress_.step, steps_, epoch, progress_.mean_loss, rate, speed_, left});
    if (progress_.step % options_.log_steps == 0 || progress_.step == steps_)
      log_->write({{"event", "step"},
                   {"step", progress_.step},
                   {"epoch", epoch},
                   {"loss", loss},
                   {"mean_loss", progress_.mean_loss},
                   {"gradient_norm", norm},
                   {"learning_rate", rate}});
  }

  bool due_for_validation() const {
    const std::int64_t step = progress_.step;
    if (prepared_.valid.empty() || step == progress_.validated_step) return false;
    if (step == steps_) return true;
    if (options_.eval_steps > 0) return step % options_.eval_steps == 0;
    return std::find(epoch_ends_.begin(), epoch_ends_.end(), step) != epoch_ends_.end();
  }

  void validate_now() {
    const Figures figures = validate(model_, prepared_.valid, plan_, collator_, loss_,
                                     [&] { return observer_.wants_stop(); });
    if (figures.empty()) return;  // interrupted
    if (!figures.contains(figure_))
      throw Error(ErrorCode::kInvalidArgument, "--best-by " + figure_ + " is not for this task");
    const bool best = progress_.best.empty() ||
                      is_better(figure_, figures.at(figure_), progress_.best.at(figure_));
    progress_.validated_step = progress_.step;
    progress_.worse_in_a_row = best ? 0 : progress_.worse_in_a_row + 1;
    if (best) {
      progress_.best = figures;
      progress_.best_step = progress_.step;
      checkpoints_.save_best(model_);
    }
    log_->write(
        {{"event", "validation"}, {"step", progress_.step}, {"figures", figures}, {"best", best}});
    observer_.validated(progress_.step, figures, best);
    save();
  }

  bool out_of_patience() const {
    return options_.patience > 0 && progress_.worse_in_a_row >= options_.patience;
  }

  void save() {
    progress_.log_bytes = log_->size();
    checkpoints_.save(progress_.to_json(), model_, optimizer_);
    saved_at_ = Clock::now();
  }

  TrainResult finish() {
    checkpoints_.load_best(model_);
    std::map<std::string, torch::Tensor, std::less<>> kept;
    std::map<std::string, Tensor, std::less<>> tensors;
    for (const auto& [name, parameter] : model_.parameters()) {
      const torch::Tensor values = parameter.detach().to(torch::kCPU).contiguous();
      kept.emplace(name, values);
      tensors[name] = {DType::kF32, values.sizes().vec(),
                       std::as_bytes(std::span(values.data_ptr<float>(),
                                               static_cast<std::size_t>(values.numel())))};
    }
    export_hf_directory(prepared_.base.file, *prepared_.base.architecture, tensors,
                        options_.output);
    log_->write({{"event", "end"},
                 {"step", progress_.step},
                 {"best_step", progress_.best_step},
                 {"figures", progress_.best}});
    log_->finish();
    checkpoints_.remove();
    return {false, progress_.step, progress_.best_step, progress_.best, prepared_.labels};
  }

  const TrainOptions& options_;
  Observer& observer_;
  Checkpoints checkpoints_;
  Prepared prepared_;
  TrainableModel model_;
  torch::optim::AdamW optimizer_;
  std::size_t max_tokens_;
  Collator collator_;
  std::string figure_;
  BatchPlan plan_;
  LossOptions loss_;
  std::int64_t steps_ = 0;
  std::vector<std::int64_t> epoch_ends_;  // steps done when each epoch ends
  std::vector<Batch> batches_;            // of epoch_
  std::uint64_t epoch_ = 0;
  Progress progress_;
  std::unique_ptr<TrainingLog> log_;
  double speed_ = 0;
  Clock::time_point saved_at_;
};

void check_output(const TrainOptions& options) {
  const fs::path& output = options.output;
  if (options.force) return;
  if (Checkpoints(output).exists() && !options.resume)
    throw Error(
        ErrorCode::kInvalidArgument,
        output.string() + ": an interrupted run is there; --resume goes on, --force starts again");
  if (fs::exists(output / "config.json"))
    throw Error(ErrorCode::kInvalidArgument,
                output.string() + ": a model is there already; --force replaces it");
}

bool is_about_memory(const std::string& text) {
  return text.find("memory") != std::string::npos || text.find("alloc") != std::string::npos;
}

[[noreturn]] void fail_without_memory() {
  throw Error(
      ErrorCode::kInternal,
      "memory ran out; use a smaller --batch-tokens or --max-tokens; the last checkpoint is "
      "kept, but it can be resumed with the same options only");
}

}  // namespace

TrainResult train(const TrainOptions& options, Observer& observer) {
  check_output(options);
  at::set_num_threads(
      static_cast<int>(options.threads == 0 ? available_processors() : options.threads));
  if (device_of(options).is_cuda()) keep_order_of_sums();
  try {
    return Run(options, observer).run();
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    if (is_about_memory(text)) fail_without_memory();
    throw Error(ErrorCode::kInternal, "libtorch: " + text);
  }
}

}  // namespace valence::train

#include "serve/scheduler.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "serve/models.h"
#include "serve/models_fixture.h"

namespace valence::serve {
namespace {

// A scheduler with a small model, and jobs that note the order in which they end.
class Bench {
 public:
  explicit Bench(const SchedulerLimits& limits = {}, std::size_t threads = 1,
                 const char* name = "bert")
      : pool_(threads + 1), scheduler(pool_, limits, metrics) {
    model = models_.load({"m", fixture(name)});
  }

  JobPtr job(const std::vector<std::string>& texts, bool bulk = false) {
    auto made = std::make_shared<Job>();
    made->model = model;
    made->bulk = bulk;
    made->texts.reserve(texts.size());
    for (const std::string& text : texts) made->texts.push_back(model->steps.prepare(text, {}));
    const std::size_t number = count_++;
    made->done = [this, number] {
      const std::lock_guard lock(mutex_);
      order_.push_back(number);
      changed_.notify_all();
    };
    return made;
  }

  // The numbers of the jobs in the order they ended, once there are `count`.
  std::vector<std::size_t> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return order_.size() >= count; });
    return order_;
  }

  // Keeps the pool's one thread busy until the returned function is called.
  std::function<void()> block() {
    const auto release = std::make_shared<std::atomic<bool>>(false);
    const auto begun = std::make_shared<std::atomic<bool>>(false);
    pool_.post([release, begun] {
      *begun = true;
      begun->notify_all();
      release->wait(false);
    });
    begun->wait(false);
    return [release] {
      *release = true;
      release->notify_all();
    };
  }

  Metrics metrics;
  ModelPtr model;

 private:
  Models models_{open_fixture, {}};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> order_;
  std::size_t count_ = 0;
  ThreadPool pool_;

 public:
  Scheduler scheduler;
};

std::string text_of_words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "good ";
  return text;
}

TEST_CASE("what is computed is what the steps give alone") {
  Bench bench({}, 2);
  std::vector<JobPtr> jobs;
  jobs.reserve(20);
  const std::vector<std::string> texts{"a good film", "bad", text_of_words(100), ""};
  for (int i = 0; i < 20; ++i) {
    jobs.push_back(bench.job(texts));
    REQUIRE(bench.scheduler.submit(jobs.back()));
  }
  bench.wait_for(20);
  const Steps& steps = bench.model->steps;
  for (const JobPtr& job : jobs)
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const PreparedText& text = job->texts[i];
      const std::span<float> rows = job->rows_of(i);
      for (std::size_t window = 0; window < text.plan.windows.size(); ++window) {
        std::vector<float> alone(steps.width());
        const Sequence sequence{&text, window, alone.data()};
        steps.run(std::span(&sequence, 1), nullptr);
        for (std::size_t c = 0; c < steps.width(); ++c)
          CHECK(std::abs(alone[c] - rows[window * steps.width() + c]) <= 1e-5F);
      }
    }
  CHECK(bench.scheduler.waiting_windows() == 0);
  CHECK(bench.scheduler.waiting_tokens() == 0);
}

TEST_CASE("short texts overtake long ones, and long ones are not forgotten") {
  SchedulerLimits limits;
  limits.batch_tokens = 64;
  for (const char* model : {"bert", "bert-wide"}) {
    Bench bench(limits, 1, model);
    const auto release = bench.block();
    REQUIRE(bench.scheduler.submit(bench.job({text_of_words(2000)})));
    for (int i = 0; i < 5; ++i) REQUIRE(bench.scheduler.submit(bench.job({"good"})));
    release();
    CHECK(bench.wait_for(6).back() == 0);
  }
}

TEST_CASE("bulk comes after what is asked for meanwhile") {
  SchedulerLimits limits;
  limits.batch_tokens = 1;  // every text is a batch
  Bench bench(limits);
  const auto release = bench.block();
  REQUIRE(bench.scheduler.submit(bench.job({"bad"}, true)));
  REQUIRE(bench.scheduler.submit(bench.job({"good"})));
  release();
  CHECK(bench.wait_for(2) == std::vector<std::size_t>{1, 0});
}

TEST_CASE("a full queue refuses at once, except bulk, and except where nothing waits") {
  SchedulerLimits limits;
  limits.queue_texts = 3;
  Bench bench(limits);
  const auto release = bench.block();
  REQUIRE(bench.scheduler.submit(bench.job({"a", "b", "c", "d", "e"})));
  const JobPtr refused = bench.job({"f"});
  CHECK_FALSE(bench.scheduler.submit(refused));
  CHECK(bench.scheduler.submit(bench.job({"g"}, true)));
  CHECK(bench.scheduler.waiting_windows() == 6);
  release();
  bench.wait_for(2);
  CHECK(bench.scheduler.submit(bench.job({"h"})));
  bench.wait_for(3);
}

TEST_CASE("a job whose time is up is not computed") {
  Bench bench;
  const auto release = bench.block();
  const JobPtr late = bench.job({"a", text_of_words(200)});
  late->deadline = Clock::now() - std::chrono::seconds(1);
  const JobPtr good = bench.job({"b"});
  REQUIRE(bench.scheduler.submit(late));
  REQUIRE(bench.scheduler.submit(good));
  release();
  bench.wait_for(2);
  CHECK(late->state == Job::State::kExpired);
  CHECK(good->state == Job::State::kDone);
}

TEST_CASE("a job without windows ends at once") {
  Bench bench;
  REQUIRE(bench.scheduler.submit(bench.job({})));
  CHECK(bench.wait_for(1) == std::vector<std::size_t>{0});
}

TEST_CASE("a scheduler that stops drops what waits, and takes nothing more") {
  Bench bench;
  const auto release = bench.block();
  JobPtr waiting = bench.job({"a"});
  waiting->done = [waiting] {};  // as a request does, which holds its job and is held by it
  const std::weak_ptr<Job> watched = waiting;
  REQUIRE(bench.scheduler.submit(waiting));
  waiting.reset();
  std::thread stopper([&] { bench.scheduler.stop(); });
  while (bench.scheduler.waiting_windows() > 0) std::this_thread::yield();
  release();
  stopper.join();
  CHECK(watched.expired());
  CHECK_FALSE(bench.scheduler.submit(bench.job({"b"})));
}

TEST_CASE("many threads submit at once") {
  Bench bench({}, 3);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&bench, t] {
      for (int i = 0; i < 50; ++i) {
        auto job = std::make_shared<Job>();
        job->model = bench.model;
        job->texts.push_back(bench.model->steps.prepare(text_of_words(1 + (i * t) % 90), {}));
        const auto ended = std::make_shared<std::atomic<bool>>(false);
        job->done = [ended] {
          *ended = true;
          ended->notify_all();
        };
        REQUIRE(bench.scheduler.submit(job));
        ended->wait(false);
        REQUIRE(job->state == Job::State::kDone);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(bench.scheduler.waiting_tokens() == 0);
}

}  // namespace
}  // namespace valence::serve

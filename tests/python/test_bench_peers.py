"""The bench of peers: turns, agreement, failures, resuming, tables and plots; the peers here are our own engine."""
import json
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/peers"), str(ROOT / "bench")]

import figures  # noqa: E402
import install  # noqa: E402
import loads  # noqa: E402
import plan  # noqa: E402
import plots  # noqa: E402
import readme  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402
from engines.batched import BatchedEngine, cut  # noqa: E402
from field import Field  # noqa: E402
from measure import Bench  # noqa: E402
from process import Worker, WorkerError  # noqa: E402
from store import Store  # noqa: E402

ENGINE = ROOT / "build/bench/engine_worker"
FIXTURE = ROOT / "tests/fixtures/models/bert"
FAKE = pathlib.Path(__file__).with_name("fake_peer.py")
TEXTS = [f"number {i} is {'good' if i % 3 else 'not so good, all things considered'}" for i in range(24)]


@pytest.fixture(name="engine", scope="session")
def _engine():
    assert ENGINE.exists(), "build first: ./dev build, with VALENCE_BENCH"
    return ENGINE


def fake(log, name, what="", precision="int8", **more):
    command = (sys.executable, FAKE, ENGINE, log, name, what)
    return plan.Contender(name, f"The {name}", command, precision, {"": "model"}, **more)


class Track:
    """A bench over a small model in a folder of its own."""

    def __init__(self, folder):
        self.folder, self.log, self.said = folder, folder / "log", []
        self.model = plan.Model("tiny", "Tiny, a fixture", 64, {"sst2": 24, "imdb": 24}, rounds=3, arrival_rounds=2,
                                singles=5, agreement=())
        self.ours = [plan.Contender(f"valence-{precision}", f"Valence {precision}", (ENGINE,), precision, {"": "model"},
                                    ours=True, tuned=False) for precision in ("int8", "fp32")]
        file = loads.Texts(None, folder / "texts")
        names = ("sst2", "imdb", "sst2-part", "imdb-part", "singles", "few", "one", "sixteen", "agreement")
        self.texts = {name: file.write(name, TEXTS[:1] if name == "one" else TEXTS) for name in names}

    def bench(self, *peers):
        self.contenders = [*self.ours, *peers]
        self.store = Store(self.folder / "store.json", "a run")
        settings = {"threads": 1, "processors": [0], "log": self.folder / "logs", "hf": FIXTURE}
        return Bench(self.model, self.contenders, lambda *_: FIXTURE, self.texts, self.store, settings,
                     self.said.append)

    def requests(self, **wanted):
        lines = map(json.loads, self.log.read_text().splitlines()) if self.log.exists() else ()
        return [line for line in lines if wanted.items() <= line.items()]

    def content(self):
        """As it is kept in bench/results."""
        self.store.put("begun", {"load_average": 0.5})
        self.store.put("tiny/tokens", {load: {"texts": 24, "tokens": 240} for load in self.model.loads})
        sizes = {one.key: {"bytes": 5_000_000, "cuda_bytes": 0} for one in self.contenders}
        found = report.gather([self.model], self.contenders, {"absent": "could not be installed"}, self.store.results, sizes)
        machine = {"cpu": "A processor", "architecture": "x86_64", "processors": 2, "threads_used": 1}
        return json.loads(json.dumps({"machine": machine, "date": "2026-01-02", "commit": "abc", **found}))


@pytest.fixture(name="track")
def _track(tmp_path, engine):
    del engine
    return Track(tmp_path)


def test_percentiles_are_values_that_were_measured():
    assert figures.percentile(range(1, 101), 0.5) == 50
    assert figures.percentile(range(1, 101), 0.99) == 99
    assert figures.percentile([3.0], 0.99) == 3.0
    assert figures.spread([3, 1, 2]) == {"median": 2, "least": 1, "most": 3}


def test_agreement_of_answers():
    ours = [[0.7, 0.3], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]]
    peers = [[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [0.2, 0.8]]
    assert figures.same_labels(ours, peers) == 0.75
    assert figures.largest_difference(ours, peers) == pytest.approx(0.2)
    with pytest.raises(ValueError):
        figures.same_labels(ours, peers[:3])
    assert figures.largest_difference(ours, [*peers[:3], [float("nan"), 0.8]]) == float("inf")


def test_batches_keep_to_their_budget():
    rows = [[0] * length for length in (3, 9, 4, 1, 7, 7, 2, 30)]
    batches = cut(rows, {"order": "length", "tokens": 16})
    assert sorted(i for batch in batches for i in batch) == list(range(8))
    assert batches[0] == [7]  # alone, longer than the budget
    assert all(len(batch) * max(len(rows[i]) for i in batch) <= 16 for batch in batches[1:])
    assert cut(rows, {"order": "arrival", "texts": 3}) == [[0, 1, 2], [3, 4, 5], [6, 7]]


@pytest.mark.parametrize("layout", plan.LAYOUTS)
def test_answers_come_in_the_order_of_the_texts(layout):
    numpy = pytest.importorskip("numpy")

    class Lengths(BatchedEngine):
        def open_tokenizer(self):
            self.opened = []

        def tokenize(self, texts):
            return [list(text.encode()) for text in texts]

        def open_session(self, threads):
            self.opened.append(threads)
            return threads

        def logits(self, session, rows):
            return numpy.array([[len(row), 0.0] for row in rows])

    engine = Lengths({"model": "", "precision": "", "threads": 2, "folder": "", "window": 9})
    texts = ["x" * (i * 7 % 5) for i in range(1, 40)]
    scores = engine.run(texts, {"order": "length", "tokens": 8, "layout": layout})
    assert [round(float(numpy.log(a / b))) for a, b in scores] == [len(text) for text in texts]
    assert engine.opened == ([2] if layout == "split" else [1, 1])


def test_contenders_take_turns(track):
    peers = [fake(track.log, name) for name in "ABC"]
    settings = {"do": "load", "model": str(FIXTURE), "precision": "fp32", "threads": 1}

    def start(contender):
        worker = Worker(contender.command, track.folder / "log-of-workers", [0])
        worker.ask(settings)
        return worker

    field = Field(peers, start, {})
    found = field.in_turns(3, lambda one: field.worker(one).ask({"do": "stream", "texts": track.texts["sst2"]})["seconds"])
    states = [pathlib.Path(f"/proc/{worker.process.pid}/stat").read_text().split()[2] for worker in field.workers.values()]
    field.close_all()
    assert "".join(line["name"] for line in track.requests(do="stream")) == "ABC" "BCA" "CAB"
    assert {key: len(seconds) for key, seconds in found.items()} == {"A": 3, "B": 3, "C": 3}
    assert states == ["T"] * 3  # nobody works, or spins, out of turn


def test_a_whole_run(track):
    bench = track.bench(fake(track.log, "exact", precision="fp32"), fake(track.log, "rough", "off=0.004"))
    assert bench.run()
    content = track.content()
    tiny = content["models"]["tiny"]
    assert tiny["failures"] == {}
    for load in ("sst2", "imdb"):
        for key in ("valence-int8", "valence-fp32", "exact", "rough"):
            assert len(tiny["loads"][load]["best"][key]["seconds"]) == 3
            assert all(seconds > 0 for seconds in tiny["loads"][load]["best"][key]["seconds"])
    assert set(tiny["loads"]["sst2"]["arrival"]) == {"exact", "rough"}
    assert tiny["starts"]["exact"][0]["first_answer"] > 0 and tiny["starts"]["exact"][0]["peak_bytes"] > 1e6
    assert tiny["agreement"]["exact"]["variants"][""] == {"largest_difference": 0, "same_labels": 1}
    assert 0 < tiny["agreement"]["rough"]["variants"][""]["largest_difference"] < 0.2
    assert tiny["choices"]["rough"]["tokens"]["sst2"] in plan.BUDGETS

    text = report.markdown(content)
    assert "**Valence int8**" in text and "The rough" in text and "absent: could not be installed" in text
    assert "the fastest peer, each in its best setting" in report.summary(content)
    plots.draw(content, track.folder / "peers")
    for name in ("throughput", "latency"):
        drawn = xml.etree.ElementTree.parse(track.folder / f"peers-tiny-{name}.svg").getroot()
        words = " ".join(drawn.itertext())
        assert "Valence int8" in words and "The exact" in words and "Tiny" in words


def test_ratios_are_ours_over_the_fastest_peers(track):
    track.bench(fake(track.log, "slow"), fake(track.log, "fast"), fake(track.log, "linear", other_class=True)).run()
    content = track.content()
    tiny = content["models"]["tiny"]
    for key, seconds in (("valence-int8", 1.0), ("slow", 4.0), ("fast", 2.0), ("linear", 0.1)):
        for entry in tiny["loads"].values():
            entry["best"][key]["texts_per_second"] = figures.spread([24 / seconds])
            entry["arrival"][key] = {"texts_per_second": figures.spread([24 / (1.5 * seconds)])}
        tiny["singles"]["sixteen"]["best"][key] = [{"p50": seconds, "p99": seconds, "mean": seconds}]
    tiny["agreement"]["fast"]["variants"][""]["same_labels"] = 0.98
    best, arrival, faithful = report.ratios(content, tiny, "imdb")
    assert faithful[1:] == (pytest.approx(4), "The slow")
    assert best == ("the fastest peer, each in its best setting", pytest.approx(2), "The fast")
    assert arrival[1:] == (pytest.approx(3), "The fast")
    tiny["loads"]["imdb"]["arrival"]["slow"]["texts_per_second"] = figures.spread([24])
    assert report.ratios(content, tiny, "imdb")[0][1:] == (pytest.approx(1), "The slow")
    assert report.single_ratio(content, tiny) == (2, "The fast")


def test_a_peer_that_disagrees_is_not_timed(track):
    bench = track.bench(fake(track.log, "wrong", "off=0.01", precision="fp32"), fake(track.log, "right", precision="fp32"))
    assert not bench.run()
    tiny = track.content()["models"]["tiny"]
    assert "differ from ours by 0.01" in tiny["failures"]["wrong"]
    assert "wrong" not in tiny["loads"]["sst2"]["best"] and "right" in tiny["loads"]["sst2"]["best"]
    assert track.requests(name="wrong", do="stream") == []
    assert "differ from ours by 0.01" in report.markdown(track.content())


def test_a_peer_that_ends_does_not_end_the_others(track):
    bench = track.bench(fake(track.log, "mortal", "dies=single"), fake(track.log, "lasting"))
    assert bench.run()
    tiny = track.content()["models"]["tiny"]
    assert "out of luck" in tiny["failures"]["mortal"]
    assert "lasting" in tiny["singles"]["sixteen"]["best"] and "mortal" not in tiny["singles"]["sixteen"]["best"]


def test_a_peer_that_hangs_is_stopped(track):
    worker = Worker(fake(track.log, "slow", "hangs=load").command, track.folder / "log-of-workers", [0])
    with pytest.raises(WorkerError, match="took too long"):
        worker.ask({"do": "load"}, timeout=0.5)
    assert worker.process.returncode is not None


def test_no_worker_outlives_the_bench(track):
    script = ("import sys; sys.path.insert(0, sys.argv[1]); from process import Worker; import os\n"
              "worker = Worker((sys.argv[2],), sys.argv[3], [0])\n"
              "worker.ask({'do': 'load', 'model': sys.argv[4], 'precision': 'fp32', 'threads': 1})\n"
              "print(worker.process.pid, flush=True); os.kill(os.getpid(), 9)")
    done = subprocess.run([sys.executable, "-c", script, ROOT / "bench/peers", ENGINE, track.folder / "log-of-workers",
                           FIXTURE], capture_output=True, text=True, check=False)
    status = pathlib.Path(f"/proc/{int(done.stdout)}/stat")
    for _ in range(100):
        if not status.exists() or status.read_text().split()[2] == "Z":
            break
        time.sleep(0.05)
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_an_error_is_one_sentence(track):
    worker = Worker((ENGINE,), track.folder / "log-of-workers", [0])
    with pytest.raises(WorkerError, match="nowhere"):
        worker.ask({"do": "load", "model": "nowhere", "precision": "fp32", "threads": 1})
    with pytest.raises(WorkerError, match="unknown precision 'int7'"):
        worker.ask({"do": "load", "model": str(FIXTURE), "precision": "int7", "threads": 1})
    worker.close()


def test_a_run_that_was_cut_off_goes_on(track):
    peers = [fake(track.log, "A"), fake(track.log, "B", precision="fp32")]
    track.bench(*peers).run()
    first = json.dumps(track.store.results["tiny/streams/sst2"])
    del track.store.results["tiny/starts"]
    track.store.put("tiny/singles", track.store.results["tiny/singles"])
    asked = len(track.requests(do="stream"))
    track.bench(*peers).run()
    assert json.dumps(track.store.results["tiny/streams/sst2"]) == first
    assert len(track.requests(do="stream")) == asked + 2 * plan.COLD_STARTS  # only those of the starts
    assert Store(track.folder / "store.json", "another run").results == {}


def test_variants_that_answer_like_us_are_preferred():
    trusted = Bench._trusted  # pylint: disable=protected-access
    assert trusted({"near": {"same_labels": 0.99}, "far": {"same_labels": 0.9}}) == ["near"]
    assert trusted({"near": {"same_labels": 0.99}, "enough": {"same_labels": 0.972}}) == ["near", "enough"]
    assert trusted({"far": {"same_labels": 0.9}, "alike": {"same_labels": 0.895}}) == ["far", "alike"]
    assert trusted({"far": {"same_labels": 0.9}, "farther": {"same_labels": 0.8}}) == ["far"]


def test_every_peer_has_an_engine_and_pinned_packages():
    for contender in plan.CONTENDERS:
        if not contender.ours:
            assert (ROOT / f"bench/peers/engines/{contender.command[2]}.py").exists()
            pins = install.pins(contender.requirements)
            assert pins and all(pin.count("==") == 1 for pin in pins)
    assert set(plan.QUICK_CONTENDERS) <= {contender.key for contender in plan.CONTENDERS}


def test_a_peer_that_cannot_be_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "VENV", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").write_text("#!/bin/sh\necho 'ERROR: not to be had' >&2; exit 1\n")
    (tmp_path / "bin/python").chmod(0o755)
    monkeypatch.setattr(sys, "argv", ["install.py", "openvino"])
    install.main()
    failed = json.loads((tmp_path / "failed.json").read_text())
    assert failed == {"openvino": "could not be installed: ERROR: not to be had"}
    options = run.options_from(["--data", "x", "--tokenizers", "y"])
    contenders, missing = run.contenders_for(options, failed)
    assert {"openvino-int8", "openvino-fp32"} <= set(missing) and "openvino-int8" not in [one.key for one in contenders]


def test_the_mix_is_the_same_in_every_run(data):
    texts = loads.Texts(data, None)
    first, second = texts.load("mix", (5, 6, 2)), loads.Texts(data, None).load("mix", (5, 6, 2))
    assert first == second and len(first) == 13
    assert len(texts.load("sst2", 872)) == 872


def test_the_readme_shows_the_newest_result():
    wanted, found = readme.wanted_and_found()
    assert wanted == found, "python3 bench/peers/readme.py writes it anew"


def test_a_model_exported_for_the_peers_is_the_same(tmp_path, engine, valence):
    source = ROOT / "tests/fixtures/converted/roberta-f32.gguf"
    subprocess.run([engine.with_name("export_hf"), source, tmp_path / "hf"], check=True)
    texts = "A fine day.\nNot so fine\n"
    first, second = (valence("classify", "--json", "--all-scores", "--model", model, input=texts)
                     for model in (source, tmp_path / "hf"))
    assert first.returncode == 0 and first.stdout == second.stdout

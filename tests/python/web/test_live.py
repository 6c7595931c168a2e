"""Live: answers are kept in a store; requests never wait for it; the page shows what it holds."""
import csv
import io
import resource
import signal
import sqlite3
import time

import pytest

from conftest import PHONE

GOOD = "A joy to use, thank you."
BAD = "It crashes every hour, terrible."


def wait_for(condition, seconds=20):
    last = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < last, "in vain"
        time.sleep(0.1)
    return found


def state(server):
    return server.ask("/ui/live").json()


def ask_for(server, *texts):
    answer = server.ask("/predict", {"inputs": [[text] for text in texts]})
    assert answer.status == 200
    return answer.json()


@pytest.fixture
def kept(start_server, tmp_path):
    """A server that has answered some texts and keeps them."""
    server = start_server("--store", tmp_path / "results.db", "--store-texts")
    ask_for(server, GOOD, BAD, "Delivery came on Tuesday.", "Not bad, not good.")
    wait_for(lambda: state(server)["rows"] == 4)
    return server


def test_the_store_holds_what_was_answered(kept, tmp_path):
    truth = ask_for(kept, GOOD)[0]
    wait_for(lambda: state(kept)["rows"] == 5)
    with sqlite3.connect(tmp_path / "results.db") as store:
        rows = store.execute("SELECT label, score, model, text, source FROM results ORDER BY id").fetchall()
    best = max(truth, key=lambda entry: entry["score"])
    assert rows[4][0] == best["label"] and rows[4][1] == pytest.approx(best["score"], abs=1e-6)
    assert rows[4][2:] == ("valence", GOOD, "/predict")


def test_texts_are_kept_only_where_they_are_asked_for(start_server, tmp_path):
    server = start_server("--store", tmp_path / "results.db")
    ask_for(server, "secret words")
    wait_for(lambda: state(server)["rows"] == 1)
    assert server.end() == 0
    assert not any(b"secret words" in path.read_bytes() for path in tmp_path.iterdir())


def test_all_protocols_and_batches_are_kept_and_explanations_are_not(kept):
    kept.ask("/classify", {"model": "valence", "input": [GOOD]})
    kept.ask("/batch?text_column=text", b"text\n" + f'"{GOOD}"\n"{BAD}"\n'.encode(),
             headers={"Content-Type": "text/csv"})
    kept.ask("/ui/explain", {"text": GOOD})
    wait_for(lambda: state(kept)["rows"] == 7)
    sources = [row["source"] for row in kept.ask("/ui/live/rows").json()["rows"]]
    assert sources == ["/batch", "/batch", "/classify"] + ["/predict"] * 4


def test_lists_and_filters(kept):
    def texts(query):
        return [row["text"] for row in kept.ask(f"/ui/live/rows?{query}").json()["rows"]]

    polarity = {row["text"]: row["polarity"] for row in kept.ask("/ui/live/rows").json()["rows"]}
    for text, found in polarity.items():
        truth = {entry["label"]: entry["score"] for entry in kept.ask("/predict", {"inputs": text}).json()}
        assert found == pytest.approx(truth["POSITIVE"] - truth["NEGATIVE"], abs=1e-6)
    wait_for(lambda: state(kept)["rows"] == 8)
    assert set(texts("list=negative")) == {text for text, found in polarity.items() if found < -0.4}
    assert BAD in texts("list=negative") and GOOD not in texts("list=negative")
    assert texts("label=POSITIVE")[-1] == GOOD
    assert texts("model=other") == [] and len(texts("model=valence")) == 8
    assert len(texts("limit=1")) == 1
    low = kept.ask("/ui/live/rows?list=low").json()["rows"]
    assert all(row["score"] < state(kept)["low_score"] for row in low)
    for query in ("list=other", "limit=0", "limit=x", "limit=501", "none=1"):
        assert kept.ask(f"/ui/live/rows?{query}").status == 422


def test_the_export_is_a_table_of_all(kept):
    answer = kept.ask("/ui/live/export")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert answer.headers["Content-Type"] == "text/csv"
    assert [row["text"] for row in rows] == [GOOD, BAD, "Delivery came on Tuesday.", "Not bad, not good."]
    for row in rows:
        assert float(row["polarity"]) == pytest.approx(
            float(row["score_POSITIVE"]) - float(row["score_NEGATIVE"]), abs=2e-6)
    some = kept.ask("/ui/live/export?label=NEGATIVE").body.decode()
    assert BAD in some and GOOD not in some


def test_without_a_store_nothing_is_there(start_server, watch):
    server = start_server()
    assert server.ask("/ui/live").status == 404
    assert "--store" in server.ask("/ui/live/rows").json()["error"]
    one = watch(server.url + "/#live")
    one.page.get_by_text("valence serve --store results.db").wait_for()
    one.check_accessible()


def test_a_locked_file_is_a_warning(kept, watch, tmp_path):
    lock = sqlite3.connect(tmp_path / "results.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    for _ in range(20):
        ask_for(kept, GOOD)
    assert time.monotonic() - begin < 10
    told = wait_for(lambda: state(kept)["trouble"])
    assert "locked" in told or "busy" in told
    one = watch(kept.url + "/#live")
    one.page.get_by_text("Answers cannot be written to the store now").wait_for()
    one.check_accessible()
    assert any("cannot be written to the store" in line for line in kept.told)
    lock.execute("ROLLBACK")
    lock.close()
    wait_for(lambda: state(kept)["rows"] == 24)
    assert state(kept)["trouble"] == ""
    one.page.get_by_text("Answers cannot be written").wait_for(state="detached")


def test_a_full_disk_is_a_warning(start_server, tmp_path):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))

    server = start_server("--store", tmp_path / "results.db", "--store-texts", preexec_fn=small_files)
    text = "It works. " * 10_000
    assert server.ask("/predict", {"inputs": [[text]] * 3, "truncate": True}).status == 200
    told = wait_for(lambda: state(server)["trouble"])
    assert "full" in told or "I/O" in told or "disk" in told
    assert ask_for(server, GOOD)
    assert server.metric("valence_store_failures_total") > 0
    assert server.end() == 0


def test_a_bad_file_is_refused_at_the_start(tmp_path):
    import subprocess

    from running_server import ROOT
    (tmp_path / "notes.db").write_text("This is no database, it only looks like one by its name. " * 100)
    for path in (tmp_path / "notes.db", tmp_path / "no" / "such.db", tmp_path):
        done = subprocess.run([ROOT / "build/valence", "serve", "--port", "0", "--store", path],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in (3, 4, 5) and str(path) in done.stderr, done.stderr


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["wide", "dark", "phone"])
def test_the_page_shows_it(kept, watch, options):
    one = watch(kept.url + "/#live", **options)
    page = one.page
    page.get_by_role("heading", name="Negative of late").wait_for()
    page.get_by_role("cell", name=BAD).wait_for()
    page.get_by_role("slider").first.wait_for()
    one.check_accessible()
    one.check_fits()
    page.get_by_label("Label", exact=True).select_option("POSITIVE")
    page.get_by_role("cell", name=BAD).wait_for(state="detached")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(open(download.value.path(), encoding="utf-8")))
    assert GOOD in [row["text"] for row in rows] and {row["label"] for row in rows} == {"POSITIVE"}
    assert {url for url in one.requests if not url.startswith((kept.url + "/", "blob:" + kept.url))} == set()


def test_new_answers_come_by_themselves(kept, watch):
    page = watch(kept.url + "/#live").page
    page.get_by_text("4 answers kept").wait_for()
    ask_for(kept, BAD + " Again!")
    page.get_by_text("5 answers kept").wait_for()
    page.get_by_role("cell", name=BAD + " Again!").wait_for()

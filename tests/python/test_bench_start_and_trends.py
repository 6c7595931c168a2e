"""The benches of starts, streams and trends: they run to their end, and what they measure over is what it claims to be."""
import json
import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import made_rows  # noqa: E402
import measured  # noqa: E402

ROWS = 6000


def run(script, folder, *options):
    """-> the one record that the script left."""
    done = subprocess.run([sys.executable, BENCH / script, "--results", folder, *map(str, options)], capture_output=True,
                          text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob(f"{script.partition('_')[0]}-*.json")
    (record,) = json.loads(file.read_text()).values()
    assert {"machine", "date", "commit"} < set(record)
    return record


def numbers(value):
    """All those in a record, however deep."""
    if isinstance(value, dict):
        return [number for member in value.values() for number in numbers(member)]
    if isinstance(value, list):
        return [number for member in value for number in numbers(member)]
    return [value]


@pytest.fixture(name="trends", scope="module")
def _trends(program, tmp_path_factory):
    """A run over few rows: its record, and the folder with the rows."""
    assert program.exists()
    folder = tmp_path_factory.mktemp("data")
    return run("trends_bench.py", tmp_path_factory.mktemp("results"), "--rows", ROWS, "--rounds", 1, "--data", folder), folder


def test_starts_and_streams(program, tmp_path):
    found = run("start_bench.py", tmp_path, "--processes", 2, "--rows", 20, 60)
    assert found["program_bytes"] == program.stat().st_size > found["model_bytes"] > 0
    assert found["start"]["processes"] == 2 and 0 < found["start"]["least_ms"] <= found["start"]["median_ms"]
    assert [entry["rows"] for entry in found["streams"]] == [20, 60]
    for entry in [found["start"], *found["streams"]]:
        assert entry["most_bytes"] > 5e6 and min(numbers(entry)) > 0


def test_trends_and_the_live_page(trends):
    found, _ = trends
    assert found["rows"] == ROWS
    assert set(found["reports"]) == {f"{name}, {kind}" for name in ("month", "week and product") for kind in ("CSV", "SQLite")}
    for name, entry in found["reports"].items():
        assert entry["periods"] == (36 if "month" in name else 157)
        assert min(numbers(entry)) > 0
    assert set(found["live"]["seconds"]) == {"state", "trend by day", "the same, kept", "newest negative rows",
                                             "newest unsure rows"}
    assert min(numbers(found["live"])) > 0


def test_rows_are_kept_for_the_next_run(trends, tmp_path):
    _, folder = trends
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert sorted(pathlib.Path(name).suffix for name in before) == [".csv", ".db"]
    run("trends_bench.py", tmp_path, "--rows", ROWS, "--rounds", 1, "--data", folder)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before


def test_table_and_store_hold_the_same_rows(trends, valence):
    _, folder = trends
    reports = []
    for ending, options in (("csv", ["--time-column", "created"]), ("db", [])):
        (file,) = folder.glob(f"*.{ending}")
        done = valence("trends", file, "--json", "--period", "quarter", "--by", "product", *options)
        assert done.returncode == 0, done.stderr
        reports.append(json.loads(done.stdout))
    table, store = reports
    assert table["rows"]["used"] == ROWS
    assert len(table["groups"]) == 1 + made_rows.PRODUCTS
    assert table["groups"] == store["groups"]
    late = [entry for entry in table["flagged"] if entry["group"] == 0]
    assert made_rows.COMPLAINT in {word["term"] for entry in late for word in entry["words"]["now"]}


def test_rows_are_the_same_every_time():
    once, again = list(made_rows.rows(200)), list(made_rows.rows(200))
    assert once == again
    for row in once:
        assert sum(row.scores.values()) == pytest.approx(1, abs=1e-5)
        assert max(row.scores, key=row.scores.get) == row.label
        assert 3 <= len(row.text.split()) <= 61


def test_memory_is_that_of_the_program_alone(program):
    mine = bytes(300_000_000).replace(b"\0", b"x")  # resident
    seconds, peak = measured.run([program, "version"])
    assert 0 < seconds < 60
    assert 1e6 < peak < len(mine) / 3


def test_a_program_that_fails_ends_the_bench(program):
    with pytest.raises(SystemExit, match="failed with 2.*--no-such-option"):
        measured.run([program, "classify", "--no-such-option"])

#!/usr/bin/env python3
"""trends_bench.py: the time and memory of reports over a million labelled rows, from CSV and from SQLite, and of the
server's live page over the same rows.

The rows are made up (made_rows.py), and kept under build/bench-data for the next run. What was measured goes to
bench/results."""
import argparse
import hashlib
import json
import os
import pathlib
import statistics
import tempfile
import time

import made_rows
import measured
import record
from server import Server

PROGRAM = record.ROOT / "build/valence"
REPORTS = {"month": [], "week and product": ["--period", "week", "--by", "product"]}
# What the page asks for when it is opened, and what the next page that is opened gets.
LIVE = {"state": "/ui/live", "trend by day": "/ui/live/trends?period=day", "the same, kept": "/ui/live/trends?period=day",
        "newest negative rows": "/ui/live/rows?list=negative&limit=25", "newest unsure rows": "/ui/live/rows?list=low&limit=25"}


def kept(path, make):
    """A file that is made once, and is whole or not there."""
    if path.exists():
        return path
    print(f"making {path.name}", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = pathlib.Path(folder, path.name)
        make(part)
        part.replace(path)
    return path


def data(folder, count):
    """The table and the store; other code that makes them gives them other names."""
    digest = hashlib.sha256(pathlib.Path(made_rows.__file__).read_bytes()).hexdigest()[:8]
    name = f"{count}-rows-{digest}"
    return {"CSV": kept(folder / f"{name}.csv", lambda path: made_rows.write_csv(path, count)),
            "SQLite": kept(folder / f"{name}.db", lambda path: made_rows.write_store(path, count, PROGRAM))}


def check(report, count):
    """Less would be measured than is meant where rows or their texts were not read."""
    if report["rows"]["used"] != count or report["options"]["text_column"] != "text":
        raise SystemExit(f"a report is not of {count} rows with texts: {report['rows']}, {report['options']}")


def report_run(source, options, count):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "report.json")
        seconds, peak = measured.run([PROGRAM, "trends", source, "--quiet", "--output", file, *options])
        report = json.loads(file.read_text())
    check(report, count)
    return {"seconds": seconds, "most_bytes": peak, "periods": len(report["periods"]), "flagged": len(report["flagged"])}


def asked(server, path):
    begin = time.perf_counter()
    body = server.ask(path)
    return time.perf_counter() - begin, body


def live_run(store, count):
    """In a server of its own, which has made no report yet."""
    log = store.with_suffix(".log")
    server = Server([PROGRAM, "serve", "--port", "PORT", "--access-log", "off", "--quiet", "--store", store, "--store-texts",
                     "--store-rows", count, "--store-days", 36500], "/health", log)
    try:
        found = {}
        for name, path in LIVE.items():
            found[name], body = asked(server, path)
            if "trend" in name:
                check(json.loads(body), count)
        return {"seconds": found, "most_bytes": server.peak_bytes()}
    finally:
        server.end()
        log.unlink()


def middle(values):
    """The median; of dicts, that of each member."""
    if isinstance(values[0], dict):
        return {name: middle([value[name] for value in values]) for name in values[0]}
    return round(statistics.median(values), 4 if isinstance(values[0], float) else None)


def measure(files, count, rounds):
    """Everything takes its turn in each round."""
    found = {f"{name}, {kind}": [] for kind in files for name in REPORTS}
    live = []
    for _ in range(rounds):
        for kind, file in files.items():
            for name, options in REPORTS.items():
                time_column = ["--time-column", "created"] if kind == "CSV" else []
                found[f"{name}, {kind}"].append(report_run(file, [*time_column, *options], count))
        live.append(live_run(files["SQLite"], count))
    return {"rows": count, "rounds": rounds, "file_bytes": {kind: file.stat().st_size for kind, file in files.items()},
            "reports": {name: middle(runs) for name, runs in found.items()}, "live": middle(live)}


def show(found):
    print(f"{found['rows']:,} rows, medians of {found['rounds']}")
    for name, entry in found["reports"].items():
        print(f"{name:26} {entry['seconds']:7.2f} s   at most {entry['most_bytes'] / 1e6:4.0f} MB   "
              f"{entry['periods']} periods, {entry['flagged']} flagged")
    print(f"the live page{'':37}at most {found['live']['most_bytes'] / 1e6:4.0f} MB")
    for name, seconds in found["live"]["seconds"].items():
        print(f"  {name:24} {seconds:7.3f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=pathlib.Path, default=record.ROOT / "build/bench-data")
    parser.add_argument("--results", type=pathlib.Path, default=record.RESULTS)
    options = parser.parse_args()
    found = measure(data(options.data, options.rows), options.rows, options.rounds)
    show(found)
    record.save("trends", f"{options.rows} rows", os.cpu_count(), found, options.results)


main()

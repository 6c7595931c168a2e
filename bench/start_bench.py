#!/usr/bin/env python3
"""start_bench.py: how long `valence "text"` takes from start to end, and how much memory a stream of rows does.

Each start is a process of its own; the program's file is in the system's cache. What was measured goes to
bench/results."""
import argparse
import os
import pathlib
import statistics
import tempfile

import made_rows
import measured
import record

PROGRAM = record.ROOT / "build/valence"
MODEL = record.ROOT / "models/valence-minilm-3class.q8_0.gguf"  # the one that is built into the program
TEXT = "It just works."


def starts(processes):
    measured.run([PROGRAM, TEXT])  # from here on the file is in the cache
    runs = [measured.run([PROGRAM, TEXT]) for _ in range(processes)]
    seconds, peaks = zip(*runs)
    return {"processes": processes, "median_ms": round(1e3 * statistics.median(seconds), 2),
            "least_ms": round(1e3 * min(seconds), 2), "most_bytes": max(peaks)}


def stream(count):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "in.csv")
        made_rows.write_csv(source, count)
        seconds, peak = measured.run([PROGRAM, "classify", "--quiet", "--input", source, "--output", f"{folder}/out.csv",
                                      "--label-name", "found", "--score-name", "found_score"])
    return {"rows": count, "seconds": round(seconds, 2), "most_bytes": peak}


def megabytes(count):
    return f"{count / 1e6:,.0f} MB"


def show(found):
    start = found["start"]
    print(f"""program {megabytes(found["program_bytes"])}, the model in it {megabytes(found["model_bytes"])}
one text, {start["processes"]} processes: median {start["median_ms"]:.1f} ms, least {start["least_ms"]:.1f} ms, """
          f"""at most {megabytes(start["most_bytes"])}""")
    for entry in found["streams"]:
        print(f"""a stream of {entry["rows"]:,} rows: {entry["seconds"]:.1f} s, at most {megabytes(entry["most_bytes"])}""")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=41)
    parser.add_argument("--rows", type=int, nargs="+", default=[4000, 40000], help="of the streams")
    parser.add_argument("--results", type=pathlib.Path, default=record.RESULTS)
    options = parser.parse_args()
    os.environ.pop("VALENCE_MODEL", None)  # the built-in model is what is measured
    found = {"program_bytes": PROGRAM.stat().st_size, "model_bytes": MODEL.stat().st_size,
             "start": starts(options.processes), "streams": [stream(count) for count in options.rows]}
    show(found)
    record.save("start", TEXT, os.cpu_count(), found, options.results)


main()

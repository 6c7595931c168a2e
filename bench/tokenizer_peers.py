#!/usr/bin/env python3
"""tokenizer_peers.py MODEL [TEXTS...]: our speed beside that of the `tokenizers` wheel, on one core.

MODEL is a Hugging Face folder; TEXTS are labelled CSV files (.gz too) or text files. Both tokenize the
same lines, turn by turn in one run; times are processor time, the wheel's the lesser of its two ways to
be called. Ids must be equal. What was measured goes to bench/results."""
import argparse
import csv
import gzip
import io
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import record

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers  # noqa: E402  reads the variable

from vocabularies import linked, load_wheel  # noqa: E402

PROGRAM = record.ROOT / "build/bench/tokenizer_bench"
MOST_BYTES = 6_000_000  # of each file


def read_lines(path):
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8", "replace")
    if ".csv" in path.suffixes:
        rows = csv.DictReader(io.StringIO(text))
        column = next(name for name in rows.fieldnames if name in ("text", "sentence", "review"))
        lines = [" ".join((row[column] or "").splitlines()) for row in rows]
    else:
        lines = text.split("\n")
    size, kept = 0, []
    for line in lines:
        size += len(line.encode())
        if size > MOST_BYTES:
            break
        kept.append(line)
    return kept


def time_wheel(wheel, lines):
    """Nanoseconds of one pass: one by one, and as batches."""
    start = time.process_time_ns()
    for line in lines:
        wheel.encode(line, add_special_tokens=False)
    single = time.process_time_ns() - start
    start = time.process_time_ns()
    for i in range(0, len(lines), 256):
        wheel.encode_batch(lines[i:i + 256], add_special_tokens=False)
    return single, time.process_time_ns() - start


def ours(model, lines_file, *options):
    done = subprocess.run([PROGRAM, model, lines_file, *options], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def compare(model, wheel, path, rounds):
    lines = read_lines(path)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        ids = [[int(number) for number in row.split()] for row in ours(model, file.name, "--ids").splitlines()]
        wanted = [wheel.encode(line, add_special_tokens=False).ids for line in lines]
        equal = ids == wanted
        tokens = sum(map(len, wanted))
        our_times, first_times, single_times, batch_times = [], [], [], []
        for _ in range(rounds):
            passes = json.loads(ours(model, file.name, "7"))["repeats"]
            first_times.append(passes[0])
            our_times.append(statistics.median(passes[1:]))
            single, batch = time_wheel(wheel, lines)
            single_times.append(single / tokens)
            batch_times.append(batch / tokens)
    our_time, single, batch = map(statistics.median, (our_times, single_times, batch_times))
    return {"texts": path.name, "lines": len(lines), "tokens": tokens, "ids_equal": equal,
            "valence_ns_per_token": round(our_time, 1), "valence_tokens_per_second": round(1e9 / our_time),
            "valence_first_pass_ns_per_token": round(statistics.median(first_times), 1),
            "wheel_encode_ns_per_token": round(single, 1), "wheel_encode_batch_ns_per_token": round(batch, 1),
            "ratio": round(min(single, batch) / our_time, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("texts", type=pathlib.Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as place:
        model = linked(options.model, pathlib.Path(place))
        wheel = load_wheel(model)
        for path in options.texts:
            found.append(compare(model, wheel, path, options.rounds))
            print(json.dumps(found[-1]), flush=True)
    record.save("tokenizer", options.model.name, 1, {"tokenizers": tokenizers.__version__, "results": found})
    if not all(entry["ids_equal"] for entry in found):
        raise SystemExit("the ids differ")


main()

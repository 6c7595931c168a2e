#!/usr/bin/env python3
"""serve_bench.py VOCABULARY TEXTS: the server beside the engine that it serves, a Python server around the
`transformers` pipeline, and Infinity; the same model, the same texts, in turns in one run.

VOCABULARY is a folder with a BERT vocabulary, TEXTS a CSV file. Load comes from `valence bench`: one connection for
the latency at low load, many for the rate at saturation. The generator runs on the same processors: the rate
"without the generator" leaves the processor time that it took out of the time that there was. What was measured
goes to bench/results."""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import record
from server import Server

PROGRAM = record.ROOT / "build/valence"
HERE = pathlib.Path(__file__).resolve().parent / "serve"
FOLDER = record.ROOT / "build/bench-serve"


def bench(*options):
    done = subprocess.run([PROGRAM, "bench", "--json", *map(str, options)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def load(server, protocol, options, connections):
    found = bench("--url", server.url("/" if protocol == "hf" else ""), "--protocol", protocol, "--connections",
                  connections, "--seconds", options.seconds, "--warm-up", options.warm_up, "--input", options.texts)
    if found["failures"]:
        raise SystemExit(f"requests failed: {found['failures']}")
    return found


def served(command, health, protocol):
    """A contender that is asked over HTTP."""

    def measure(options):
        server = Server(command, health, FOLDER / "server.log")
        try:
            calm = load(server, protocol, options, 1)
            full = load(server, protocol, options, options.connections)
        finally:
            server.end()
        spent = full["generator_processor_seconds"] / os.cpu_count()
        return {"p50_ms_alone": calm["latency_ms"]["p50"], "p99_ms_alone": calm["latency_ms"]["p99"],
                "texts_per_second": full["texts_per_second"],
                "texts_per_second_without_generator":
                    full["texts_per_second"] * full["seconds"] / (full["seconds"] - spent),
                "p50_ms_full": full["latency_ms"]["p50"], "p99_ms_full": full["latency_ms"]["p99"]}

    return measure


def engine(model):
    def measure(options):
        found = bench("--model", model, "--input", options.texts, "--seconds", 2 * options.seconds, "--warm-up",
                      options.warm_up)
        return {"p50_ms_alone": found["latency_ms"]["p50"], "p99_ms_alone": found["latency_ms"]["p99"],
                "texts_per_second": found["texts_per_second"]}

    return measure


def contenders(folder, gguf, peers):
    def ours(model):
        return [PROGRAM, "serve", "--port", "PORT", "--access-log", "off", "-q", "--model", model]

    found = {"valence engine, int8": engine(gguf), "valence serve, int8": served(ours(gguf), "/health", "tei"),
             "valence engine, fp32": engine(folder), "valence serve, fp32": served(ours(folder), "/health", "tei")}
    if peers:
        bin_folder = pathlib.Path(sys.executable).parent
        found["transformers pipeline and FastAPI"] = served(
            [sys.executable, HERE / "pipeline_server.py", folder, "PORT"], "/health", "hf")
        found["infinity"] = served(
            [bin_folder / "infinity_emb", "v2", "--model-id", folder, "--port", "PORT", "--host", "127.0.0.1",
             "--engine", "torch", "--device", "cpu", "--no-bettertransformer", "--log-level", "error"], "/health",
            "infinity")
    return found


def prepare(vocabulary):
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder, gguf = FOLDER / "model", FOLDER / "model.gguf"
    if not gguf.exists():
        subprocess.run([sys.executable, HERE / "make_model.py", vocabulary, folder], check=True)
        subprocess.run([PROGRAM, "convert", folder, "-o", gguf, "--type", "q8_0"], check=True,
                       stdout=subprocess.DEVNULL)
    return folder, gguf


def versions(names):
    import importlib.metadata
    return {name: importlib.metadata.version(name) for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vocabulary", type=pathlib.Path)
    parser.add_argument("texts", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-peers", action="store_true", help="only what is ours; nothing is recorded")
    options = parser.parse_args()
    field = contenders(*prepare(options.vocabulary), not options.no_peers)
    rounds = {name: [] for name in field}
    for _ in range(options.rounds):
        for name, measure in field.items():
            rounds[name].append(measure(options))
            print(f"{name:36}", re.sub(r'[{}"]', "", json.dumps({k: round(v, 3) for k, v in rounds[name][-1].items()})),
                  flush=True)
    found = {name: {key: round(statistics.median(entry[key] for entry in entries), 3) for key in entries[0]}
             for name, entries in rounds.items()}
    for kind in ("int8", "fp32"):
        server, alone = found[f"valence serve, {kind}"], found[f"valence engine, {kind}"]
        server["share_of_engine"] = round(server["texts_per_second_without_generator"] / alone["texts_per_second"], 3)
        server["added_ms_alone"] = round(server["p50_ms_alone"] - alone["p50_ms_alone"], 3)
    print(json.dumps(found, indent=2))
    if not options.no_peers:
        record.save("serve", options.texts.name, os.cpu_count(),
                    {"connections": options.connections, "rounds": options.rounds, "seconds": options.seconds,
                     "versions": versions(["torch", "transformers", "fastapi", "infinity-emb"]), "results": found})


main()

#!/usr/bin/env python3
"""The weighted mean of models of one shape: runs from the same start that differ in seed or settings.

    average.py OUTPUT MODEL:WEIGHT MODEL:WEIGHT ... [--temperature T]

Models are Hugging Face directories; OUTPUT gets the other files of the first. Needs the package safetensors.
"""
import argparse
import json
import pathlib
import shutil

import numpy
from safetensors.numpy import load_file, save_file

SKIPPED = {"model.safetensors", "training_log.jsonl"}


def weighted(argument):
    path, _, weight = argument.rpartition(":")
    return pathlib.Path(path), float(weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("models", nargs="+", type=weighted, metavar="MODEL:WEIGHT")
    parser.add_argument("--temperature", type=float, default=1.0, help="that scores are calibrated with")
    arguments = parser.parse_args()
    total = sum(weight for _, weight in arguments.models)
    mean = {}
    for path, weight in arguments.models:
        for name, values in load_file(path / "model.safetensors").items():
            mean[name] = mean.get(name, 0) + values.astype(numpy.float64) * (weight / total)
    arguments.output.mkdir(parents=True)
    first = arguments.models[0][0]
    for file in first.iterdir():
        if file.is_file() and file.name not in SKIPPED:
            shutil.copy(file, arguments.output)
    save_file({name: values.astype(numpy.float32) for name, values in mean.items()},
              arguments.output / "model.safetensors", metadata={"format": "pt"})
    config = arguments.output / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["valence_calibration"] = {"temperature": arguments.temperature}
    config.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

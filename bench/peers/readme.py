#!/usr/bin/env python3
"""readme.py [--check]: the README's table of speed, made of the newest bench/results/peers-DATE.json; --check only tells
whether it is as it should be."""
import json
import pathlib
import re
import sys

import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
RESULTS = ROOT / "bench/results"
BEGIN, END = "<!-- speed: made by bench/peers/readme.py -->\n", "<!-- end of speed -->"


def newest():
    """The newest result: its path and content; None where there is none yet."""
    files = sorted(path for path in RESULTS.glob("peers-*.json") if re.fullmatch(r"peers-[\d-]+", path.stem))
    if not files:
        return None
    records = json.loads(files[-1].read_text())
    return files[-1], max(records.values(), key=lambda one: one["machine"]["threads_used"])


def row(content, key):
    models = content["models"]
    first = models["minilm"]
    cells = [report.number(report.median_of(report.speed(model, "sst2", "best", key))) for model in models.values()]
    cells += [report.number(report.median_of(report.speed(first, "sst2", "arrival", key))),
              report.number(report.median_of(report.one_by_one(first, key))),
              report.milliseconds(report.single(first, "sixteen", key, "p50")),
              report.milliseconds(report.start(first, key, "first_answer")),
              report.megabytes(report.start(first, key, "peak_bytes")),
              report.megabytes(content["contenders"][key]["size"]["bytes"]),
              report.percent(report.same_labels(first, key))]
    return [report.name_of(content, key), *cells]


def against(content):
    """Sentences: how many times as fast as the fastest peer."""
    lines = []
    for key, model in content["models"].items():
        found = report.ratios(content, model, "sst2")
        parts = [f"{ratio:.1f} times {what} ({peer})" for what, ratio, peer in found]
        single = report.single_ratio(content, model)
        if single:
            parts.append(f"{single[0]:.1f} times {single[1]} on one text of 16 tokens")
        name = model["name"].partition(",")[0]
        lines.append(f"- **{name}:** {', '.join(parts)}.")
    return lines


def section(found):
    if not found:
        return "`./dev bench` measures Valence beside its peers; no result is kept yet.\n"
    path, content = found
    machine = content["machine"]
    names = [model["name"].partition(",")[0].partition(" ")[0] for model in content["models"].values()]
    head = ["SST-2 dev"] + [f"{name}, texts/s" for name in names] + [
        "in order of arrival", "one by one", "16 tokens, ms", "first answer, ms", "memory, MB", "disk, MB", "labels of fp32"]
    rows = [row(content, key) for key in content["contenders"] if key in content["models"]["minilm"]["choices"]]
    stem = path.relative_to(ROOT).with_suffix("")
    return "\n".join([
        f"Measured {content['date']} in one run, in turns, {machine['threads_used']} threads each, on {machine['cpu']}, "
        "tokenizing included, each peer with",
        "the batches that suit it best. Columns after the texts a second are of MiniLM's shape; disk is without a model. "
        "fastText is", "another class of model.", "",
        report.table(head, rows), "", "Valence int8 against the fastest peer:", "", *against(content), "",
        f"All loads, spreads, settings and agreement: [{stem.name}.md]({stem}.md). `./dev bench` measures it anew.", "",
        f"![Texts a second]({stem}-minilm-throughput.svg)", ""])


def wanted_and_found():
    text = README.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return text[:begin] + section(newest()) + text[end:], text


def update():
    README.write_text(wanted_and_found()[0], encoding="utf-8")


def main():
    if "--check" in sys.argv[1:]:
        wanted, found = wanted_and_found()
        return int(wanted != found)
    update()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

#!/usr/bin/env python3
"""run.py [--quick]: this engine beside its peers, measured in one run, in turns, on the same texts.

Needs build/venv-peers (install.py), the programs of bench/ and the labelled data (VALENCE_DATA, VALENCE_TOKENIZERS). A
run that was cut off goes on where it was. Results go to bench/results, those of a quick run to build/peers/results."""
import argparse
import datetime
import hashlib
import json
import os
import pathlib
import sys
import time

import install
import loads
import plan
import plots
import prepare
import readme
import report
import sizes
from field import start_worker
from measure import Bench
from store import Store

sys.path.append(str(plan.ROOT / "bench"))
import record  # noqa: E402

STARTED = time.monotonic()


def say(text):
    minutes, seconds = divmod(round(time.monotonic() - STARTED), 60)
    print(f"[{minutes:3}:{seconds:02}] {text}", flush=True)


def settings_for(threads):
    processors = sorted(os.sched_getaffinity(0))
    if not 1 <= threads <= len(processors):
        raise SystemExit(f"--threads {threads}: this process may use {len(processors)} processors")
    return {"threads": threads, "processors": processors[:threads], "log": plan.ROOT / "build/peers/logs"}


def fingerprint(options):
    """Changes with anything that the results depend on."""
    digest = hashlib.sha256(repr((options.quick, options.threads, options.only, options.models, options.share)).encode())
    here = pathlib.Path(__file__).resolve().parent
    for path in sorted([*here.rglob("*.py"), *here.rglob("*.txt"), plan.ROOT / "build/bench/engine_worker"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def lengths_by(worker, file):
    return worker.ask({"do": "tokenize", "texts": file})["lengths"]


def texts_of(model, texts, reference):
    """The files of texts of a model, by name, and the tokens of each load. `reference` is our worker, which counts."""
    files, tokens = {}, {}

    def write(name, content):
        files[name] = texts.write(f"{model.key}-{name}", content)

    for load, count in model.loads.items():
        content = texts.load(load, count)
        write(load, content)
        write(f"{load}-part", content[:max(8, len(content) // 4)])
        tokens[load] = {"texts": len(content), "tokens": sum(lengths_by(reference, files[load]))}
    sentences = texts.source("sst2")
    write("singles", loads.sample(sentences, model.singles))
    write("few", sentences[:20])
    write("one", sentences[:1])
    write("agreement", texts.load("mix", model.agreement))
    write("all", sentences)
    of_sixteen = sentences[lengths_by(reference, files["all"]).index(16)]
    write("sixteen", [of_sixteen] * plan.SIXTEEN)
    return files, tokens


def contenders_for(options, failed):
    """Those that are wanted; the others that could not be installed, with the reason."""
    wanted = [one for one in plan.CONTENDERS if one.key in options.only or one.ours]
    missing = {one.key: failed[one.requirements] for one in wanted if one.requirements in failed}
    return [one for one in wanted if one.key not in missing], missing


def measure_model(model, contenders, options, texts, calibration, store):
    exports = prepare.Exports(model, calibration, options.data, options.tokenizers, say)
    settings = {**settings_for(options.threads), "hf": exports.need("hf")}

    def path_of(contender, variant):
        return exports.need(contender.variants[variant])

    exact = next(one for one in contenders if one.ours and one.exact)
    reference = start_worker(exact, {"do": "load", "model": str(path_of(exact, "")), "precision": "fp32",
                                     "threads": options.threads}, settings["log"] / "reference.log",
                             settings["processors"])
    try:
        files, tokens = texts_of(model, texts, reference)
    finally:
        reference.close()
    store.put(f"{model.key}/tokens", tokens)
    return Bench(model, contenders, path_of, files, store, settings, say).run()


def sizes_of(contenders, model):
    found = {}
    for contender in contenders:
        found[contender.key] = sizes.of_group(contender.requirements) if contender.requirements else sizes.ours(model)
    return found


def options_from(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few minutes: one model, few peers, one load")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="for every contender")
    parser.add_argument("--only", nargs="+", default=[], metavar="PEER", help="these peers")
    parser.add_argument("--models", nargs="+", default=[], metavar="MODEL", help="these models")
    parser.add_argument("--share", type=float, default=1, help="of the texts, to try things out")
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("VALENCE_DATA"))
    parser.add_argument("--tokenizers", type=pathlib.Path, default=os.environ.get("VALENCE_TOKENIZERS"))
    options = parser.parse_args(arguments)
    options.partial = bool(options.only or options.models or options.share < 1)
    options.only = options.only or (plan.QUICK_CONTENDERS if options.quick else [one.key for one in plan.CONTENDERS])
    if not options.data or not options.tokenizers:
        raise SystemExit("set VALENCE_DATA and VALENCE_TOKENIZERS, or give --data and --tokenizers")
    return options


def main():
    options = options_from(sys.argv[1:])
    models = [plan.QUICK_MODEL] if options.quick else list(plan.MODELS)
    models = [model for model in models if not options.models or model.key in options.models]
    if options.share < 1:
        models = [plan.shrunk(model, options.share) for model in models]
    failed = json.loads((install.VENV / "failed.json").read_text())
    contenders, missing = contenders_for(options, failed)
    store = Store(plan.ROOT / f"build/peers/{'quick' if options.quick else 'full'}.json", fingerprint(options))
    if store.results:
        say("going on with a run that was cut off")
    store.once("begun", lambda: {"load_average": os.getloadavg()[0],
                                 "time": datetime.datetime.now().isoformat("T", "seconds")})
    texts = loads.Texts(options.data, plan.ROOT / "build/peers/texts")
    calibration = texts.write("calibration", texts.calibration())
    agreed = [measure_model(model, contenders, options, texts, calibration, store) for model in models]
    found = report.gather(models, contenders, missing, store.results, sizes_of(contenders, plan.MODELS[0].source))
    whole = not (options.quick or options.partial)  # only this is a result of the project
    folder = plan.ROOT / ("bench/results" if whole else "build/peers/results")
    name = "peers-quick" if options.quick else "peers"
    file = record.save(name, f"threads: {options.threads}", options.threads, found, folder)
    content = json.loads(file.read_text())[f"threads: {options.threads}"]
    file.with_suffix(".md").write_text(report.markdown(content), encoding="utf-8")
    plots.draw(content, file.with_suffix(""))
    if whole:
        readme.update()
    print(report.summary(content))
    store.forget()
    say(f"written: {file.with_suffix('.md')}")
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    raise SystemExit(main())

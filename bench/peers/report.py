"""What was measured, gathered and as tables."""
import figures
from loads import NAMES
from plan import USUAL_BATCH


FAITHFUL = 0.99  # of the labels of fp32


# ---- gathering ----

def gather(models, contenders, missing, results, sizes):
    """All that was found, with the repeats, in the form that is kept."""
    return {
        "begun": results["begun"],
        "missing": missing,
        "contenders": {one.key: {"name": one.name, "precision": one.precision, "ours": one.ours,
                                 "other_class": one.other_class, "size": sizes[one.key]} for one in contenders},
        "models": {model.key: gather_model(model, results) for model in models}}


def gather_model(model, results):
    of = {key.partition("/")[2]: value for key, value in results.items() if key.startswith(f"{model.key}/")}
    loads = {}
    for load in model.loads:
        count = of["tokens"][load]
        loads[load] = {**count, **{
            way: {key: {"seconds": seconds, "texts_per_second": figures.spread([count["texts"] / s for s in seconds])}
                  for key, seconds in by_key.items()}
            for way, by_key in of[f"streams/{load}"].items()}, "tokenize_seconds": of["tokenize"][load]}
    return {"name": model.name, "window": model.window, "rounds": model.rounds, "loads": loads,
            "choices": {key.partition("/")[2]: value for key, value in of.items() if key.startswith("choices/")},
            **{name: of[name] for name in ("agreement", "singles", "starts", "failures")}}


# ---- reading ----

def speed(model, load, way, key):
    """Texts a second, {"median", "least", "most"}; None where there is none. Ours has one way: it sorts for itself."""
    ways = model["loads"][load]
    entry = ways[way].get(key) or (ways["best"].get(key) if key.startswith("valence") else None)
    return entry and entry["texts_per_second"]


def one_by_one(model, key):
    """The same for SST-2 sentences one by one, as most people call it."""
    found = model["singles"]["singles"]
    rounds = found["usual"].get(key) or found["best"].get(key)
    return rounds and figures.spread([1 / one["mean"] for one in rounds])


def single(model, texts, key, which):
    """A percentile of seconds that one text takes, in the contender's best way: median over the rounds."""
    rounds = model["singles"][texts]["best"].get(key)
    return rounds and figures.spread([one[which] for one in rounds])["median"]


def start(model, key, which):
    rounds = model["starts"].get(key)
    return rounds and figures.spread([one[which] for one in rounds])["median"]


def peers_of(content):
    return [key for key, one in content["contenders"].items() if not one["ours"] and not one["other_class"]]


def fastest(content, measure):
    """(value, name) of the peer of whom measure(key) is the most; None where no peer has one."""
    values = [(measure(key), content["contenders"][key]["name"]) for key in peers_of(content) if measure(key)]
    return max(values, default=None)


def median_of(found):
    return found and found["median"]


def best_speed(model, load, key):
    """Texts a second in the fastest of all ways that were measured, also where that is not the one that was looked for."""
    single = median_of(one_by_one(model, key)) if load == "sst2" else 0
    ways = [median_of(speed(model, load, way, key)) or 0 for way in ("best", "arrival")]
    return max(*ways, single or 0)


def same_labels(model, key):
    """The share of texts that get the label of our fp32, in the variant that was timed; None where that is not known."""
    variants = model["agreement"].get(key, {}).get("variants", {})
    return variants.get(model["choices"].get(key, {}).get("variant"), {}).get("same_labels")


def is_faithful(model, key):
    return (same_labels(model, key) or 0) >= FAITHFUL


def ratios(content, model, load):
    """Ours in int8 against the fastest peer: [(against what, ratio, the peer)]."""
    our = best_speed(model, load, "valence-int8")
    ways = [("the fastest peer, each in its best setting", lambda key: best_speed(model, load, key)),
            (f"the fastest peer in order of arrival, {USUAL_BATCH} texts a batch",
             lambda key: median_of(speed(model, load, "arrival", key)))]
    if is_faithful(model, "valence-int8"):  # random weights are too close to ties to tell
        ways.append((f"the fastest peer that keeps {100 * FAITHFUL:.0f} % of the labels of fp32",
                     lambda key: is_faithful(model, key) and best_speed(model, load, key)))
    if load == "sst2":
        ways.append(("the fastest peer one text after another", lambda key: median_of(one_by_one(model, key))))
    found = [(what, fastest(content, measure)) for what, measure in ways]
    return [(what, our / best[0], best[1]) for what, best in found if best and our]


def single_ratio(content, model):
    """The same for the time of one text of 16 tokens."""
    our = single(model, "sixteen", "valence-int8", "p50")
    best = fastest(content, lambda key: (single(model, "sixteen", key, "p50") or 0) and 1 / single(
        model, "sixteen", key, "p50"))
    return best and our and (1 / best[0] / our, best[1])


# ---- tables ----

def number(value):
    return "–" if not value else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def with_spread(found):
    return "–" if not found else f"{number(found['median'])} [{number(found['least'])}, {number(found['most'])}]"


def milliseconds(seconds):
    return number(seconds and 1000 * seconds)


def percent(share):
    return "–" if share is None else f"{100 * share:.1f} %"


def megabytes(count):
    return "–" if not count else f"{count / 1e6:,.0f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def name_of(content, key):
    one = content["contenders"][key]
    return f"**{one['name']}**" if one["ours"] else one["name"]


def throughput_table(content, model, way):
    rows = [[name_of(content, key)] + [with_spread(speed(model, load, way, key)) for load in model["loads"]]
            for key in content["contenders"] if key in model["choices"]]
    rows = [row for row in rows if set(row[1:]) != {"–"}]
    return table([""] + [NAMES[load] for load in model["loads"]], rows)


def single_table(content, model):
    rows = [[name_of(content, key)] + [milliseconds(single(model, texts, key, which)) for texts in ("sixteen", "singles")
                                       for which in ("p50", "p99")] + [with_spread(one_by_one(model, key))]
            for key in content["contenders"] if key in model["choices"]]
    return table(["", "16 tokens, p50", "p99", "SST-2 dev, p50", "p99", "SST-2 texts a second, as usually called"], rows)


def disk(size):
    if size["cuda_bytes"]:
        return f"{megabytes(size['bytes'])}, {megabytes(size['bytes'] - size['cuda_bytes'])} without CUDA"
    return megabytes(size["bytes"])


def resources_table(content, model):
    rows = [[name_of(content, key), milliseconds(start(model, key, "first_answer")),
             megabytes(start(model, key, "peak_bytes")), disk(content["contenders"][key]["size"])]
            for key in content["contenders"] if key in model["choices"]]
    return table(["", "start to first answer, ms", "most memory, MB", "on disk without a model, MB"], rows)


def tokenize_table(content, model):
    rows = []
    for key in content["contenders"]:
        row = [name_of(content, key)]
        for load, found in model["loads"].items():
            seconds = found["tokenize_seconds"].get(key)
            stream = found["best"].get(key)
            if seconds and stream:
                median = figures.spread(seconds)["median"]
                share = median / figures.spread(stream["seconds"])["median"]
                row.append(f"{number(1e9 * median / found['tokens'])} ({100 * share:.1f} %)")
            else:
                row.append("–")
        rows.append(row)
    return table([""] + [NAMES[load] for load in model["loads"]], [row for row in rows if set(row[1:]) != {"–"}])


def settings_text(found, choice):
    parts = [f"{what} {value}" for what, value in found.get("settings", {}).items()]
    if choice.get("variant"):
        parts.append(choice["variant"])
    if any(choice["tokens"].values()):
        tokens = ", ".join(f"{NAMES[load]} {count}" for load, count in choice["tokens"].items())
        layout = "all threads on a batch" if choice["layout"] == "split" else "a batch a thread"
        parts.append(f"{layout}; tokens of a batch: {tokens}")
    return "; ".join(parts)


def agreement_table(content, model):
    rows = []
    for key, found in model["agreement"].items():
        values = found["variants"].get(model["choices"].get(key, {}).get("variant"))
        if not values:
            continue
        rows.append([name_of(content, key), f"{values['largest_difference']:.1g}", percent(values['same_labels']),
                     settings_text(found, model["choices"][key])])
    return table(["", "largest difference of a probability", "same label", "setting"], rows)


def ratio_table(content, model):
    by_load = {load: ratios(content, model, load) for load in model["loads"]}
    whats = [what for what, _, _ in by_load[next(iter(by_load))]]
    rows = []
    for what in whats:
        cells = {load: next((f"{ratio:.2f} ({peer})" for other, ratio, peer in found if other == what), "–")
                 for load, found in by_load.items()}
        rows.append([what, *cells.values()])
    return table(["times the speed of"] + [NAMES[load] for load in model["loads"]], rows)


def model_section(content, model):
    loads = ", ".join(f"{NAMES[load]}: {found['texts']} texts of {found['tokens']:,} tokens"
                      for load, found in model["loads"].items())
    single_line = single_ratio(content, model)
    parts = [f"## {model['name']}", f"{loads}; texts are cut at {model['window']} tokens. Rounds: {model['rounds']}.",
             "### Valence int8 against the peers", ratio_table(content, model)]
    if single_line:
        parts.append(f"One text of 16 tokens: {single_line[0]:.2f} times as fast as {single_line[1]}.")
    parts += ["### Texts a second, each in its best setting [least, most]", throughput_table(content, model, "best"),
              f"### Texts a second in order of arrival, {USUAL_BATCH} a batch", throughput_table(content, model, "arrival"),
              "### One text, ms", single_table(content, model),
              "### Start, memory, disk", resources_table(content, model),
              "### Tokenizing alone: ns a token, and its share of the stream", tokenize_table(content, model),
              "### Answers beside those of Valence fp32", agreement_table(content, model)]
    if model["failures"]:
        parts += ["### Not measured", failures_text(content, model["failures"])]
    return "\n\n".join(parts)


def failures_text(content, failures):
    return "\n".join(f"- {content['contenders'].get(key, {}).get('name', key)}: {why}" for key, why in failures.items())


def markdown(content):
    machine = content["machine"]
    head = [f"# Valence beside its peers, {content['date']}",
            f"{machine['cpu']}, {machine['architecture']}, {machine['processors']} processors; "
            f"threads of each: {machine['threads_used']}; commit {content['commit']}; "
            f"load when the run began: {content['begun']['load_average']:.1f}.",
            "All took turns in one run, on the same texts; tokenizing is included. Figures are medians of the rounds."]
    if content["missing"]:
        head.append("Not there:\n" + failures_text(content, content["missing"]))
    return "\n\n".join(head + [model_section(content, model) for model in content["models"].values()]) + "\n"


def summary(content):
    """A few lines for a person who waits."""
    lines = []
    for model in content["models"].values():
        lines.append(model["name"])
        for load in model["loads"]:
            for what, ratio, peer in ratios(content, model, load):
                lines.append(f"  {NAMES[load]}: {ratio:.2f} times {what}, {peer}")
        found = single_ratio(content, model)
        if found:
            lines.append(f"  one text of 16 tokens: {found[0]:.2f} times as fast as {found[1]}")
    return "\n".join(lines)

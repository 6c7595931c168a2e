"""The results as SVG: texts a second of every contender, and the time of one text, a picture a model."""
import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

import report  # noqa: E402
from loads import NAMES  # noqa: E402

OURS, PEERS, SPAN, INK = "#0b6e99", "#b9c3cb", "#5b6770", "#22292f"
STYLE = {"svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans", "Arial", "sans-serif"],
         "font.size": 9, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
         "svg.hashsalt": "valence"}


def bars(axes, content, entries, title, less_is_better):
    """Horizontal bars of (key, {"median", "least", "most"}), the best on top."""
    entries = sorted(entries, key=lambda entry: entry[1]["median"], reverse=less_is_better)
    for place, (key, found) in enumerate(entries):
        one = content["contenders"][key]
        axes.barh(place, found["median"], height=0.72, color=OURS if one["ours"] else PEERS)
        axes.plot([found["least"], found["most"]], [place, place], color=SPAN, linewidth=1.2)
        axes.annotate(report.number(found["median"]), (found["most"], place), xytext=(5, 0), textcoords="offset points",
                      va="center", fontsize=8, fontweight="bold" if one["ours"] else "normal")
    axes.set_yticks(range(len(entries)), [content["contenders"][key]["name"] for key, _ in entries])
    for label, (key, _) in zip(axes.get_yticklabels(), entries):
        label.set_fontweight("bold" if content["contenders"][key]["ours"] else "normal")
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlim(0, 1.18 * max((found["most"] for _, found in entries), default=1))
    axes.xaxis.set_visible(False)
    axes.tick_params(left=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def comparable(content, model):
    """Not fastText: beside its bar one would not see the others."""
    return [key for key, one in content["contenders"].items() if not one["other_class"] and key in model["choices"]]


def figure(content, panels, title, note, less_is_better):
    with matplotlib.rc_context(STYLE):
        drawn, grid = pyplot.subplots(2, 2, figsize=(11, 7.6))
        for axes, (name, entries) in zip(grid.flat, panels):
            bars(axes, content, entries, name, less_is_better)
        for axes in list(grid.flat)[len(panels):]:
            axes.set_visible(False)
        drawn.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        drawn.text(0.01, 0.012, note, fontsize=8, color=SPAN)
        drawn.tight_layout(rect=(0, 0.03, 1, 0.97), h_pad=2, w_pad=2)
    return drawn


def save(drawn, path):
    with matplotlib.rc_context(STYLE):
        drawn.savefig(path, metadata={"Date": None})
    pyplot.close(drawn)


def draw(content, stem):
    """STEM-MODEL-throughput.svg and STEM-MODEL-latency.svg for each model."""
    machine = content["machine"]
    note = (f"{machine['cpu']}, {machine['threads_used']} threads each, in turns in one run; bars are medians, "
            f"lines go from the least to the most. {content['date']}")
    for key, model in content["models"].items():
        keys = comparable(content, model)
        panels = []
        for load in model["loads"]:
            found = [(one, report.speed(model, load, "best", one)) for one in keys]
            panels.append((NAMES[load], [(one, values) for one, values in found if values]))
        save(figure(content, panels, f"Texts a second, each in its best setting: {model['name']}", note, False),
             stem.with_name(f"{stem.name}-{key}-throughput.svg"))
        panels = []
        for texts, name in (("sixteen", "One text of 16 tokens"), ("singles", "SST-2 dev, one by one")):
            for which in ("p50", "p99"):
                found = [(one, model["singles"][texts]["best"].get(one)) for one in keys]
                panels.append((f"{name}, {which}, ms",
                               [(one, report.figures.spread([1000 * entry[which] for entry in rounds]))
                                for one, rounds in found if rounds]))
        save(figure(content, panels, f"Time of one text, less is better: {model['name']}", note, True),
             stem.with_name(f"{stem.name}-{key}-latency.svg"))

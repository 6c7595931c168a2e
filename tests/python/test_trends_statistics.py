"""The figures of valence trends beside pandas, SciPy and statsmodels, on dated reviews and on rows made up here."""
import csv
import datetime
import gzip
import json
import math
import unicodedata
import zoneinfo

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

MIN_COUNT = 30
WORTHS = {"negative": -1, "neutral": 0, "positive": 1}


@pytest.fixture(scope="module")
def trends(valence):
    def run(*arguments):
        done = valence("trends", *arguments, "--json", "--quiet")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def frame_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        frame = pd.DataFrame(list(csv.DictReader(file)))
    frame = frame[frame["date"] != ""].reset_index(drop=True)
    frame["when"] = pd.to_datetime(frame["date"])
    return frame


def period_names(when, period):
    if period == "week":
        iso = when.dt.isocalendar()
        return iso["year"].astype(str) + "-W" + iso["week"].astype(str).str.zfill(2)
    if period == "quarter":
        return when.dt.to_period("Q").astype(str).str.replace("Q", "-Q")
    return when.dt.strftime({"month": "%Y-%m", "day": "%Y-%m-%d"}[period])


# (file, period, group column)
CASES = [
    ("amazon_reviews_dated.csv.gz", "month", "domain"),
    ("amazon_reviews_dated.csv.gz", "quarter", None),
    ("app_reviews_dated.csv.gz", "day", "stars"),
    ("app_reviews_dated.csv.gz", "week", None),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0][:3]}-{case[1]}")
def case(request, data, trends):
    name, period, group = request.param
    frame = frame_of(data / name)
    frame["period"] = period_names(frame["when"], period)
    report = trends(data / name, "--period", period, *(["--by", group] if group else []))
    return frame, group, report


def part_of(frame, group_column, group):
    return frame if group["kind"] == "all" else frame[frame[group_column] == group["name"]]


def cells_of(case):
    """(group, place of the period, cell, the rows that it stands for)"""
    frame, group_column, report = case
    for group in report["groups"]:
        part = part_of(frame, group_column, group)
        rows = dict(list(part.groupby("period")))
        for place, (period, cell) in enumerate(zip(report["periods"], group["cells"])):
            yield group, place, cell, rows.get(period["name"], part.iloc[:0])


def test_counts_and_shares(case):
    frame, group_column, report = case
    labels = [label["name"] for label in report["labels"]]
    assert set(labels) == set(frame["label"])
    assert report["rows"]["used"] == len(frame)
    assert {p["name"] for p in report["periods"]} >= set(frame["period"])
    if group_column:
        assert {g["name"] for g in report["groups"]} == {"all", *frame[group_column]}
    cells = 0
    for _, _, cell, rows in cells_of(case):
        assert cell["count"] == len(rows)
        assert cell["uncertain"] == (len(rows) < MIN_COUNT)
        for label, share in zip(labels, cell["labels"]):
            count = int((rows["label"] == label).sum())
            assert share["count"] == count
            if len(rows) == 0:
                assert share["share"] is None
                continue
            low, high = proportion_confint(count, len(rows), method="wilson")
            assert share["share"] == pytest.approx(count / len(rows), abs=1e-12)
            assert share["low"] == pytest.approx(low, abs=1e-9)
            assert share["high"] == pytest.approx(high, abs=1e-9)
            cells += 1
    assert cells > 10


def test_changes_and_their_correction(case):
    _, _, report = case
    tested = []
    for group in report["groups"]:
        before = None
        for place, cell in enumerate(group["cells"]):
            if cell["count"] == 0:
                assert cell["compared_with"] is None
                continue
            assert cell["compared_with"] == before
            if before is not None:
                last = group["cells"][before]
                for share, was in zip(cell["labels"], last["labels"]):
                    change = share["change"]
                    assert change["difference"] == pytest.approx(share["share"] - was["share"], abs=1e-12)
                    if cell["uncertain"] or last["uncertain"]:
                        assert change["p"] is change["q"] is change["z"] is None and not change["significant"]
                        continue
                    tested.append(change)
                    counts, totals = [share["count"], was["count"]], [cell["count"], last["count"]]
                    if counts in ([0, 0], totals):
                        assert (change["z"], change["p"]) == (0, 1)
                        continue
                    z, p = proportions_ztest(counts, totals)
                    assert change["z"] == pytest.approx(z, abs=1e-9)
                    assert change["p"] == pytest.approx(p, rel=1e-9, abs=1e-300)
            before = place
    assert report["figures"]["comparisons"] == len(tested) > 5
    rejected, q, _, _ = multipletests([change["p"] for change in tested], alpha=0.05, method="fdr_bh")
    assert [change["q"] for change in tested] == pytest.approx(list(q), rel=1e-9)
    assert [change["significant"] for change in tested] == list(rejected)
    assert report["figures"]["significant"] == sum(rejected)


def close_interval(cell, values, resamples=4000):
    """Is the interval SciPy's, but for the chance of 1000 and of `resamples` draws?"""
    found = scipy.stats.bootstrap((values,), np.mean, method="percentile", n_resamples=resamples,
                                  random_state=np.random.default_rng(5), batch=200)
    error = np.std(values) / math.sqrt(len(values))
    # The standard error of a 2.5 % quantile of 1000 draws of a normal distribution is 0.085 of its deviation.
    margin = 5 * 0.085 * error * math.sqrt(1 + 1000 / resamples)
    if len(set(values)) <= len(WORTHS):  # means of labels lie on a grid, and so do quantiles
        margin += 2.001 / len(values)
    interval = found.confidence_interval
    return abs(cell["low"] - interval.low) < margin and abs(cell["high"] - interval.high) < margin


def test_polarity_of_labels(case):
    _, _, report = case
    assert report["options"]["polarity"] == "labels"
    checked = 0
    for group, _, cell, rows in cells_of(case):
        if len(rows) == 0:
            assert cell["polarity"] is None
            continue
        values = rows["label"].map(WORTHS).to_numpy(float)
        assert cell["polarity"]["mean"] == pytest.approx(values.mean(), abs=1e-12)
        if group["kind"] == "all" and len(rows) >= 20 and len(set(values)) > 1 and checked < 25:
            assert close_interval(cell["polarity"], values)
            checked += 1
    assert checked > 3


def drift_of(counts, totals):
    """Signals of a tabular CUSUM, written from its definition."""
    n, k = np.array(totals, float), np.array(counts, float)
    first = int(np.clip(len(n) // 3, 3, 24))
    if len(n) < first + 2:
        return []
    share = (k[:first].sum() + 0.5) / (n[:first].sum() + 1)
    z = (k / n - share) / np.sqrt(share * (1 - share) / n)
    spread = max(1, np.abs(np.diff(z)).mean() / 1.128)
    deviation = (k / n - share) / (spread * np.sqrt(share * (1 - share) * (1 / n + 1 / n[:first].sum())))
    signals, up, down = [], 0, 0
    for t in range(first, len(n)):
        up, down = max(0, up + deviation[t] - 0.75), max(0, down - deviation[t] - 0.75)
        if up > 5:
            signals.append((t, "up", up))
            up = 0
        if down > 5:
            signals.append((t, "down", down))
            down = 0
    return signals


def test_drift(case):
    _, _, report = case
    expected = []
    for g, group in enumerate(report["groups"]):
        places = [i for i, cell in enumerate(group["cells"]) if not cell["uncertain"] and cell["count"]]
        for l in range(len(report["labels"])):
            counts = [group["cells"][i]["labels"][l]["count"] for i in places]
            totals = [group["cells"][i]["count"] for i in places]
            expected += [(g, l, places[t], way, value) for t, way, value in drift_of(counts, totals)]
    found = [(d["group"], d["label"], d["period"], d["direction"], d["statistic"]) for d in report["drift"]]
    assert [f[:4] for f in sorted(found)] == [e[:4] for e in sorted(expected)]
    assert [f[4] for f in sorted(found)] == pytest.approx([e[4] for e in sorted(expected)], rel=1e-9)
    for signal in report["drift"]:
        assert "drift" in report["groups"][signal["group"]]["cells"][signal["period"]]["flags"]


IDEOGRAPHS = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
              (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


DIGITS = tuple("0123456789")


def terms_of(text):
    """Words and two-word phrases, character by character from their categories."""
    text = text.encode()[:4096].decode("utf-8", "replace")
    words, phrases, word, last = [], [], "", None

    def end():
        nonlocal word, last
        if word and len(word.encode()) > 40:
            last = None
        elif word:
            words.append(word)
            if last:
                phrases.append(f"{last} {word}")
            last = word
        word = ""

    for i, c in enumerate(text):
        kind = unicodedata.category(c)[0]
        starts = kind in "LN"
        if any(a <= ord(c) <= b for a, b in IDEOGRAPHS):
            end()
            word = c
            end()
        elif starts or (word and (kind == "M" or c in "\u200c\u200d")):
            word += c.lower()
        elif c in "'’" and word and i + 1 < len(text) and unicodedata.category(text[i + 1])[0] in "LN":
            word += "'"
        elif c == "." and word[-1:] in DIGITS and text[i + 1 : i + 2] in DIGITS:
            word += "."
        else:
            end()
            if c not in " \t-":
                last = None
    end()
    return words, phrases


def counts_of(texts):
    words, phrases = {}, {}
    for text in texts:
        for terms, counts in zip(terms_of(text), (words, phrases)):
            for term in terms:
                counts[term] = counts.get(term, 0) + 1
    return words, phrases


def log_odds(y1, n1, y2, n2):
    prior = min(500, (n1 + n2) / 10)
    a = prior * (y1 + y2) / (n1 + n2)
    value = math.log((y1 + a) / (n1 + prior - y1 - a)) - math.log((y2 + a) / (n2 + prior - y2 - a))
    return value, value / math.sqrt(1 / (y1 + a) + 1 / (y2 + a))


def test_words_and_typical_texts(case):
    frame, group_column, report = case
    names = [p["name"] for p in report["periods"]]
    checked = 0
    for flagged in report["flagged"]:
        part = part_of(frame, group_column, report["groups"][flagged["group"]])
        part = part[part["label"] == report["labels"][flagged["label"]]["name"]]
        now = part[part["period"] == names[flagged["period"]]]["text"]
        span = names[flagged["before"]["first"] : flagged["before"]["last"] + 1]
        before = part[part["period"].isin(span)]["text"]
        known = {}
        for ours, theirs in zip(counts_of(now), counts_of(before)):
            n1, n2 = sum(ours.values()), sum(theirs.values())
            for term in ours.keys() | theirs.keys():
                known[term] = (ours.get(term, 0), theirs.get(term, 0), n1, n2)
        weights = {t: log_odds(y1, n1, y2, n2)[1] for t, (y1, y2, n1, n2) in known.items()}
        for word in flagged["words"]["now"] + flagged["words"]["before"]:
            y1, y2, n1, n2 = known[word["term"]]
            assert (word["count"], word["count_before"]) == (y1, y2), word
            value, z = log_odds(y1, n1, y2, n2)
            # Letters that are new in one Unicode and not in the other move the totals a little.
            assert word["log_odds"] == pytest.approx(value, rel=1e-4), word
            assert word["z"] == pytest.approx(z, rel=1e-4), word
            checked += 1
        listed = {w["term"] for w in flagged["words"]["now"]}
        if len(listed) == 12:
            least = min(w["z"] for w in flagged["words"]["now"])
            missed = [t for t, z in weights.items() if z > least * 1.01 and known[t][0] >= 3 and t.isascii()]
            assert set(missed) <= listed
        for text in flagged["texts"]:
            assert any(t.startswith(text["text"].rstrip("�")) for t in now)
            if not text["cut"] and text["text"].isascii():
                terms = {t for kind in terms_of(text["text"]) for t in kind}
                total = sum(weights[t] for t in terms if weights[t] >= 1.96 and known[t][0] >= 3)
                assert text["weight"] == pytest.approx(total / math.sqrt(len(terms_of(text["text"])[0])), rel=5e-3)
    assert checked > 20 or not report["flagged"]


def test_polarity_of_scores(trends, tmp_path):
    chance = np.random.default_rng(3)
    rows, values = [], {}
    for month, (count, share) in enumerate([(40, 0.3), (300, 0.3), (3000, 0.5), (20000, 0.35)], 1):
        negative = chance.beta(2 * share, 2 - 2 * share, count)
        neutral = (1 - negative) * chance.beta(1, 3, count)
        for a, b in zip(negative, neutral):
            scores = {"NEG": a, "neutral": b, "pos": 1 - a - b}
            best = max(scores, key=scores.get)
            cells = [f"{scores[k]:.6f}" for k in scores]
            values.setdefault(month, []).append((float(cells[2]) - float(cells[0]), float(cells[list(scores).index(best)])))
            rows.append([f"2025-{month:02}-07T10:00:00Z", best, cells[list(scores).index(best)], *cells])
    path = tmp_path / "scores.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["time", "label", "score", "score_NEG", "score_neutral", "score_pos"], *rows])
    report = trends(path)
    assert report["options"]["polarity"] == "scores" and len(report["periods"]) == 4
    for month, cell in enumerate(report["groups"][0]["cells"], 1):
        polarity, score = np.array(values[month]).T
        assert cell["polarity"]["mean"] == pytest.approx(polarity.mean(), abs=1e-9)
        assert cell["score"] == pytest.approx(score.mean(), abs=1e-9)
        assert close_interval(cell["polarity"], polarity, 2000)


FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y%m%d", "%Y%m%dT%H%M%S", "%d.%m.%Y", "%d.%m.%y %H:%M", "%d/%m/%Y",
         "%d/%m/%Y %H:%M:%S", "%d-%m-%Y", "%d %B %Y", "%d %b %Y %H:%M", "%B %d, %Y", "%b %d, %Y %I:%M %p", "%d-%b-%Y", "%Y/%m/%d",
         "%a, %d %b %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y", "%G-W%V-%u", "%d/%m/%Y %I:%M:%S %p"]


def test_dates_in_all_forms(trends, tmp_path):
    chance = np.random.default_rng(8)
    start = datetime.datetime(1995, 1, 1)
    moments = [start + datetime.timedelta(seconds=int(s)) for s in chance.integers(0, 35 * 365 * 86400, 4000)]
    rows = [[moment.strftime(FORMS[i % len(FORMS)]), "x"] for i, moment in enumerate(moments)]
    path = tmp_path / "dates.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["date", "label"], *rows])
    report = trends(path, "--period", "quarter")
    assert report["skipped"] == [] and report["options"]["date_format"] == "day-first"
    expected = pd.Series(moments).dt.to_period("Q").astype(str).str.replace("Q", "-Q").value_counts()
    found = {p["name"]: c["count"] for p, c in zip(report["periods"], report["groups"][0]["cells"]) if c["count"]}
    assert found == expected.to_dict()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
def test_time_zones(trends, tmp_path, zone):
    chance = np.random.default_rng(9)
    seconds = [int(s) for s in chance.integers(1_000_000_000, 2_000_000_000, 3000)]
    there = zoneinfo.ZoneInfo(zone)
    rows, expected = [], {}
    for i, moment in enumerate(seconds):
        utc = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
        offset = datetime.timezone(datetime.timedelta(minutes=int(chance.integers(-12 * 4, 14 * 4)) * 15))
        rows.append([[str(moment), f"{moment}123", utc.strftime("%Y-%m-%dT%H:%M:%SZ"), utc.astimezone(offset).isoformat()][i % 4], "x"])
        name = utc.astimezone(there).strftime("%Y-%m")
        expected[name] = expected.get(name, 0) + 1
    path = tmp_path / "times.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["time", "label"], *rows])
    report = trends(path, "--time-zone", zone)
    found = {p["name"]: c["count"] for p, c in zip(report["periods"], report["groups"][0]["cells"]) if c["count"]}
    assert report["skipped"] == [] and found == expected

"""valence trends and classify --append as a user meets them."""
import collections
import csv
import gzip
import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from terminal import at_terminal


@pytest.fixture(scope="module")
def model(root):
    return root / "tests/fixtures/models/bert"


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def months(count=6, rows=60, step=4, seed=2):
    """Labelled rows of which a share turns negative from month `step` on, for a reason."""
    chance = random.Random(seed)
    table = [["id", "created", "product", "text", "label", "score"]]
    for month in range(1, count + 1):
        for i in range(rows):
            bad = chance.random() < (0.2 if month < step else 0.7)
            reason = "the printer jams again" if month >= step else "a small thing went wrong"
            text = f"Sadly {reason} in room {i}" if bad else f"All good with order {i}"
            table.append([f"{month}-{i}", f"2025-{month:02}-{i % 28 + 1:02}", ["Files", "Forms, \"new\""][i % 2], text,
                          "NEGATIVE" if bad else "POSITIVE", f"{0.5 + chance.random() / 2:.4f}"])
    return table


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("trends") / "labelled.csv", months())


def report_of(valence, *arguments, **options):
    done = valence("trends", *arguments, "--json", "-q", **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---- the report -----------------------------------------------------------------------------


def test_table_tells_what_changed_and_why(valence, labelled):
    done = valence("trends", labelled)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["month", "texts", "NEGATIVE", "POSITIVE", "polarity", "95", "%"]
    april = next(line for line in lines if line.startswith("2025-04"))
    assert "▲" in april and "▼" in april and "█" in april and "\x1b" not in done.stdout
    assert re.search(r"2025-04: NEGATIVE rose to \d\d\.\d % from \d\d\.\d % \(q < 0\.0001\)", done.stdout)
    more = next(line for line in lines if line.startswith("  more: "))
    assert "printer" in more and "jams" in more
    assert "“Sadly the printer jams again" in done.stdout
    assert "polarity is computed from the labels alone" in done.stderr


def test_colours_and_width_at_a_terminal_only(program, labelled):
    code, shown = at_terminal([program, "trends", labelled, "-q"], columns=60, env={**os.environ, "TERM": "xterm", "NO_COLOR": ""})
    assert code == 0 and "\x1b[31m" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "more: " in plain and all(len(line) <= 60 for line in plain.splitlines() if line[:4] != "2025" or "to" not in line)


def test_words_and_flags(valence, labelled):
    report = report_of(valence, labelled, "--by", "product")
    assert [g["name"] for g in report["groups"]] == ["all", "Files", "Forms, \"new\""]
    flagged = report["flagged"][0]
    assert report["periods"][flagged["period"]]["name"] == "2025-04"
    assert report["labels"][flagged["label"]]["name"] == "NEGATIVE" and flagged["direction"] == "up"
    terms = [w["term"] for w in flagged["words"]["now"]]
    assert "printer" in terms and "printer jams" in terms
    assert "small" in [w["term"] for w in flagged["words"]["before"]]
    assert 1 <= len(flagged["texts"]) <= 3
    for text in flagged["texts"]:
        assert "printer" in text["text"] and text["line"] > 1 and text["time"].startswith("2025-04-")


def test_all_formats_at_once(valence, labelled, tmp_path):
    names = [str(tmp_path / f"report.{end}") for end in ("json", "csv", "svg", "html")]
    options = [part for name in names for part in ("-o", name)]
    done = valence("trends", labelled, *options)
    assert done.returncode == 0 and done.stdout == ""
    assert all(f"wrote {name}" in done.stderr for name in names)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["format"] == "valence-trends" and report["rows"]["used"] == 360
    rows = read_csv(tmp_path / "report.csv")
    assert len(rows) == 6 * 2 and rows[0]["period"] == "2025-01"
    assert rows[0]["change"] == rows[0]["z"] == rows[0]["q"] == "", "nothing was there before"
    cell = report["groups"][0]["cells"][3]["labels"][0]
    row = next(r for r in rows if r["period"] == "2025-04" and r["label"] == "NEGATIVE")
    assert (int(row["count"]), float(row["share"]), float(row["q"])) == (cell["count"], cell["share"], cell["change"]["q"])
    picture = xml.parse(tmp_path / "report.svg").getroot()
    assert len(picture.findall(".//{*}rect")) > 12
    page = (tmp_path / "report.html").read_text()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1]
    assert json.loads(data)["groups"] == report["groups"]
    refused = valence("trends", labelled, "-o", names[0])
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert valence("trends", labelled, "-o", names[0], "--force").returncode == 0


def test_texts_can_end_no_element_of_the_page(valence, tmp_path):
    table = months()
    for row in table[1:]:
        row[3] = "</script><script>alert(1)</script><!-- " + row[3]
    path = write_csv(tmp_path / "bad.csv", table)
    assert valence("trends", path, "-o", tmp_path / "bad.html", "-o", tmp_path / "bad.svg").returncode == 0
    page = (tmp_path / "bad.html").read_text()
    assert "alert(1)" in page and "<script>alert" not in page
    xml.parse(tmp_path / "bad.svg")


def test_reports_can_be_made_the_same_again(valence, labelled):
    fixed = {**os.environ, "SOURCE_DATE_EPOCH": "1743415230"}
    first, second = (valence("trends", labelled, "--json", env=fixed).stdout for _ in range(2))
    assert first == second and json.loads(first)["made_at"] == "2025-03-31T10:00:30Z"


def test_small_periods_are_uncertain_not_swings(valence, tmp_path):
    table = [["time", "label"]] + [[f"2025-01-{i % 28 + 1:02}", "positive"] for i in range(200)]
    table += [["2025-02-03", "negative"]] * 10 + [["2025-03-03", "positive"]] * 200
    report = report_of(valence, write_csv(tmp_path / "small.csv", table))
    february, march = report["groups"][0]["cells"][1:]
    assert february["uncertain"] and february["labels"][0]["change"]["p"] is None
    assert march["labels"][0]["change"]["significant"] is False and march["compared_with"] == 1
    assert report["flagged"] == [] and report["figures"]["comparisons"] == 0
    certain = report_of(valence, tmp_path / "small.csv", "--min-count", "5")
    assert certain["groups"][0]["cells"][1]["flags"] == ["change"]


def test_drift_without_a_step(valence, tmp_path):
    chance = random.Random(4)
    table = [["time", "label"]]
    for day in range(60):
        share = 0.3 if day < 25 else 0.3 + min(0.12, 0.006 * (day - 25))
        table += [[f"2025-{1 + day // 28:02}-{day % 28 + 1:02}", "negative" if chance.random() < share else "positive"]
                  for _ in range(300)]
    report = report_of(valence, write_csv(tmp_path / "drift.csv", table), "--period", "day")
    signals = [d for d in report["drift"] if d["direction"] == "up" and report["labels"][d["label"]]["name"] == "negative"]
    assert signals and 25 <= signals[0]["since"] <= signals[0]["period"] < 60
    assert signals[0]["baseline"]["share"] == pytest.approx(0.3, abs=0.03)


def test_groups_beyond_the_largest_are_put_together(valence, tmp_path):
    table = [["time", "label", "customer"]]
    table += [[f"2025-01-{i % 28 + 1:02}", "positive", f"c{i % 1500}"] for i in range(6000)]
    table += [["2025-01-05", "negative", ""]] * 50 + [["2025-01-05", "negative", "big"]] * 70
    report = report_of(valence, write_csv(tmp_path / "groups.csv", table), "--by", "customer", "--max-groups", "2")
    groups = {g["name"]: (g["kind"], g["count"]) for g in report["groups"]}
    assert groups["all"] == ("all", 6120) and list(groups)[-1] == "other" and len(groups) == 4
    assert sum(count for kind, count in groups.values() if kind != "all") == 6120


def test_labels_of_stars_and_worths_that_are_given(valence, tmp_path):
    table = [["time", "rating", "text"]] + [["2025-01-05", str(i % 5 + 1), "x"] for i in range(100)]
    path = write_csv(tmp_path / "stars.csv", table)
    report = report_of(valence, path, "--label-column", "rating")
    assert [(l["name"], l["class"], l["worth"]) for l in report["labels"]] == [
        ("1", "negative", -1), ("2", "negative", -0.5), ("3", "neutral", 0), ("4", "positive", 0.5), ("5", "positive", 1)]
    assert report["groups"][0]["cells"][0]["polarity"]["mean"] == pytest.approx(0)
    other = report_of(valence, path, "--label-column", "rating", "--polarity", "5=1,1=-1")
    assert [l["worth"] for l in other["labels"]] == [-1, 0, 0, 0, 1]
    done = valence("trends", path, "--label-column", "rating", "--polarity", "five=1")
    assert 'names the label "five", which no row has' in done.stderr


def test_labels_that_nothing_is_known_of(valence, tmp_path):
    path = write_csv(tmp_path / "topics.csv", [["time", "label"]] + [["2025-01-05", ["billing", "login"][i % 2]] for i in range(80)])
    done = valence("trends", path)
    assert done.returncode == 0 and "polarity" not in done.stdout and "--polarity LABEL=WORTH" in done.stderr
    assert report_of(valence, path)["groups"][0]["cells"][0]["polarity"] is None


# ---- what is read ---------------------------------------------------------------------------


def test_every_kind_of_table_gives_the_same(valence, labelled, tmp_path):
    rows = read_csv(labelled)
    text = labelled.read_text()
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(text.encode()))
    with open(tmp_path / "rows.tsv", "w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([rows[0].keys(), *[row.values() for row in rows]])
    expected = report_of(valence, labelled)
    for name in ("rows.jsonl", "rows.csv.gz", "rows.tsv"):
        found = report_of(valence, tmp_path / name)
        assert (found["groups"], found["drift"]) == (expected["groups"], expected["drift"]), name
    piped = report_of(valence, "-", "--input-format", "csv", input=text)
    assert piped["groups"] == expected["groups"] and piped["flagged"] == expected["flagged"]
    assert piped["title"] == "standard input"


def test_members_that_later_objects_have_are_no_obstacle(valence, tmp_path):
    lines = [{"time": "2025-01-01", "label": "a"}, {"time": "2025-01-02", "label": "b", "more": 1}, {"label": "a"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"time": "2025-01-0')
    report = report_of(valence, tmp_path / "x.jsonl")
    assert report["rows"] == {"read": 4, "used": 2, "skipped": 2, "outside": 0}


def test_rows_that_do_not_count_are_listed(valence, tmp_path):
    text = ('time,label,text\n2025-01-01,good,x\nyesterday,good,x\n,good,x\n2025-01-02,,x\n2025-02-30,good,"a\nb"\n'
            "2025-01-03,good\n1743415230,bad,x\n2024-12-31,good,x\n")
    (tmp_path / "x.csv").write_text(text)
    done = valence("trends", tmp_path / "x.csv", "--from", "2025-01-01", "--to", "2025-12-31")
    assert done.returncode == 0
    assert '3 of 8 rows skipped: the date cannot be read: line 3 "yesterday", line 4 "", line 6 "2025-02-30"' in done.stderr
    assert 'the row has no label: line 5 ""' in done.stderr
    assert "the row cannot be read: line 8" in done.stderr
    report = report_of(valence, tmp_path / "x.csv", "--from", "2025-01-01")
    assert report["rows"] == {"read": 8, "used": 2, "skipped": 5, "outside": 1}
    assert {s["reason"]: s["count"] for s in report["skipped"]} == {"date": 3, "label": 1, "row": 1}


@pytest.mark.parametrize(
    "column, options, code, told",
    [
        (["3/4/2025", "5/6/2025"], [], 2, '"3/4/2025" in line 2; say which comes first: --date-format day-first or month-first'),
        (["31/4/2024", "30/4/2025", "4/30/2025"], [], 2, "contradict each other"),
        (["3/4/2025"], ["--date-format", "%d.%m.%Y"], 2, 'the date cannot be read, the first in line 2: "3/4/2025"'),
        (["3/4/2025"], ["--date-format", "%Q"], 2, "there is no %Q"),
        (["2025-01-01"], ["--time-zone", "Europe/Atlantis"], 2, "Europe/Atlantis"),
        (["2025-01-01"], ["--from", "soon"], 2, "--from is a day like"),
        (["2025-01-01"], ["--from", "2025-02-01", "--to", "2025-01-01"], 2, "--to is before --from"),
        (["2025-01-01"], ["--from", "2025-02-01"], 2, "1 row outside --from and --to"),
        (["2025-01-01"], ["--time-column", "tiem"], 3, 'the nearest is "time"'),
        (["2025-01-01"], ["--label-column", "lable"], 3, 'the nearest is "label"'),
        (["2025-01-01"], ["--by", "product"], 3, "--by"),
        (["2025-01-01"], ["--text-column", "text"], 3, "--text-column"),
        (["2025-01-01"], ["-o", "report.pdf"], 2, "ends with .html, .json, .csv or .svg"),
        (["2025-01-01"], ["--polarity", "good=3"], 2, "from -1 to 1"),
        (["2025-01-01"], ["--json", "-o", "x.json"], 2, "leave one out"),
        (["2025-01-01"], ["-o", "/nowhere/x.json"], 5, "/nowhere/x.json"),
        (["2025-01-01"], ["--period", "hour"], 2, "hour"),
    ],
)
def test_what_is_wrong_is_said(valence, tmp_path, column, options, code, told):
    path = write_csv(tmp_path / "t.csv", [["time", "label"], *[[value, "good"] for value in column]])
    done = valence("trends", path, *options)
    assert done.returncode == code, done.stderr
    assert told in done.stderr + done.stdout


def test_dates_that_decide_and_formats_that_are_given(valence, tmp_path):
    path = write_csv(tmp_path / "t.csv", [["time", "label"], ["3/4/2025", "good"], ["31/3/2025", "good"], ["4/31/2025", "bad"]])
    done = valence("trends", path)
    assert "read with the day first, as line 3" in done.stderr and '4/31/2025' in done.stderr
    report = report_of(valence, path)
    assert [p["name"] for p in report["periods"]] == ["2025-03", "2025-04"]
    ambiguous = write_csv(tmp_path / "a.csv", [["time", "label"], ["3/4/2025", "good"]])
    for option, name in [("day-first", "2025-04"), ("month-first", "2025-03"), ("%m/%d/%Y", "2025-03")]:
        assert report_of(valence, ambiguous, "--date-format", option)["periods"][0]["name"] == name


def test_a_table_without_labels_names_the_way_out(valence, tmp_path, model):
    table = [["created", "text"]] + [[f"2025-01-{i % 28 + 1:02}", f"text number {i}"] for i in range(100)] + [["2025-01-01", ""]]
    path = write_csv(tmp_path / "t.csv", table)
    done = valence("trends", path)
    assert done.returncode == 3 and "--label-column" in done.stderr and "--label" in done.stderr
    report = report_of(valence, path, "--model", model)
    assert report["rows"]["used"] == 100 and report["source"]["model"] == str(model)
    assert report["skipped"][0]["examples"] == [{"line": 102, "value": ""}]
    output = tmp_path / "labelled.csv"
    assert valence("classify", "--model", model, "-i", path, "-o", output, "--all-scores").returncode == 1
    expected = report_of(valence, output)["groups"][0]["cells"][0]
    found = report["groups"][0]["cells"][0]
    assert [l["count"] for l in found["labels"]] == [l["count"] for l in expected["labels"]]
    assert found["polarity"]["mean"] == pytest.approx(expected["polarity"]["mean"], abs=2e-6)
    as_usual = report_of(valence, path, "--label", env={**os.environ, "VALENCE_MODEL": str(model)})
    assert as_usual["groups"] == report["groups"]
    mixed = valence("trends", path, "--model", model, "--label-column", "label")
    assert mixed.returncode == 2


# ---- logs -----------------------------------------------------------------------------------


def texts_table(path, count, name, seed=1):
    chance = random.Random(seed)
    words = "good bad the film, \"plot\" boring\nline great 好 never".split(" ")
    return write_csv(path, [["id", "created", "text"]] + [
        [f"{name}-{i}", f"2025-{i % 12 + 1:02}-05", " ".join(chance.choices(words, k=chance.randint(1, 6)))] for i in range(count)])


def ids_of(log):
    if log.suffix == ".csv":
        return collections.Counter(row["id"] for row in read_csv(log))
    with sqlite3.connect(log) as store:
        return collections.Counter(json.loads(c)["id"] for (c,) in store.execute("SELECT columns FROM results"))


@pytest.mark.parametrize("kind", ["csv", "db"])
def test_rows_are_added_once(valence, model, tmp_path, kind):
    log = tmp_path / f"log.{kind}"
    first, second = texts_table(tmp_path / "a.csv", 300, "a"), texts_table(tmp_path / "b.csv", 20, "b")
    append = lambda path, *more: valence("classify", "--model", model, "-i", path, "--append", log, *more)
    assert append(first).returncode == 0 and append(second).returncode == 0
    assert len(ids_of(log)) == 320
    again = append(first)
    assert again.returncode == 0 and "already; --force appends them again" in again.stderr
    assert len(ids_of(log)) == sum(ids_of(log).values()) == 320
    assert append(second, "--force").returncode == 0
    assert sum(ids_of(log).values()) == 340
    by_created = report_of(valence, log, "--time-column", "created")
    assert len(by_created["periods"]) == 12 and by_created["rows"]["used"] == 340
    assert by_created["options"]["polarity"] == "scores" and by_created["options"]["text_column"] == "text"
    by_labelling = report_of(valence, log, *(["--time-column", "labelled_at"] if kind == "csv" else []))
    assert by_labelling["options"]["time_column"] == "labelled_at" and sum(
        c["count"] for c in by_labelling["groups"][0]["cells"]) == 340


def test_both_kinds_of_logs_tell_the_same(valence, model, tmp_path):
    source = texts_table(tmp_path / "a.csv", 500, "a")
    logs = [tmp_path / "log.csv", tmp_path / "log.db"]
    for log in logs:
        assert valence("classify", "--model", model, "-i", source, "--append", log).returncode == 0
    a, b = (report_of(valence, log, "--time-column", "created") for log in logs)
    for one, other in zip(a["groups"][0]["cells"], b["groups"][0]["cells"]):
        assert [l["count"] for l in one["labels"]] == [l["count"] for l in other["labels"]]
        assert one["polarity"]["mean"] == pytest.approx(other["polarity"]["mean"], abs=2e-6)


def test_logs_of_other_columns_and_kinds_are_refused(valence, model, tmp_path):
    source = texts_table(tmp_path / "a.csv", 5, "a")
    classify = lambda *arguments: valence("classify", "--model", model, *arguments)
    log = tmp_path / "log.csv"
    log.write_text("id,when,text\n1,2,3\n")
    refused = classify("-i", source, "--append", log)
    assert refused.returncode == 2 and "in the log: id, when, text; to be appended: id, created, text" in refused.stderr
    assert log.read_text() == "id,when,text\n1,2,3\n"
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as store:
        store.execute("CREATE TABLE t (x)")
    assert "another program" in classify("-i", source, "--append", other).stderr
    (tmp_path / "text.db").write_text("x" * 5000)
    assert "no SQLite database" in classify("-i", source, "--append", tmp_path / "text.db").stderr
    for arguments, told in [(["--append", "log.txt"], "ends with .csv"), (["--append", log, "-o", "x.csv"], "--append says"),
                            (["--append", log, "--json"], "--append says")]:
        done = classify("-i", source, *arguments)
        assert done.returncode == 2 and told in done.stderr


def test_a_last_line_without_its_end_stays_a_row_of_its_own(valence, model, tmp_path):
    log = tmp_path / "log.csv"
    classify = lambda name: valence("classify", "--model", model, "-i", texts_table(tmp_path / f"{name}.csv", 3, name), "--append", log)
    assert classify("a").returncode == 0
    log.write_text(log.read_text()[:-1])
    assert classify("b").returncode == 0
    assert len(ids_of(log)) == 6


def test_texts_of_arguments_and_pipes_are_appended(valence, model, tmp_path):
    log = tmp_path / "log.csv"
    assert valence("classify", "--model", model, "one", "two", "--append", log).returncode == 0
    assert valence("classify", "--model", model, "--append", log, input="three\nfour\n").returncode == 0
    rows = read_csv(log)
    assert [row["text"] for row in rows] == ["one", "two", "three", "four"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["labelled_at"]) for row in rows)
    assert all(row["labelled_by"] == str(model) for row in rows)


@pytest.mark.parametrize("kind", ["csv", "db"])
def test_several_writers_that_are_killed_append_each_row_once(program, valence, model, tmp_path, kind):
    """Four runs at a time, each killed at random moments and resumed until it is done."""
    log, chance = tmp_path / f"log.{kind}", random.Random(6)
    sources = {name: texts_table(tmp_path / f"{name}.csv", 20000, name, seed) for seed, name in enumerate("wxyz")}
    waiting, running, kills, resumed = dict(sources), {}, 0, 0
    deadline = time.monotonic() + 120
    while waiting or running:
        assert time.monotonic() < deadline
        for name in [n for n in waiting if n not in running]:
            running[name] = subprocess.Popen(
                [program, "classify", "--model", model, "-i", sources[name], "--append", log, "--resume", "--threads", "1"],
                stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.005, 0.08))
        name = chance.choice(list(running))
        if kills < 30:
            running[name].kill()
        child = running[name]
        if child.poll() is None and kills >= 30:
            child.wait()
        told = child.communicate()[1].decode()
        if child.returncode == -signal.SIGKILL:
            kills += 1
        else:
            assert child.returncode == 0, told
            resumed += "of them before" in told
            waiting.pop(name)
        del running[name]
    assert kills >= 8 and resumed >= 1
    found = ids_of(log)
    assert set(found.values()) == {1} and len(found) == 80000
    assert not log.with_name(log.name + ".journal").exists()
    assert report_of(valence, log, "--time-column", "created")["rows"] == {"read": 80000, "used": 80000, "skipped": 0, "outside": 0}


def test_an_interrupted_run_is_not_doubled_by_mistake(program, valence, model, tmp_path):
    source, log = texts_table(tmp_path / "a.csv", 20000, "a"), tmp_path / "log.csv"
    child = subprocess.Popen([program, "classify", "--model", model, "-i", source, "--append", log, "--threads", "1"])
    while not (tmp_path / "log.csv.runs").exists():
        time.sleep(0.01)
    child.send_signal(signal.SIGTERM)
    assert child.wait() == 128 + signal.SIGTERM
    options = ["--model", model, "-i", source, "--append", log]
    refused = valence("classify", *options)
    assert refused.returncode == 2 and "--resume goes on, --force appends all rows again" in refused.stderr
    changed = valence("classify", *options, "--resume", "--long", "truncate")
    assert changed.returncode == 2 and "--long" in changed.stderr
    assert valence("classify", *options, "--resume").returncode == 0
    assert len(ids_of(log)) == sum(ids_of(log).values()) == 20000


def test_a_turn_that_was_cut_off_is_taken_back_or_completed(valence, model, tmp_path):
    """The journal as a killed writer leaves it, at its three moments."""
    import zlib

    log, journal = tmp_path / "log.csv", tmp_path / "log.csv.journal"
    append = lambda name: valence("classify", "--model", model, "-i", texts_table(tmp_path / f"{name}.csv", 3, name), "--append", log)
    assert append("a").returncode == 0
    good = log.read_bytes()
    rows = good.splitlines(keepends=True)[-1] * 2
    entry = {"version": 1, "size": len(good), "length": len(rows), "checksum": zlib.crc32(rows), "run": None}
    for torn, kept in [(b"", 0), (rows[:37], 0), (rows, 2)]:
        log.write_bytes(good + torn)
        journal.write_text(json.dumps(entry))
        assert append(f"b{len(torn)}").returncode == 0
        assert not journal.exists()
        assert len(read_csv(log)) == 3 + kept + 3
        (tmp_path / "log.csv.runs").unlink()


def test_a_log_can_be_read_while_it_grows(program, valence, model, tmp_path):
    source = texts_table(tmp_path / "a.csv", 20000, "a")
    for log in (tmp_path / "log.csv", tmp_path / "log.db"):
        child = subprocess.Popen([program, "classify", "--model", model, "-i", source, "--append", log, "--threads", "1", "-q"])
        reads, last = 0, 0
        while child.poll() is None:
            done = valence("trends", log, "--time-column", "created", "--json", "-q")
            if done.returncode == 0:
                used = json.loads(done.stdout)["rows"]["used"]
                assert used >= last
                last, reads = used, reads + 1
            else:  # nothing is there yet
                assert reads == 0 and done.returncode in (2, 3, 4), done.stderr
        assert child.returncode == 0 and reads >= 2

"""valence classify as a user meets it: the real program, a small model of random weights, real files."""
import csv
import gzip
import io
import json
import os
import pathlib
import random
import re
import select
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import measured  # noqa: E402
from terminal import at_terminal  # noqa: E402


@pytest.fixture(scope="module")
def model(root):
    return root / "tests/fixtures/models/bert"


@pytest.fixture(scope="module")
def labels(model):
    return list(json.loads((model / "config.json").read_text())["id2label"].values())


@pytest.fixture(scope="module")
def classify(valence, model):
    def run(*arguments, **options):
        return valence("classify", "--model", model, *arguments, **options)

    return run


def read_csv(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def write_csv(path, rows, delimiter=",", **style):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, **style).writerows(rows)
    return path


def table_of(count, seed=1):
    """Rows of texts of very different lengths, some without text."""
    chance = random.Random(seed)
    words = "good bad the a film plot actor boring great never ever because and 5 naïve 好 😀 \"quoted\" x,y".split()
    rows = [["id", "text", "stars"]]
    for i in range(count):
        length = chance.choice([0, 1, 3, 8, 20]) if i % 60 else 90
        rows.append([str(i), " ".join(chance.choices(words, k=length)), str(chance.randint(1, 5))])
    return rows


# ---- texts and lines ------------------------------------------------------------------------


def test_arguments_print_a_readable_line_each(classify, labels):
    done = classify("a good film", "a bad\nfilm")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    for line, text in zip(lines, ["a good film", "a bad film"]):
        label, score, shown = re.fullmatch(r"(\S+) +(\d\.\d{4})  (.*)", line).groups()
        assert label in labels and 0 < float(score) <= 1 and shown == text


def test_the_command_may_be_left_out(valence, classify, model):
    expected = classify("--json", "a good film").stdout
    env = {**os.environ, "VALENCE_MODEL": str(model)}
    assert valence("a good film", "--json", env=env).stdout == expected
    assert valence("--json", "a good film", env=env).stdout == expected
    assert valence("--json", env=env, input="a good film\n").stdout == expected
    assert valence("--json", "--", "a good film", env=env).stdout == expected
    assert json.loads(valence("--json", "--", "-5 stars", env=env).stdout)[0]["label"]


def test_odd_arguments_are_texts(classify):
    texts = ["[good, bad]", "{}", "a=b", "naïve 好 😀", "%s", "'", "version", "[]"]
    lines = classify(*texts).stdout.splitlines()
    assert [line.split(None, 2)[2] for line in lines] == texts
    assert "[none]" in classify("--input", "[none]", "--input-format", "csv").stderr


def test_the_name_of_a_file_is_a_text_and_said_to_be(classify, tmp_path):
    file = tmp_path / "reviews.csv"
    file.write_text("text\ngood\n")
    done = classify(file)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1
    assert "reviews.csv" in done.stderr and "--input" in done.stderr
    assert classify(file, "--quiet").stderr == ""


def test_json_is_the_list_that_pipeline_users_know(classify, labels):
    one = json.loads(classify("--json", "good").stdout)
    assert [list(entry) for entry in one] == [["label", "score"]]
    two = json.loads(classify("--json", "good", "bad").stdout)
    assert len(two) == 2 and two[0] == one[0]
    top = json.loads(classify("--json", "--top-k", "2", "good", "bad").stdout)
    assert [len(entry) for entry in top] == [2, 2] and top[0][0] == one[0]
    every = json.loads(classify("--json", "--all-scores", "good").stdout)
    assert sorted(entry["label"] for entry in every[0]) == sorted(labels)
    assert sum(entry["score"] for entry in every[0]) == pytest.approx(1, abs=1e-5)
    assert json.loads(classify("--json", input="").stdout) == []


def test_answers_are_the_pipelines(classify, model):
    """What transformers.pipeline("text-classification") returned for these texts and options."""
    golden = json.loads((model / "golden.json").read_text())["pipeline"]
    assert len(golden) > 3
    for case in golden:
        options = []
        for name, value in case["options"].items():
            if name == "top_k" and value is None:
                options += ["--all-scores"]
            else:
                options += ["--" + name.replace("_", "-"), value]
        answer = json.loads(classify("--json", *options, "--", case["text"]).stdout)
        found = answer if "top_k" not in case["options"] else answer[0]
        assert [entry["label"] for entry in found] == [entry["label"] for entry in case["answer"]]
        for mine, theirs in zip(found, case["answer"]):
            assert mine["score"] == pytest.approx(theirs["score"], abs=1e-5)


def test_lines_keep_their_number_and_blank_ones_have_an_error(classify):
    done = classify(input="good\n\nbad\r\nlast")
    lines = done.stdout.splitlines()
    assert len(lines) == 4 and lines[1].startswith("error") and "no text" in lines[1]
    assert done.returncode == 1 and "1 of 4 lines" in done.stderr
    assert lines[3].endswith("  last")


def test_lines_are_answered_as_they_come(program, model):
    child = subprocess.Popen([program, "--model", model], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for text in [b"good\n", b"bad\n"]:
            child.stdin.write(text)
            child.stdin.flush()
            assert select.select([child.stdout], [], [], 60)[0], "no answer while the pipe is open"
            assert child.stdout.readline().endswith(text)
    finally:
        child.stdin.close()
        assert child.wait(60) == 0


# ---- tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize("extension,delimiter", [("csv", ","), ("tsv", "\t")])
def test_every_column_is_kept_byte_for_byte(classify, tmp_path, labels, extension, delimiter):
    chance = random.Random(7)
    letters = "ab,;\t\"'\n\r é好😀 0\\|"
    columns = ["id", "a,b", "text", "quo\"te", "line\nbreak", ""]
    rows = [["".join(chance.choices(letters, k=chance.randint(0, 12))) for _ in columns] for _ in range(700)]
    for quoting, end in [(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\n")]:
        source = write_csv(tmp_path / f"in.{extension}", [columns, *rows], delimiter, quoting=quoting, lineterminator=end)
        done = classify("--input", source, "--output", tmp_path / f"out.{extension}", "--force")
        with open(tmp_path / f"out.{extension}", newline="", encoding="utf-8") as file:
            read = list(csv.reader(file, delimiter=delimiter))
        assert read[0] == [*columns, "label", "score", "error"]
        assert [row[: len(columns)] for row in read[1:]] == rows
        for row in read[1:]:
            has_text = bool(row[2].strip(" \t\n\v\f\r"))
            assert (row[-3] in labels and float(row[-2]) > 0 and row[-1] == "") if has_text else (
                row[-3:] == ["", "", "the row has no text"])
        assert done.returncode == (1 if any(row[-1] for row in read[1:]) else 0)


def test_bytes_that_are_no_utf8_pass_through_csv_and_become_valid_json(classify, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"id,text\n\xff\xfe\x80,caf\xe9 good\n")
    done = classify("--input", tmp_path / "in.csv", encoding=None)
    assert b"\n\xff\xfe\x80,caf\xe9 good," in done.stdout and b"invalid UTF-8" in done.stderr
    done = classify("--input", tmp_path / "in.csv", "--output-format", "jsonl")
    assert json.loads(done.stdout)["text"] == "caf\ufffd good"


def test_json_lines_keep_each_object_as_it_is_written(classify, tmp_path, labels):
    objects = ['{"text": "good", "n": 1.0, "big": 123456789012345678901234567890, "z": 1, "a": {"k": [1, 2.50]}}',
               '{"other": null, "text":"b\\u00e9d \\ud83d\\ude00" }']
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(objects) + "\n", encoding="utf-8")
    done = classify("--input", source, "--output", tmp_path / "out.jsonl", "--all-scores", "--details")
    assert done.returncode == 0
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    for line, given in zip(lines, objects, strict=True):
        assert line.startswith(given.rstrip("} "))
        read = json.loads(line)
        assert {**read, **json.loads(given)} == read
        assert read["label"] in labels and read["error"] is None and read["windows"] == 1
        assert read["truncated"] is False
        best = max(labels, key=lambda label: read[f"score_{label}"])
        assert read["label"] == best and read["score"] == read[f"score_{best}"]


def test_formats_in_and_out_tell_the_same(classify, tmp_path):
    rows = table_of(120)
    sources = {"csv": write_csv(tmp_path / "in.csv", rows), "tsv": write_csv(tmp_path / "in.tsv", rows, "\t"),
               "jsonl": tmp_path / "in.jsonl"}
    sources["jsonl"].write_text("".join(json.dumps(dict(zip(rows[0], row))) + "\n" for row in rows[1:]))
    with gzip.open(tmp_path / "in.csv.gz", "wb") as packed:
        packed.write(sources["csv"].read_bytes())
    sources["gz"] = tmp_path / "in.csv.gz"
    tables = []
    for source in sources.values():
        for kind in ["csv", "tsv", "jsonl"]:
            text = classify("--input", source, "--output-format", kind, "--top-k", 2).stdout
            if kind == "jsonl":
                table = [{k: "" if v is None else v for k, v in json.loads(line).items()} for line in text.splitlines()]
                table = [{k: f"{v:.6f}" if isinstance(v, float) else v for k, v in row.items()} for row in table]
            else:
                table = read_csv(text, "\t" if kind == "tsv" else ",")
            tables.append(table)
    assert list(tables[0][1]) == ["id", "text", "stars", "label", "score", "label_2", "score_2", "error"]
    assert len(tables) == 12 and len(tables[0]) == 120
    assert all(table == tables[0] for table in tables[1:])


def test_broken_rows_go_on_and_strict_stops(classify, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text('id,text\n1,good\n2,"open\n3,bad,extra\n4,fine\n5,\n')
    done = classify("--input", source)
    rows = read_csv(done.stdout)
    assert [bool(row["label"]) for row in rows] == [True, False, False, True, False]
    assert '2,"open' in rows[1]["error"] and "3,bad,extra" in rows[2]["error"]
    assert done.returncode == 1 and "3 rows without a label" in done.stderr
    done = classify("--input", source, "--strict", "--output", tmp_path / "out.csv")
    assert done.returncode == 4 and "row 2, line 3" in done.stderr and str(source) in done.stderr
    assert not (tmp_path / "out.csv").exists()
    assert read_csv(classify("--input", source, "--strict").stdout)[0]["id"] == "1"


def test_long_texts(classify, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["text"], ["good film " * 3000], ["short"]])
    rows = read_csv(classify("--input", source, "--details").stdout)
    assert int(rows[0]["windows"]) > 1 and rows[0]["truncated"] == "false" and rows[1]["windows"] == "1"
    done = classify("--input", source, "--details", "--long", "truncate")
    assert read_csv(done.stdout)[0]["truncated"] == "true" and "1 long text truncated" in done.stderr
    done = classify("--input", source, "--long", "error")
    assert "tokens" in read_csv(done.stdout)[0]["error"] and done.returncode == 1


def test_no_header_and_other_delimiters(classify, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("1;good\n2;bad\n")
    done = classify("--input", source, "--no-header", "--delimiter", ";", "--text-column", 2)
    lines = done.stdout.splitlines()
    assert len(lines) == 2 and lines[0].startswith("1;good;") and lines[0].count(";") == 4


# ---- what goes wrong ------------------------------------------------------------------------


def test_usage_errors_say_what_to_do(classify, valence, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["id", "Review", "label"], ["1", "good", "x"]])
    for arguments, code, words in [
        (["text", "--input", source], 2, "leave one out"),
        (["--input", source, "--text-column", "reveiw"], 3, 'nearest is "Review"'),
        (["--input", source], 3, "id, Review, label"),
        (["--input", source, "-c", "Review"], 2, "--label-name"),
        (["--input", tmp_path / "none.csv"], 3, "none.csv"),
        (["--input", tmp_path], 2, "--input-format"),
        (["--input", tmp_path, "--input-format", "csv"], 5, "directory"),
        (["--input", source, "--output", tmp_path / "x.xlsx"], 2, "--output-format"),
        (["--input", source, "--output", tmp_path / "x.csv.gz"], 2, "not compressed"),
        (["--input", source, "--resume"], 2, "--output"),
        (["text", "--top-k", "0"], 2, "--top-k"),
        (["text", "--no-such-option"], 2, "no-such-option"),
        (["text", "--backend", "abacus"], 2, "cpu"),
        (["--json", "text", "--output", tmp_path / "x.jsonl"], 2, "jsonl"),
    ]:
        done = classify(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), (arguments, done.stderr)
        assert words in done.stderr, (arguments, done.stderr)
    done = classify("--input", source, "-c", "Review", "--label-name", "mood")
    assert done.returncode == 0 and list(read_csv(done.stdout)[0])[-3:] == ["mood", "score", "error"]
    env = {k: v for k, v in os.environ.items() if k != "VALENCE_MODEL"}
    done = valence("calibrate", "--data", source, "--label-column", "Review", env=env)
    assert done.returncode == 2 and "--model" in done.stderr


def test_one_copied_file_is_a_whole_classifier(program, tmp_path):
    (tmp_path / "valence").write_bytes(program.read_bytes())
    (tmp_path / "valence").chmod(0o755)
    texts = {"This is wonderful, thank you!": "POSITIVE", "This is terrible, I want my money back.": "NEGATIVE"}
    done = subprocess.run(["./valence", "--json", *texts], cwd=tmp_path, env={"PATH": ""}, capture_output=True,
                          encoding="utf-8", check=True)
    assert [answer["label"] for answer in json.loads(done.stdout)] == list(texts.values())
    done = subprocess.run(["./valence", "inspect", "--json"], cwd=tmp_path, env={}, capture_output=True, check=True)
    assert json.loads(done.stdout)["path"] == "the built-in model"


def test_existing_work_is_not_overwritten(classify, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["text"], ["good"]])
    output = tmp_path / "out.csv"
    output.write_text("precious")
    done = classify("--input", source, "--output", output)
    assert done.returncode == 2 and "--force" in done.stderr and output.read_text() == "precious"
    done = classify("--input", source, "--output", output, "--resume")
    assert done.returncode == 2 and output.read_text() == "precious"
    assert classify("--input", source, "--output", output, "--force").returncode == 0
    assert read_csv(output.read_text())[0]["text"] == "good"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_a_full_disk_is_named(classify, tmp_path):
    source = write_csv(tmp_path / "in.csv", [["text"], ["good"]])
    done = classify("--input", source, "--output", "/dev/full", "--output-format", "csv")
    assert done.returncode == 5 and "No space left" in done.stderr and "/dev/full" in done.stderr
    with open("/dev/full", "w") as full:
        done = classify("good", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 5 and "No space left" in done.stderr


def test_a_closed_pipe_ends_quietly(program, model, tmp_path):
    source = write_csv(tmp_path / "in.csv", table_of(3000))
    child = subprocess.Popen([program, "classify", "--model", model, "--input", source], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(60) == -signal.SIGPIPE


def test_a_damaged_gzip_keeps_what_was_read(classify, tmp_path):
    packed = gzip.compress(("text\n" + "".join(f"good {i * 7919} {os.urandom(9).hex()}\n" for i in range(9000))).encode())
    source = tmp_path / "in.csv.gz"
    source.write_bytes(packed[: len(packed) // 2])
    done = classify("--input", source, "--output", tmp_path / "out.csv")
    assert done.returncode == 4 and "end too early" in done.stderr
    assert not (tmp_path / "out.csv").exists()
    assert (tmp_path / "out.csv.partial").read_text().count("\n") > 1000


# ---- terminals ------------------------------------------------------------------------------


def test_terminals_get_colours_short_lines_and_progress(program, model, tmp_path):
    env = {**os.environ, "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    code, shown = at_terminal([program, "--model", model, "good " * 100], env=env)
    assert code == 0 and "\x1b[1m" in shown and shown.rstrip().endswith("...")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).strip()
    assert len(plain) == 80
    code, shown = at_terminal([program, "--model", model, "good"], env={**env, "NO_COLOR": "1"})
    assert "\x1b" not in shown
    source = tmp_path / "in.csv"
    command = [program, "classify", "--model", model, "--input", source, "--force", "--output", tmp_path / "out.csv"]
    spent, rows = 0, 2000
    while spent < 1.5:  # the speed is shown after half a second
        rows *= 2
        write_csv(source, table_of(rows))
        begin = time.monotonic()
        code, shown = at_terminal(command, env=env)
        spent = time.monotonic() - begin
    assert "rows/s" in shown and re.search(r"\[#*\.*\] \d+ %", shown)
    code, shown = at_terminal([*command, "--quiet"], env=env)
    assert shown == ""


# ---- interruption ---------------------------------------------------------------------------


def start(program, model, *arguments):
    return subprocess.Popen([program, "classify", "--model", model, *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def test_kill_and_resume_at_random_moments(program, classify, model, tmp_path):
    options = ["--input", tmp_path / "in.csv", "--all-scores", "--details"]
    whole_run, rows = 0, 2000
    while whole_run < 1:  # several times the pause between two checkpoints
        rows *= 2
        write_csv(tmp_path / "in.csv", table_of(rows))
        begin = time.monotonic()
        assert classify(*options, "--output", tmp_path / "whole.csv", "--force").returncode == 1
        whole_run = time.monotonic() - begin
    expected = (tmp_path / "whole.csv").read_bytes()
    chance = random.Random(3)
    kills = resumed = 0
    for attempt in range(40):
        if kills >= 25 and resumed >= 10:
            break
        output = tmp_path / f"out{attempt}.csv"
        for run in range(6):  # the last of them to its end
            child = start(program, model, *options, "--output", output, "--resume")
            try:
                patience = chance.uniform(0.05, 0.9) * whole_run if run < 5 else 120
                _, told = child.communicate(timeout=patience)
                assert child.returncode == 1, told
                break
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                kills += 1
                if output.exists() and not list(tmp_path.glob(f"{output.name}.*")):
                    told = b""  # killed on its way out, with all its work done: nothing is left to resume
                    break
        resumed += b"of them before" in told or b"finished by the run before" in told
        assert output.read_bytes() == expected
        assert not list(tmp_path.glob(f"{output.name}.*"))
    assert kills >= 20 and resumed >= 5


def test_two_programs_do_not_write_the_same_file(program, classify, model, tmp_path):
    source = write_csv(tmp_path / "in.csv", table_of(6000))
    output = tmp_path / "out.csv"
    child = start(program, model, "--input", source, "--output", output)
    while not (tmp_path / "out.csv.progress").exists():
        assert child.poll() is None, "finished before the other could start"
        time.sleep(0.01)
    for extra in ["--force", "--resume"]:
        done = classify("--input", source, "--output", output, extra)
        assert done.returncode == 5 and "another program" in done.stderr
    _, told = child.communicate(timeout=120)
    assert child.returncode == 1, told
    assert len(read_csv(output.read_text())) == 6000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_cleanly(program, classify, model, tmp_path, number):
    source = write_csv(tmp_path / "in.csv", table_of(6000))
    options = ["--input", source]
    classify(*options, "--output", tmp_path / "whole.csv")
    output = tmp_path / "out.csv"
    child = start(program, model, *options, "--output", output)
    while not (tmp_path / "out.csv.progress").exists():
        assert child.poll() is None, "finished before it could be stopped"
        time.sleep(0.01)
    child.send_signal(number)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 128 + number and b"--resume" in told
    assert not output.exists()
    done = classify(*options, "--output", output)
    assert done.returncode == 2 and "--resume goes on, --force starts again" in done.stderr
    assert classify(*options, "--output", output, "--resume").returncode == 1
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_resume_refuses_what_has_changed(program, classify, model, root, tmp_path):
    source = write_csv(tmp_path / "in.csv", table_of(6000))
    output = tmp_path / "out.csv"
    child = start(program, model, "--input", source, "--output", output)
    while not (tmp_path / "out.csv.progress").exists():
        assert child.poll() is None, "finished before it could be stopped"
        time.sleep(0.01)
    child.kill()
    child.communicate()
    again = ["--input", source, "--output", output, "--resume"]
    partial = (tmp_path / "out.csv.partial").read_bytes()
    other = root / "tests/fixtures/models/distilbert"
    for extra, words in [(["--all-scores"], "--all-scores"), (["--long", "truncate"], "--long"),
                         (["--uncalibrated"], "--uncalibrated"), (["--chosen"], "--chosen"),
                         (["--model", other], "the model")]:
        done = classify(*again, *extra) if "--model" not in extra else subprocess.run(
            [program, "classify", *map(str, again), "--model", other], capture_output=True, encoding="utf-8")
        assert done.returncode == 2 and words in done.stderr and "--force" in done.stderr
    assert (tmp_path / "out.csv.partial").read_bytes() == partial
    with open(source, "a") as file:
        file.write("9,more,1\n")
    done = classify(*again)
    assert done.returncode == 2 and "the input file" in done.stderr
    assert classify("--input", source, "--output", output, "--force").returncode == 1
    assert len(read_csv(output.read_text())) == 6001


def test_memory_does_not_grow_with_the_file(program, model, tmp_path):
    peaks = []
    for count in [2000, 20000]:
        source = write_csv(tmp_path / "in.csv", [["text"], *[[f"good film {i}"] for i in range(count)]])
        peaks.append(measured.run([program, "classify", "--quiet", "--model", model, "--input", source])[1])
    assert peaks[1] < peaks[0] + 8 * 1024 * 1024

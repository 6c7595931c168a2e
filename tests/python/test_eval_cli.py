"""valence eval and valence calibrate as a user meets them, on small models of random weights."""
import csv
import json
import math
import os
import random
import re
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from terminal import at_terminal

MODELS = "tests/fixtures/models"
WORDS = "good bad the a film plot actor boring great never ever because and 5 not very love hate it is".split()
TRUE_TEMPERATURE = 0.3


@pytest.fixture(scope="module")
def model(root):
    return lambda name: root / MODELS / name


@pytest.fixture
def copy_of(model, tmp_path):
    def copy(name):
        return shutil.copytree(model(name), tmp_path / name)

    return copy


def texts_of(count, seed, long_every=0):
    chance = random.Random(seed)
    lengths = [400 if long_every and i % long_every == 0 else chance.randint(1, 12) for i in range(count)]
    return [" ".join(chance.choices(WORDS, k=length)) for length in lengths]


def write_rows(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def scores_of(valence, model, texts, folder, *options):
    """The scores of all labels of each text, by label."""
    source = write_rows(folder / "texts.csv", [["text"], *[[text] for text in texts]])
    done = valence("classify", "--model", model, "--input", source, "--output-format", "jsonl", "--all-scores", *options)
    assert done.returncode == 0, done.stderr
    return [{key[6:]: value for key, value in json.loads(line).items() if key.startswith("score_")}
            for line in done.stdout.splitlines()]


def tempered_rows(valence, model, texts, folder, seed):
    """Texts with labels drawn from softmax(logits / TRUE_TEMPERATURE) of the model itself."""
    chance = random.Random(seed)
    rows = [["text", "label"]]
    for text, logits in zip(texts, scores_of(valence, model, texts, folder, "--function-to-apply", "none",
                                             "--long", "truncate")):
        weights = [math.exp(value / TRUE_TEMPERATURE) for value in logits.values()]
        rows.append([text, chance.choices(list(logits), weights)[0]])
    return rows


@pytest.fixture(scope="module")
def tempered(valence, model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tempered")
    rows = tempered_rows(valence, model("bert"), texts_of(1500, 1), folder, 2)
    return write_rows(folder / "data.csv", rows)


def evaluate(valence, *arguments):
    done = valence("eval", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def figure(report, name):
    return report["figures"][name]["value"]


# ---- eval -----------------------------------------------------------------------------------


def test_the_table_has_the_figures_and_the_classes(valence, model, tempered):
    done = valence("eval", "--model", model("bert"), "--data", tempered)
    assert done.returncode == 0 and done.stderr == ""
    for part in ["accuracy", "macro F1", "macro recall", "ECE", "Brier score", "95 % interval", "precision", "negative",
                 "neutral", "positive", "score at least", "texts/s", "tokens/s", "1,500 rows"]:
        assert part in done.stdout
    assert "\x1b" not in done.stdout


def test_json_says_what_the_scores_say(valence, model, tempered, tmp_path):
    report = evaluate(valence, "--model", model("bert"), "--data", tempered)
    rows = list(csv.DictReader(open(tempered, encoding="utf-8")))
    scores = scores_of(valence, model("bert"), [row["text"] for row in rows], tmp_path)
    predicted = [max(entry, key=entry.get) for entry in scores]
    gold = [row["label"] for row in rows]
    right = [a == b for a, b in zip(gold, predicted)]
    accuracy = sum(right) / len(rows)
    assert figure(report, "accuracy") == pytest.approx(accuracy)
    assert report["figures"]["accuracy"]["low"] < accuracy < report["figures"]["accuracy"]["high"]
    brier = sum(sum((s - (label == g)) ** 2 for label, s in entry.items()) for entry, g in zip(scores, gold)) / len(rows)
    assert figure(report, "brier") == pytest.approx(brier, abs=1e-5)
    names = ["negative", "neutral", "positive"]
    assert list(report["classes"]) == names
    assert report["confusion"] == [[sum((a, b) == pair for pair in zip(gold, predicted)) for b in names] for a in names]
    sure = [r for entry, r in zip(scores, right) if max(entry.values()) >= 0.6]
    at_60 = next(entry for entry in report["coverage"] if entry["score"] == 0.6)
    assert at_60["rows"] == len(sure) and at_60["coverage"] == pytest.approx(len(sure) / len(rows))
    assert sum(entry["count"] for entry in report["reliability"]) == len(rows)
    assert report["task"] == "single-label classification" and report["speed"]["texts_per_second"] > 0


def test_labels_match_without_regard_to_case_and_several_files_are_one(valence, model, tmp_path):
    first = write_rows(tmp_path / "a.csv", [["Review", "Stars"], ["good film", "NEGATIVE"], ["bad", "1"]])
    second = tmp_path / "b.jsonl"
    second.write_text('{"Review": "great", "Stars": "5"}\n{"Review": "", "Stars": "5"}\n{"Review": "x", "Stars": "3"}\n')
    report = evaluate(valence, "--model", model("bert"), "--data", f"{first},{second}", "--text-column", "Review",
                      "--label-column", "Stars", "--label-map", "1=Negative,5=positive,NEGATIVE=negative,3=")
    assert report["data"]["rows"] == 3
    assert (report["data"]["unusable"], report["data"]["dropped"]) == (1, 1)
    assert "b.jsonl: line 2: the row has no text" in report["data"]["first_problem"]


def test_unknown_labels_are_listed_with_the_models(valence, model, tmp_path):
    data = write_rows(tmp_path / "d.csv", [["text", "label"], ["good", "1"], ["bad", "0"], ["so", "positive"]])
    done = valence("eval", "--model", model("bert"), "--data", data)
    assert done.returncode == 2
    for part in ['the labels "0", "1"', '"negative", "neutral", "positive"', "--label-map"]:
        assert part in done.stderr


@pytest.mark.parametrize("command", ["eval", "calibrate"])
def test_data_that_cannot_be_used_are_refused(valence, copy_of, tmp_path, command):
    folder = copy_of("bert")
    empty = write_rows(tmp_path / "e.csv", [["text", "label"], ["", "positive"], ["good", ""]])
    done = valence(command, "--model", folder, "--data", empty)
    assert done.returncode == 2 and "no usable row" in done.stderr and "line 2: the row has no text" in done.stderr
    done = valence(command, "--model", folder, "--data", tmp_path / "none.csv")
    assert done.returncode == 3 and "none.csv" in done.stderr
    done = valence(command, "--model", folder, "--data", empty, "--label-column", "stars")
    assert done.returncode == 3 and "stars" in done.stderr
    done = valence(command, "--model", folder)
    assert done.returncode == 2 and "--data" in done.stderr


def test_classes_restrict_and_renormalise(valence, model, tempered, tmp_path):
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--json", "--classes", "NEGATIVE,positive")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    rows = [row for row in csv.DictReader(open(tempered, encoding="utf-8")) if row["label"] != "neutral"]
    scores = scores_of(valence, model("bert"), [row["text"] for row in rows], tmp_path)
    assert report["data"]["rows"] == len(rows) and report["data"]["left_out"] == 1500 - len(rows)
    right = sum((entry["negative"] >= entry["positive"]) == (row["label"] == "negative")
                for row, entry in zip(rows, scores))
    assert figure(report, "accuracy") == pytest.approx(right / len(rows))
    share = [entry["negative"] / (entry["negative"] + entry["positive"]) for entry in scores]
    brier = sum(2 * (s - (row["label"] == "negative")) ** 2 for row, s in zip(rows, share)) / len(rows)
    assert figure(report, "brier") == pytest.approx(brier, abs=1e-4)
    assert report["classes"].keys() == {"negative", "positive"}


def test_a_note_tells_how_to_evaluate_fewer_classes(valence, model, tmp_path):
    data = write_rows(tmp_path / "d.csv", [["text", "label"], ["good", "positive"], ["bad", "negative"]])
    done = valence("eval", "--model", model("bert"), "--data", data)
    assert done.returncode == 0 and "--classes negative,positive" in done.stderr
    done = valence("eval", "--model", model("bert"), "--data", data, "--classes", "negative,positive")
    assert done.returncode == 0 and done.stderr == ""
    done = valence("eval", "--model", model("bert"), "--data", data, "--classes", "negative,happy")
    assert done.returncode == 2 and "happy" in done.stderr and "neutral" in done.stderr


def test_a_limit_takes_rows_from_all_over_the_data(valence, model, tmp_path):
    rows = [["good film", "positive"]] * 50 + [["bad film", "negative"]] * 50
    data = write_rows(tmp_path / "d.csv", [["text", "label"], *rows])
    report = evaluate(valence, "--model", model("bert"), "--data", data, "--limit", "10")
    assert [entry["support"] for entry in report["classes"].values()] == [5, 0, 5]


def test_a_model_beside_its_quantized_copy(valence, model, tempered, tmp_path):
    copy = tmp_path / "copy.gguf"
    assert valence("convert", model("bert-wide"), "-o", copy, "--type", "q8_0").returncode == 0
    arguments = ["--model", model("bert-wide"), "--data", tempered, "--compare", copy, "--compare-precision", "fp32"]
    labels = json.loads((model("bert-wide") / "config.json").read_text()).get("id2label", {}).values()
    if "negative" not in labels:
        arguments += ["--label-map", ",".join(f"{given}={name}" for given, name in
                                              zip(["negative", "neutral", "positive"], list(labels) * 3))]
    report = evaluate(valence, *arguments)
    pair = report["comparison"]
    assert pair["agreement"] > 0.9 and 0 < pair["largest_score_change"] < 0.1
    change = pair["differences"]["accuracy"]
    assert change["low"] <= change["value"] <= change["high"]
    assert change["value"] == pytest.approx(figure(pair, "accuracy") - figure(report, "accuracy"))
    lost, won = pair["mcnemar"]["only_first_right"], pair["mcnemar"]["only_second_right"]
    assert (won - lost) / 1500 == pytest.approx(change["value"]) and 0 < pair["mcnemar"]["p"] <= 1
    done = valence("eval", *arguments)
    assert "McNemar" in done.stdout and "difference" in done.stdout
    assert ("within noise" in pair["verdict"]) == (change["low"] <= 0 <= change["high"])
    assert pair["verdict"] in done.stdout


def test_a_worse_model_is_called_worse_and_may_fail_a_build(valence, model, copy_of, tempered):
    worse = copy_of("bert")
    config = json.loads((worse / "config.json").read_text())
    config["id2label"] = {"0": "positive", "1": "neutral", "2": "negative"}
    (worse / "config.json").write_text(json.dumps(config))
    arguments = ["eval", "--model", model("bert"), "--data", tempered, "--compare", worse]
    done = valence(*arguments, "--max-loss", "1")
    assert done.returncode == 1 and f"{worse} is worse by" in done.stdout and "more than 1 points" in done.stderr
    assert valence(*arguments, "--max-loss", "100").returncode == 0
    assert valence("eval", "--model", worse, "--data", tempered, "--compare", model("bert"), "--max-loss", "0",
                   ).returncode == 0
    done = valence("eval", "--model", worse, "--data", tempered, "--max-loss", "1")
    assert done.returncode == 2 and "--compare" in done.stderr


def test_models_that_cannot_be_compared(valence, model, tempered):
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--compare", model("bert-multi-label"))
    assert done.returncode == 2 and "kind" in done.stderr
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--compare", model("distilbert"))
    assert done.returncode == 2 and "--classes" in done.stderr
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--compare", model("distilbert"), "--classes",
                   "negative,positive")
    assert done.returncode == 0, done.stderr


def test_the_plot_is_xml_with_a_bar_for_each_bin(valence, model, tempered, tmp_path):
    plot = tmp_path / "reliability.svg"
    report = evaluate(valence, "--model", model("bert"), "--data", tempered, "--plot", plot)
    root = ElementTree.parse(plot).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    bars = [node for node in root.iter() if node.get("class") == "accuracy"]
    assert len(bars) == sum(entry["count"] > 0 for entry in report["reliability"]) > 0
    assert f"ECE {figure(report, 'ece'):.4f}" in root[0].text
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--plot", plot)
    assert done.returncode == 2 and "--force" in done.stderr
    assert valence("eval", "--model", model("bert"), "--data", tempered, "--plot", plot, "--force").returncode == 0


def test_errors_are_written_worst_first(valence, model, tmp_path):
    texts = ['good, "very" good', "bad\nfilm", "great plot", "never"]
    scores = scores_of(valence, model("bert"), texts, tmp_path)
    rows = [["text", "label"], *[[text, "neutral"] for text in texts]]
    errors = tmp_path / "errors.csv"
    report = evaluate(valence, "--model", model("bert"), "--data", write_rows(tmp_path / "d.csv", rows), "--errors", errors)
    found = list(csv.DictReader(open(errors, newline="", encoding="utf-8")))
    wrong = {text: max(entry, key=entry.get) for text, entry in zip(texts, scores) if max(entry, key=entry.get) != "neutral"}
    assert {row["text"]: row["predicted"] for row in found} == wrong and wrong
    assert {row["gold"] for row in found} == {"neutral"}
    assert [float(row["score"]) for row in found] == sorted((float(row["score"]) for row in found), reverse=True)
    assert figure(report, "accuracy") == 1 - len(wrong) / len(texts)


def test_texts_that_fail_are_counted_and_left_out(valence, model, tmp_path):
    rows = [["text", "label"], ["good", "positive"], ["bad " * 500, "negative"]]
    report = evaluate(valence, "--model", model("bert"), "--data", write_rows(tmp_path / "d.csv", rows), "--long", "error")
    assert (report["data"]["rows"], report["data"]["failed"]) == (1, 1)


def test_multi_label(valence, model, tmp_path):
    texts = texts_of(60, 4)
    scores = scores_of(valence, model("bert-multi-label"), texts, tmp_path)
    chance = random.Random(4)
    gold = [[label for label, score in entry.items() if chance.random() < score] for entry in scores]
    data = write_rows(tmp_path / "d.csv", [["text", "label"], *[[t, "|".join(g)] for t, g in zip(texts, gold)]])
    report = evaluate(valence, "--model", model("bert-multi-label"), "--data", data, "--errors", tmp_path / "e.csv")
    chosen = [[label for label, score in entry.items() if score >= 0.5] for entry in scores]
    assert report["task"] == "multi-label classification"
    assert figure(report, "exact_match") == pytest.approx(sum(map(list.__eq__, chosen, gold)) / 60)
    both = sum(len(set(a) & set(b)) for a, b in zip(chosen, gold))
    assert figure(report, "micro_f1") == pytest.approx(2 * both / (sum(map(len, chosen)) + sum(map(len, gold))))
    assert len(list(csv.DictReader(open(tmp_path / "e.csv", newline="")))) == sum(map(list.__ne__, chosen, gold))
    done = valence("eval", "--model", model("bert-multi-label"), "--data", data)
    assert "exact match" in done.stdout and "anger" in done.stdout
    done = valence("eval", "--model", model("bert-multi-label"), "--data", data, "--classes", "joy")
    assert done.returncode == 2 and "--classes" in done.stderr


def test_regression(valence, model, tmp_path):
    data = write_rows(tmp_path / "d.csv", [["text", "label"], ["good", "4.5"], ["bad film", "1"], ["so", "many"]])
    done = valence("eval", "--model", model("bert-regression"), "--data", data)
    assert done.returncode == 0 and "MSE" in done.stdout and "Spearman rho" in done.stdout
    assert '"many" is no number' in done.stdout
    report = evaluate(valence, "--model", model("bert-regression"), "--data", data, "--compare", model("bert-regression"))
    assert report["comparison"]["largest_score_change"] == 0 and "mcnemar" not in report["comparison"]
    done = valence("calibrate", "--model", model("bert-regression"), "--data", data)
    assert done.returncode == 2 and "numbers" in done.stderr


# ---- calibrate ------------------------------------------------------------------------------


def temperature_of(valence, model):
    return json.loads(valence("inspect", "--json", model).stdout)["temperature"]


def check_calibrated(valence, before, after, data, folder):
    texts = ["a good film", "bad plot " * 200, "never again"]
    plain, calibrated = (scores_of(valence, which, texts, folder) for which in (before, after))
    assert plain != calibrated
    assert scores_of(valence, after, texts, folder, "--uncalibrated") == plain
    raw = ["--function-to-apply", "none"]
    assert scores_of(valence, after, texts, folder, *raw) == scores_of(valence, before, texts, folder, *raw)
    report = evaluate(valence, "--model", after, "--data", data)
    uncalibrated = evaluate(valence, "--model", after, "--data", data, "--uncalibrated")
    assert figure(report, "ece") < 0.5 * figure(uncalibrated, "ece")
    assert figure(report, "accuracy") == figure(uncalibrated, "accuracy")
    assert figure(uncalibrated, "ece") == figure(evaluate(valence, "--model", before, "--data", data), "ece")


def test_calibrate_a_folder_in_place(valence, model, copy_of, tempered, tmp_path):
    folder = copy_of("bert")
    before = json.loads((folder / "config.json").read_text())
    done = valence("calibrate", "--model", folder, "--data", tempered)
    assert done.returncode == 0, done.stderr
    assert "NLL" in done.stdout and "ECE" in done.stdout and "1,500 rows" in done.stdout
    text = (folder / "config.json").read_text()
    after = json.loads(text)
    assert after.pop("valence_calibration")["temperature"] == pytest.approx(TRUE_TEMPERATURE, rel=0.2)
    assert list(after) == list(before) and after == before
    assert {path.name for path in folder.iterdir()} == {path.name for path in model("bert").iterdir()}
    assert "temperature 0." in valence("inspect", folder).stdout
    check_calibrated(valence, model("bert"), folder, tempered, tmp_path)


def test_calibrate_again_gives_the_same(valence, copy_of, tempered):
    folder = copy_of("bert")
    assert valence("calibrate", "--model", folder, "--data", tempered).returncode == 0
    first = (folder / "config.json").read_bytes()
    done = valence("calibrate", "--model", folder, "--data", tempered)
    lines = [line.split() for line in done.stdout.splitlines()]
    before, after = (next(line for line in lines if line[0] == when) for when in ("before", "after"))
    assert before[1:] == after[1:]
    assert (folder / "config.json").read_bytes() == first


def test_a_calibrated_copy_of_a_folder(valence, model, tempered, tmp_path):
    copy = tmp_path / "copy"
    done = valence("calibrate", "--model", model("bert"), "--data", tempered, "-o", copy)
    assert done.returncode == 0, done.stderr
    for path in copy.iterdir():
        if path.name != "config.json":
            assert path.read_bytes() == (model("bert") / path.name).read_bytes()
    assert temperature_of(valence, model("bert")) == 1 and temperature_of(valence, copy) < 0.5
    done = valence("calibrate", "--model", model("bert"), "--data", tempered, "-o", copy)
    assert done.returncode == 2 and "there already" in done.stderr
    done = valence("calibrate", "--model", model("bert"), "--data", tempered, "-o", tmp_path / "m.gguf")
    assert done.returncode == 2 and "valence convert" in done.stderr


def test_gguf_in_place_and_through_convert(valence, model, tempered, tmp_path):
    plain, calibrated = tmp_path / "plain.gguf", tmp_path / "calibrated.gguf"
    assert valence("convert", model("bert"), "-o", plain).returncode == 0
    shutil.copy(plain, calibrated)
    done = valence("calibrate", "--model", calibrated, "--data", tempered)
    assert done.returncode == 0, done.stderr
    check_calibrated(valence, plain, calibrated, tempered, tmp_path)
    # The bytes of the tensors are the end of the file.
    assert plain.read_bytes()[-20000:] == calibrated.read_bytes()[-20000:]
    again = tmp_path / "again.gguf"
    assert valence("convert", calibrated, "-o", again, "--type", "f16").returncode == 0
    assert temperature_of(valence, again) == temperature_of(valence, calibrated) != 1
    folder = tmp_path / "folder"
    assert valence("calibrate", "--model", model("bert"), "--data", tempered, "-o", folder).returncode == 0
    from_folder = tmp_path / "from-folder.gguf"
    assert valence("convert", folder, "-o", from_folder).returncode == 0
    assert temperature_of(valence, from_folder) == temperature_of(valence, calibrated)


def test_a_gguf_without_our_config(valence, root, tmp_path):
    source = root / "tests/fixtures/converted/bert-f32.gguf"
    labels = json.loads(valence("inspect", "--json", source).stdout)["labels"]
    rows = tempered_rows(valence, source, texts_of(600, 8), tmp_path, 9)
    data = write_rows(tmp_path / "data.csv", rows)
    copy = tmp_path / "copy.gguf"
    done = valence("calibrate", "--model", source, "--data", data, "-o", copy)
    assert done.returncode == 0, done.stderr
    check_calibrated(valence, source, copy, data, tmp_path)
    once = copy.read_bytes()
    assert valence("calibrate", "--model", copy, "--data", data).returncode == 0
    assert copy.read_bytes() == once
    converted = tmp_path / "converted.gguf"
    assert valence("convert", copy, "-o", converted).returncode == 0
    assert temperature_of(valence, converted) == temperature_of(valence, copy) != 1
    assert json.loads(valence("inspect", "--json", copy).stdout)["labels"] == labels


def test_long_texts_are_fitted_as_they_are_labelled(valence, copy_of, tmp_path):
    folder = copy_of("bert-short-limit")
    texts = texts_of(400, 6, long_every=2)
    labels = json.loads(valence("inspect", "--json", folder).stdout)["labels"]
    chance = random.Random(7)
    rows = [[text, chance.choices(labels, list(entry.values()))[0]]
            for text, entry in zip(texts, scores_of(valence, folder, texts, tmp_path))]
    data = write_rows(tmp_path / "d.csv", [["text", "label"], *rows])
    done = valence("calibrate", "--model", folder, "--data", data)
    assert done.returncode == 0, done.stderr

    def loss(*options):
        scores = scores_of(valence, folder, texts, tmp_path, *options)
        return -sum(math.log(entry[label]) for entry, (_, label) in zip(scores, rows)) / len(rows)

    lines = [line.split() for line in done.stdout.splitlines()]
    before, after = (next(line for line in lines if line[0] == when) for when in ("before", "after"))
    assert float(before[2]) == pytest.approx(loss("--uncalibrated"), abs=2e-4)
    assert float(after[2]) == pytest.approx(loss(), abs=2e-4)
    assert loss() <= loss("--uncalibrated") + 1e-6


def test_multi_label_thresholds(valence, copy_of, tmp_path):
    folder = copy_of("bert-multi-label")
    texts = texts_of(400, 11)
    scores = scores_of(valence, folder, texts, tmp_path)
    chance = random.Random(12)
    gold = [[label for label, score in entry.items() if chance.random() < score] for entry in scores]
    data = write_rows(tmp_path / "d.csv", [["text", "label"], *[[t, "|".join(g)] for t, g in zip(texts, gold)]])
    before = evaluate(valence, "--model", folder, "--data", data)
    done = valence("calibrate", "--model", folder, "--data", data)
    assert done.returncode == 0, done.stderr
    thresholds = json.loads((folder / "config.json").read_text())["valence_calibration"]["thresholds"]
    assert len(thresholds) == 5 and all(0 < value < 1 for value in thresholds)
    after = evaluate(valence, "--model", folder, "--data", data)
    assert figure(after, "macro_f1") > figure(before, "macro_f1")
    assert "thresholds anger" in valence("inspect", folder).stdout
    chosen = scores_of(valence, folder, texts[:3], tmp_path)
    done = valence("classify", "--model", folder, "--input", tmp_path / "texts.csv", "--output-format", "csv", "--chosen")
    names = list(chosen[0])
    for row, entry in zip(csv.DictReader(done.stdout.splitlines()), chosen):
        expected = {name for name, threshold in zip(names, thresholds) if entry[name] >= threshold}
        assert set(filter(None, row["chosen"].split("|"))) == expected
    done = valence("classify", "--model", folder, "--json", "--chosen", texts[0])
    marked = {entry["label"] for entry in json.loads(done.stdout)[0] if entry["chosen"]}
    assert marked == {name for name, threshold in zip(names, thresholds) if chosen[0][name] >= threshold}


def test_rows_that_say_nothing_about_the_temperature(valence, copy_of, tmp_path):
    folder = copy_of("bert")
    texts = texts_of(30, 3)
    best = [max(entry, key=entry.get) for entry in scores_of(valence, folder, texts, tmp_path)]
    data = write_rows(tmp_path / "d.csv", [["text", "label"], *zip(texts, best)])
    done = valence("calibrate", "--model", folder, "--data", data)
    assert done.returncode == 2 and "every answer is right" in done.stderr and "only 30 rows" in done.stderr
    assert "valence_calibration" not in (folder / "config.json").read_text()


@pytest.mark.parametrize("value, place", [
    ({"temperature": 0}, "/valence_calibration/temperature"), ({"temperature": -1}, "temperature"),
    ({"temperature": "warm"}, "temperature"), ({"temperature": 1e-300}, "temperature"),
    ({"thresholds": [0.5]}, "thresholds"), ({"thresholds": [0.5, 0.5, 1]}, "/valence_calibration/thresholds/2"),
    ({"thresholds": 0.5}, "thresholds"), ([1], "/valence_calibration"),
])
def test_a_damaged_calibration_is_refused(valence, copy_of, value, place):
    folder = copy_of("bert")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "valence_calibration": value}))
    done = valence("inspect", folder)
    assert done.returncode == 4 and place in done.stderr


def test_a_place_that_cannot_be_written(valence, model, tempered, root, tmp_path):
    for source, target in [(model("bert"), "none/copy"), (root / "tests/fixtures/converted/bert-f32.gguf", "none/m.gguf")]:
        done = valence("calibrate", "--model", source, "--data", tempered, "-o", tmp_path / target)
        assert done.returncode == 5 and str(tmp_path / target) in done.stderr
    done = valence("eval", "--model", model("bert"), "--data", tempered, "--plot", tmp_path / "none/plot.svg")
    assert done.returncode == 5 and "plot.svg" in done.stderr


@pytest.mark.parametrize("command", ["eval", "calibrate"])
def test_terminals_show_progress(command, program, valence, model, tmp_path):
    source = write_rows(tmp_path / "in.csv", tempered_rows(valence, model("bert"), texts_of(4000, 8), tmp_path, 8))
    call = [program, command, "--model", shutil.copytree(model("bert"), tmp_path / "m"), "--data", source, "--threads", "1"]
    code, shown = at_terminal(call, env={**os.environ, "TERM": "xterm"})
    assert code == 0, shown
    bar = re.compile(r"\r\[#*\.*\] \d+ %  [\d,]+ rows")
    assert bar.search(shown)
    code, shown = at_terminal([*call, "--quiet"], env={**os.environ, "TERM": "xterm"})
    assert code == 0 and not bar.search(shown)

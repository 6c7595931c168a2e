"""valence train as a user meets it: real files, real runs of small models."""
import json
import os
import pty
import re
import resource
import signal
import subprocess
import time

import pytest
import torch
import transformers
from safetensors.torch import load_file

from conftest import labelled_texts, read_log, tokenizer_of, write_table


def labels_of(valence, model, texts, *options):
    done = valence("classify", "--model", model, "--json", "--", *texts)
    assert done.returncode == 0, done.stderr
    return [answer["label"] for answer in json.loads(done.stdout)]


def logits_by_valence(valence, model, texts):
    done = valence("classify", "--model", model, "--json", "--all-scores", "--function-to-apply", "none", "--", *texts)
    assert done.returncode == 0, done.stderr
    return [{answer["label"]: answer["score"] for answer in row} for row in json.loads(done.stdout)]


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "rows.csv", labelled_texts(64))


FAST = ["--epochs", 12, "--batch-tokens", 128, "--learning-rate", "2e-3", "--dropout", 0]


# ---- results --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bert", "distilbert", "roberta", "electra", "albert"])
def test_64_rows_are_learnt_by_heart_and_transformers_agrees(train, valence, models, table, tmp_path, name):
    out = tmp_path / "out"
    done = train("--base", models / name, "--data", table, "-o", out, *FAST, "--epochs", 40, "--gguf", "f32")
    assert done.returncode == 0, done.stderr
    rows = labelled_texts(64)
    found = labels_of(valence, out, [text for text, _ in rows])
    assert [label for _, label in rows] == found
    assert [label for _, label in rows] == labels_of(valence, out / "model.gguf", [text for text, _ in rows])
    steps = [event for event in read_log(out) if event["event"] == "step"]
    assert steps[-1]["mean_loss"] < steps[0]["mean_loss"]
    model = transformers.AutoModelForSequenceClassification.from_pretrained(out).eval()
    tokenizer = tokenizer_of(out)
    assert model.config.problem_type == "single_label_classification"
    texts = ["good film", "a boring room", "", "never seen before: 7 émigrés"]
    for text, ours in zip(texts[:2] + texts[3:], logits_by_valence(valence, out, texts[:2] + texts[3:])):
        inputs = tokenizer(text, return_tensors="pt")
        if name in ("distilbert", "roberta"):
            inputs.pop("token_type_ids", None)
        with torch.no_grad():
            logits = model(**inputs).logits[0]
        for i, label in model.config.id2label.items():
            assert ours[label] == pytest.approx(logits[i].item(), abs=1e-4)


def test_several_labels_a_row(train, valence, models, tmp_path):
    rows = [(f"{text} {'table' if i % 3 == 0 else ''}", f"{label}|plain" if i % 3 == 0 else label if i % 5 else "")
            for i, (text, label) in enumerate(labelled_texts(60, classes=("good", "bad")))]
    table = write_table(tmp_path / "rows.csv", rows)
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "out", "--task", "multi", *FAST,
                 "--valid-split", 0.1)
    assert done.returncode == 0, done.stderr
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["problem_type"] == "multi_label_classification"
    assert list(config["id2label"].values()) == ["bad", "good", "plain"]
    assert "macro_f1" in done.stderr


def test_numbers(train, valence, models, tmp_path):
    rows = [(text, {"good": 4.5, "bad": -1, "plain": 2}[label]) for text, label in labelled_texts(60)]
    table = write_table(tmp_path / "rows.csv", rows)
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "out", "--task", "regression", *FAST,
                 "--epochs", 40)
    assert done.returncode == 0, done.stderr
    for row, (_, wanted) in zip(logits_by_valence(valence, tmp_path / "out", [text for text, _ in rows]), rows):
        assert list(row.values())[0] == pytest.approx(wanted, abs=0.7)
    table = write_table(tmp_path / "words.csv", labelled_texts(6))
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "no", "--task", "regression")
    assert done.returncode == 2 and 'words.csv, line 2: "good" is not a number' in done.stderr


def test_a_gguf_of_roberta_and_an_encoder_without_head_are_bases(train, valence, models, table, tmp_path):
    assert valence("convert", models / "roberta", "-o", tmp_path / "roberta.gguf").returncode == 0
    done = train("--base", tmp_path / "roberta.gguf", "--data", table, "-o", tmp_path / "a", *FAST)
    assert done.returncode == 0, done.stderr
    model = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "a").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "a")
    text = "a good <mask> Film, with émigrés"
    with torch.no_grad():
        logits = model(**{k: v for k, v in tokenizer(text, return_tensors="pt").items() if k != "token_type_ids"}).logits[0]
    ours = logits_by_valence(valence, tmp_path / "a", [text, text])[0]
    assert [ours[model.config.id2label[i]] for i in range(3)] == pytest.approx(logits.tolist(), abs=1e-4)

    transformers.AutoModel.from_pretrained(models / "bert").save_pretrained(tmp_path / "encoder")
    tokenizer_of(models / "bert").save_pretrained(tmp_path / "encoder")
    done = train("--base", tmp_path / "encoder", "--data", table, "-o", tmp_path / "b", "--max-steps", 1,
                 "--learning-rate", "1e-30")
    assert done.returncode == 0 and "the head starts from random weights" in done.stderr
    before, after = load_file(models / "bert/model.safetensors"), load_file(tmp_path / "b/model.safetensors")
    assert set(before) == set(after)
    for name, tensor in before.items():
        assert name.startswith("classifier") or torch.equal(tensor, after[name]), name


def test_a_head_is_kept_where_the_classes_are_the_bases(train, models, tmp_path):
    rows = [(text, {"good": "POSITIVE", "bad": "negative", "plain": "Neutral"}[label])
            for text, label in labelled_texts(12)]
    table = write_table(tmp_path / "rows.csv", rows)
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "out", "--max-steps", 1,
                 "--learning-rate", "1e-30")
    assert done.returncode == 0 and "random weights" not in done.stderr
    before, after = load_file(models / "bert/model.safetensors"), load_file(tmp_path / "out/model.safetensors")
    assert torch.equal(before["classifier.weight"], after["classifier.weight"])
    assert list(json.loads((tmp_path / "out/config.json").read_text())["id2label"].values()) == [
        "negative", "neutral", "positive"]


def test_frozen_layers_keep_their_weights(train, models, table, tmp_path):
    for freeze, kept in [("1", ("bert.embeddings", "bert.encoder.layer.0.")), ("encoder", ("bert.embeddings", "bert.encoder"))]:
        out = tmp_path / freeze
        done = train("--base", models / "bert", "--data", table, "-o", out, "--max-steps", 3, "--freeze", freeze)
        assert done.returncode == 0, done.stderr
        before, after = load_file(models / "bert/model.safetensors"), load_file(out / "model.safetensors")
        for name, tensor in before.items():
            assert torch.equal(tensor, after[name]) == name.startswith(kept), name


def test_files_with_maps_and_weights(train, models, tmp_path):
    stars = write_table(tmp_path / "stars.csv", [(text, {"good": 5, "bad": 1, "plain": 3}[label])
                                                 for text, label in labelled_texts(30)], ("body", "stars"))
    (tmp_path / "more.jsonl").write_text("".join(
        json.dumps({"body": text, "stars": label}) + "\n" for text, label in labelled_texts(9, seed=2)))
    done = train("--base", models / "bert", "--data", f"{stars},{tmp_path / 'more.jsonl'}", "-o", tmp_path / "out",
                 "--text-column", "body", "--label-column", "stars", "--label-map", "1=bad,5=good,3=",
                 "--label-map", "", "--weight", 1, "--weight", 2, "--max-steps", 2)
    assert done.returncode == 0, done.stderr
    assert "stars.csv: 20 rows, 10 dropped by the label map" in done.stderr
    assert "classes: bad, good, plain" in done.stderr and "29 rows to train on" in done.stderr


def test_partial_files_leave_the_other_classes_alone(train, models, tmp_path):
    rows = [(text, {"good": "positive", "bad": "negative"}[label])
            for text, label in labelled_texts(40, classes=("good", "bad"))]
    table = write_table(tmp_path / "rows.csv", rows)
    before = load_file(models / "bert/model.safetensors")["classifier.weight"]
    for extra in [[], ["--partial"]]:
        out = tmp_path / f"out{len(extra)}"
        done = train("--base", models / "bert", "--data", table, "-o", out, "--weight-decay", 0, "--max-steps", 3, *extra)
        assert done.returncode == 0, done.stderr
        after = load_file(out / "model.safetensors")["classifier.weight"]
        assert torch.equal(before[1], after[1]) == bool(extra)
        assert not torch.equal(before[0], after[0])


def test_a_teacher_is_followed(train, valence, models, tmp_path):
    # The labels say one thing, the teacher another.
    rows = labelled_texts(48)
    table = write_table(tmp_path / "rows.csv", rows)
    turned = {"good": "bad", "bad": "plain", "plain": "good"}
    other = write_table(tmp_path / "other.csv", [(text, turned[label]) for text, label in rows])
    assert train("--base", models / "bert", "--data", table, "-o", tmp_path / "teacher", *FAST).returncode == 0
    done = train("--base", models / "distilbert", "--data", other, "-o", tmp_path / "student", *FAST, "--epochs", 30,
                 "--distil", tmp_path / "teacher", "--teacher-share", 0.95)
    assert done.returncode == 0, done.stderr
    assert labels_of(valence, tmp_path / "student", [text for text, _ in rows]) == labels_of(
        valence, tmp_path / "teacher", [text for text, _ in rows])
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "no", "--distil", models / "bert-one-label")
    assert done.returncode == 2 and "the teacher has other classes" in done.stderr


# ---- runs -----------------------------------------------------------------------------------


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def lines_in(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_seed_decides_and_resuming_changes_nothing(train, program, models, tmp_path):
    table = write_table(tmp_path / "rows.csv", labelled_texts(400))
    options = ["--base", models / "bert", "--data", table, "--valid-split", 0.1, "--epochs", 6, "--batch-tokens", 128,
               "--eval-steps", 25, "--checkpoint-minutes", 0.001, "--threads", 1, "--device", "cpu", "--log-steps", 1]
    for name in ["a", "b"]:
        assert train(*options, "-o", tmp_path / name).returncode == 0
    assert weights(tmp_path / "a") == weights(tmp_path / "b")
    assert train(*options, "--seed", 2, "-o", tmp_path / "c").returncode == 0
    assert weights(tmp_path / "a") != weights(tmp_path / "c")

    out = tmp_path / "killed"
    command = [program, "train", *map(str, options), "-o", str(out), "--resume"]
    whole = len(read_log(tmp_path / "a"))
    for part in [0.1, 0.3, 0.5, 0.55, 0.8]:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while lines_in(out / "training_log.jsonl.partial") < part * whole:
            assert child.poll() is None, child.stderr.read()
            time.sleep(0.005)
        child.kill()
        child.communicate()
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0 and b"going on after step" in done.stderr
    assert weights(out) == weights(tmp_path / "a")
    steps = [event["step"] for event in read_log(out) if event["event"] == "step"]
    assert steps == list(range(1, len(steps) + 1))
    assert read_log(out)[1:] == read_log(tmp_path / "a")[1:]
    assert not (out / "checkpoint").exists()


def test_a_signal_stops_and_resume_needs_the_same_options(train, program, models, tmp_path):
    table = write_table(tmp_path / "rows.csv", labelled_texts(600))
    options = ["--base", models / "bert", "--data", table, "--epochs", 400, "--batch-tokens", 128]
    out = tmp_path / "out"
    child = subprocess.Popen([program, "train", *map(str, options), "-o", str(out)], stderr=subprocess.PIPE)
    while lines_in(out / "training_log.jsonl.partial") < 2:
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130 and b"--resume goes on" in told
    assert not (out / "config.json").exists()
    done = train(*options, "-o", out)
    assert done.returncode == 2 and "--resume goes on, --force starts again" in done.stderr
    done = train(*options, "-o", out, "--resume", "--learning-rate", "1e-3")
    assert done.returncode == 2 and "cannot resume: --learning-rate is not what it was" in done.stderr
    (out / "checkpoint/last.pt").write_bytes(b"damaged")
    done = train(*options, "-o", out, "--resume")
    assert done.returncode == 4 and "last.pt" in done.stderr and "--force" in done.stderr
    assert train(*options, "-o", out, "--force", "--max-steps", 2).returncode == 0
    done = train(*options, "-o", out)
    assert done.returncode == 2 and "a model is there already" in done.stderr


def test_the_best_checkpoint_is_kept_and_patience_ends_a_run(train, models, tmp_path):
    table = write_table(tmp_path / "rows.csv", labelled_texts(90))
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "out", "--valid", table, *FAST,
                 "--epochs", 100, "--patience", 3, "--best-by", "accuracy")
    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / "out")
    found = [event for event in log if event["event"] == "validation"]
    end = log[-1]
    assert end["event"] == "end" and end["best_step"] == next(e["step"] for e in reversed(found) if e["best"])
    assert end["figures"]["accuracy"] == max(event["figures"]["accuracy"] for event in found)
    assert len(found) < 100 and not any(event["best"] for event in found[-3:])


def test_settings_come_from_a_file(train, models, table, tmp_path):
    (tmp_path / "recipe.toml").write_text(
        f'data = ["{table}"]\nmax-steps = 2\nlabels = ["plain", "good", "bad"]\nlearning-rate = 1e-3\n')
    done = train("--config", tmp_path / "recipe.toml", "--base", models / "bert", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert list(json.loads((tmp_path / "out/config.json").read_text())["id2label"].values()) == ["plain", "good", "bad"]
    begin = read_log(tmp_path / "out")[0]
    assert begin["steps"] == 2 and begin["options"]["--learning-rate"] == 1e-3


# ---- errors ---------------------------------------------------------------------------------


def test_errors_say_what_to_do(train, program, models, table, tmp_path):
    def refused(code, words, *arguments):
        done = train("--base", models / "bert", "-o", tmp_path / "none", *arguments)
        assert done.returncode == code and words in done.stderr, done.stderr
        assert not (tmp_path / "none/config.json").exists()

    refused(3, 'there is no column "stars"', "--data", table, "--label-column", "stars")
    refused(3, "--label-column", "--data", table, "--label-column", "lable")
    refused(2, "two are needed to train", "--data", write_table(tmp_path / "one.csv", [("a", "x"), ("b", "x")]))
    refused(2, "no row can be used", "--data", write_table(tmp_path / "none.csv", [("", "x")]))
    refused(2, "is none of the classes", "--data", table, "--labels", "good,bad")
    refused(2, "--valid and --valid-split", "--data", table, "--valid", table, "--valid-split", 0.1)
    refused(2, "needs validation rows", "--data", table, "--patience", 2)
    refused(2, "given 2 times for 1 files", "--data", table, "--weight", 1, "--weight", 2)
    refused(3, "nowhere", "--data", table, "--distil", tmp_path / "nowhere")
    refused(2, "finds no CUDA device", "--data", table, "--device", "cuda")
    refused(70, "try a lower --learning-rate", "--data", table, "--learning-rate", 0.99, "--clip", 0, "--epochs", 200,
            "--weight-decay", 1e30)
    lonely = tmp_path / "valence"
    lonely.write_bytes(program.read_bytes())
    lonely.chmod(0o755)
    done = subprocess.run([lonely, "train", "--base", "x", "-o", "y", "--data", "z"], capture_output=True,
                          encoding="utf-8", env={**os.environ, "PATH": "/usr/bin"}, check=False)
    assert done.returncode == 3 and "libtorch" in done.stderr and "./dev build train" in done.stderr


def test_too_little_memory_is_named(program, models, tmp_path):
    words = ["a", "film", "was", "never"] * 15
    table = write_table(tmp_path / "rows.csv", [(" ".join(words), "ab"[i % 2]) for i in range(12_000)])
    done = subprocess.run([program, "train", "--base", models / "bert", "--data", table, "-o", tmp_path / "out",
                           "--batch-tokens", "4000000", "--threads", "1", "--device", "cpu"], capture_output=True,
                          encoding="utf-8", timeout=120, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)))
    assert done.returncode == 70 and "use a smaller --batch-tokens or --max-tokens" in done.stderr


def test_a_terminal_shows_progress(program, models, table, tmp_path):
    master, slave = pty.openpty()
    child = subprocess.Popen([program, "train", "--base", models / "bert", "--data", table, "-o", tmp_path / "out",
                              "--max-steps", "60", "--epochs", "60", "--threads", "1"], stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        shown += part
    os.close(master)
    assert child.wait(60) == 0
    assert re.search(rb"\r\[#*\.*\] step \d+/60  loss [\d.]+  rate [\d.e-]+  [\d:]+ left", shown)

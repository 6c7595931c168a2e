"""Pairs of texts, and texts that are cut at either end: the server's answers beside those of `transformers`."""
import json
import re
import subprocess
import urllib.request

import pytest
import torch
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

BOUND = 2e-5
WORDS = "the delivery was quick and staff friendly but film is not good at all".split()


def text_of(count):
    return " ".join(WORDS[i % len(WORDS)] for i in range(count))


@pytest.fixture(params=["bert", "roberta", "electra", "albert", "xlm-roberta"])
def folder(request, root):
    return root / "tests/fixtures/models" / request.param


@pytest.fixture
def ask(program, folder):
    server = subprocess.Popen([program, "serve", "--port", "0", "--access-log", "off", "-m", f"m={folder}"],
                              stderr=subprocess.PIPE, text=True)
    url = re.search(r"http://\S+", server.stderr.readline())[0]

    def post(path, body):
        request = urllib.request.Request(url + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    yield post
    server.terminate()
    assert server.wait(30) == 0


@pytest.fixture
def reference(folder):
    """Logits by id of a text or a pair, cut as the tokenizer cuts."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    window = json.loads((folder / "golden.json").read_text())["window"]

    def logits(first, second=None, side="right", limit=window):
        tokenizer.truncation_side = side
        inputs = tokenizer(first, second, truncation="longest_first", max_length=limit, return_tensors="pt")
        with torch.no_grad():
            return model(**inputs).logits[0].tolist()

    logits.window = window
    return logits


def assert_equal(found, wanted, labels):
    scores = {entry["label"]: entry["score"] for entry in found}
    for label, value in zip(labels, wanted):
        assert abs(scores[label] - value) <= BOUND * max(1, abs(value))


@pytest.fixture
def labels(folder):
    names = json.loads((folder / "config.json").read_text())["id2label"]
    return [names[str(i)] for i in range(len(names))]


@pytest.mark.parametrize("lengths", [(3, 5), (1, 200), (200, 1), (150, 150), (40, 41)])
@pytest.mark.parametrize("side", ["right", "left"])
def test_pairs(ask, reference, labels, lengths, side):
    pair = [text_of(lengths[0]), text_of(lengths[1])[::-1].replace("eht", "bad")]
    found = ask("/predict", {"inputs": pair, "raw_scores": True, "truncation_direction": side})
    assert_equal(found, reference(*pair, side=side), labels)


def test_cut_texts(ask, reference, labels):
    text = text_of(170) + " never again"
    for side in ("right", "left"):
        body = {"inputs": text, "raw_scores": True, "truncate": True, "truncation_direction": side}
        assert_equal(ask("/predict", body), reference(text, side=side), labels)
    limit = reference.window // 2
    body = {"input": text, "use_activation": False, "truncate_prompt_tokens": limit}
    entry = ask("/classify", body)["data"][0]
    wanted = reference(text, side="left", limit=limit)
    assert all(abs(a - b) <= BOUND * max(1, abs(b)) for a, b in zip(entry["probs"], wanted))
    assert entry["truncated"] is True

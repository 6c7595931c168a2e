"""What the tests of training share: the programs, small tables, and models of random weights to start from."""
import csv
import json
import random
import subprocess

import pytest
import transformers

WORDS = {"good": ["good", "great", "lovely", "fine"], "bad": ["bad", "awful", "boring", "poor"],
         "plain": ["a", "table", "seven", "monday"]}
FILLER = "the film was and plot actor with of it in this room never we".split()


@pytest.fixture(scope="session")
def trainer(root):
    path = root / "build/valence-train"
    assert path.exists(), "build first: ./dev build train"
    return path


@pytest.fixture(scope="session")
def models(root):
    return root / "tests/fixtures/models"


@pytest.fixture(scope="session")
def train(program, trainer):
    """Runs `valence train`: train("--base", ..., threads=1) -> subprocess.CompletedProcess."""

    def run(*arguments):
        return subprocess.run([program, "train", "--threads", "1", "--device", "cpu", *map(str, arguments)],
                              capture_output=True, encoding="utf-8", timeout=300, check=False)

    return run


def labelled_texts(count, seed=1, classes=("good", "bad", "plain")):
    """Texts whose class is told by one word."""
    chance = random.Random(seed)
    rows = []
    for i in range(count):
        label = classes[i % len(classes)]
        words = chance.choices(FILLER, k=chance.randint(2, 14))
        words.insert(chance.randint(0, len(words)), chance.choice(WORDS[label]))
        rows.append((" ".join(words), label))
    return rows


def write_table(path, rows, names=("text", "label")):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    return path


def read_log(folder, name="training_log.jsonl"):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def tokenizer_of(folder):
    """The tokenizer.json itself: the classes that tokenizer_config.json names differ between versions."""
    pad = json.loads((folder / "config.json").read_text()).get("pad_token_id", 0)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad)
    return tokenizer

"""Rows of made-up labelled texts for benches, the same every time.

The words are made up too, and drawn by Zipf's law, the frequent ones short. Negative labels come and go, in each product
at its own time; late in the time they become more for all, and their texts get a word of their own: something for trends
to find."""
import bisect
import contextlib
import csv
import datetime
import itertools
import json
import math
import random
import sqlite3
import subprocess
from typing import NamedTuple

SEED = 7
WORDS = 30_000
PRODUCTS = 7
LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
BEGIN = datetime.datetime(2021, 1, 1, tzinfo=datetime.timezone.utc)
TIME = datetime.timedelta(days=3 * 365)
TURN = 0.7  # from this part of the time on there is more to complain of
COMPLAINT = "battery"


class Row(NamedTuple):
    time: datetime.datetime
    product: str
    text: str
    label: str
    scores: dict


def vocabulary():
    """The words, the frequent ones first, and how often each and those before it occur."""
    syllables = ["".join(letters) for letters in itertools.product("bdfgklmnprst", "aeiou")]
    words = ("".join(word) for length in (1, 2, 3) for word in itertools.product(syllables, repeat=length))
    return [*itertools.islice(words, WORDS)], [*itertools.accumulate(1 / (rank + 3) for rank in range(WORDS))]


class Texts:
    """Texts of 3 to 60 words, half of them with more than 14."""

    def __init__(self, chance):
        self.chance = chance
        self.words, self.shares = vocabulary()

    def next(self):
        length = min(max(round(self.chance.lognormvariate(math.log(14.5), 0.6)), 3), 60)
        drawn = (self.chance.random() * self.shares[-1] for _ in range(length))
        return " ".join(self.words[bisect.bisect(self.shares, value)] for value in drawn)


def negative_share(when, product):
    """At a time from 0 to 1."""
    wave = math.sin(2 * math.pi * (when + product / PRODUCTS))
    return 0.3 + 0.1 * wave + (0.08 if when >= TURN else 0)


def drawn_label(chance, negative):
    value = chance.random()
    return "NEGATIVE" if value < negative else "NEUTRAL" if value < negative + 0.2 else "POSITIVE"


def drawn_scores(chance, label):
    """They sum to 1, and that of the label is the highest."""
    best = chance.uniform(0.5, 1)
    part = chance.random()
    rest = iter(((1 - best) * part, (1 - best) * (1 - part)))
    return {name: round(best if name == label else next(rest), 6) for name in LABELS}


def rows(count):
    """In the order of their times."""
    chance = random.Random(SEED)
    texts = Texts(chance)
    for i in range(count):
        when = i / count
        product = chance.randrange(PRODUCTS)
        label = drawn_label(chance, negative_share(when, product))
        text = texts.next()
        if label == "NEGATIVE" and when >= TURN and chance.random() < 0.2:
            text += " " + COMPLAINT
        yield Row(BEGIN + when * TIME, f"product {product}", text, label, drawn_scores(chance, label))


def write_csv(path, count):
    """As `valence classify --all-scores` writes it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["created", "product", "text", "label", "score", *(f"score_{label}" for label in LABELS)])
        for row in rows(count):
            table.writerow([row.time.isoformat(timespec="seconds"), row.product, row.text, row.label,
                            row.scores[row.label], *row.scores.values()])


def stored(row):
    scores = row.scores
    return (round(row.time.timestamp() * 1000), "made", row.label, scores[row.label], json.dumps(scores),
            scores["POSITIVE"] - scores["NEGATIVE"], row.text, "made", json.dumps({"product": row.product}))


def write_store(path, count, program):
    """As `valence classify --append` writes it, but labelled when the rows happened. The program makes the tables,
    because they are its own; to label all these rows would take it many minutes."""
    subprocess.run([program, "classify", "--append", path, "--quiet", "A row."], check=True)
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.execute("DELETE FROM results")
        store.executemany("INSERT INTO results (time, model, label, score, scores, polarity, text, source, columns) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(stored, rows(count)))

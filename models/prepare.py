#!/usr/bin/env python3
"""Makes the training rows of the model in this folder from public sets: see README.md, "To make it again".

    prepare.py --data FOLDER_OF_CSV_FILES --output FOLDER

Writes one CSV (text, label) a set, and of some sets rows that are held out: for calibration, and for figures.
"""
import argparse
import csv
import gzip
import pathlib
import random
import re

SEED = 20_260
# What the research sets' tokenizers pulled apart.
JOINS = [(re.compile(pattern), joined) for pattern, joined in [
    (r" (n't|'s|'re|'ve|'ll|'d|'m)\b", r"\1"), (r" ([,.;:!?])", r"\1"), (r"-lrb- ", "("), (r" -rrb-", ")"),
    (r"`` ", '"'), (r" ''", '"')]]
MENTIONS = ["@user", "@user @user", "@VirginTrains", "@support", "@BBCNews"]
# Held out of each set: rows for the figures, and rows to calibrate with.
HELD_OUT = {"imdb_train": (1_000, 1_000), "tweets_train": (0, 1_000), "sst2_train": (0, 1_000)}


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(rows)
    print(f"{path}: {len(rows)} rows")


def as_typed(text):
    """A tokenized sentence as a person types it."""
    for pattern, joined in JOINS:
        text = pattern.sub(joined, text)
    return text


def sst(text, chance):
    return as_typed(text) if chance.random() < 0.5 else text


def tweet(text, chance):
    text = text.replace("`", "'").strip()  # the set has backticks for apostrophes, and lost its mentions
    return f"{chance.choice(MENTIONS)} {text}" if chance.random() < 0.3 else text


def review(text, chance):
    return text.replace("<br />", " ") if chance.random() < 0.8 else text


def sentence(text, chance):
    text = as_typed(text).replace("_num_", str(chance.randint(2, 50)))
    return text.capitalize() if chance.random() < 0.5 else text


def as_it_is(text, _):
    return text


CHANGES = {"sst2_train": sst, "sst5_phrases_train": sst, "tweets_train": tweet, "imdb_train": review,
           "yelp_sentences_train": sentence, "product_sentences_train": sentence, "app_reviews_dated": as_it_is}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    calibration = []
    for name, change in CHANGES.items():
        chance = random.Random(SEED)
        rows = read(arguments.data / f"{name}.csv.gz")
        figures, calibrate = HELD_OUT.get(name, (0, 0))
        if figures:
            write(arguments.output / f"{name}_figures.csv", rows[-figures:])
            rows = rows[:-figures]
        chance.shuffle(rows)
        write(arguments.output / f"{name}.csv", [(change(text, chance), label) for text, label in rows[calibrate:]])
        if calibrate:
            write(arguments.output / f"{name}_calibration.csv", rows[:calibrate])
            calibration += rows[:calibrate]
    write(arguments.output / "calibration.csv", calibration)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the training rows of the model in this folder from public sets: see README.md, "To make it again".

    prepare.py --data FOLDER_OF_CSV_FILES --output FOLDER

Writes one CSV (text, label) a set, and of some sets rows that are held out: for calibration, and for figures.
"""
import argparse
import copy
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
CONFUSED = 0.25
SLOTS = {
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "today", "tomorrow", "the 3rd",
            "the 21st", "May 12"],
    "hour": ["noon", "7pm", "9 a.m.", "10:30", "18:45", "half past six"],
    "month": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December"],
    "year": range(1988, 2027),
    "count": [2, 3, 4, 5, 6, 8, 10, 12, "two", "three", "four", "six"],
    "number": [47, 112, 208, 1436, 88213, 5502917, "B-7741", "UA1532", "3.2.1"],
    "name": ["Maria", "Tom Baker", "Dr. Singh", "Aisha", "Peter", "Mrs. Okafor", "Chen", "Julia Roth", "Luis", "my boss"],
    "place": ["Denver", "Leeds", "Madrid", "Seoul", "Lagos", "Toronto", "Austin", "Milan", "New York", "Cardiff", "Boston"],
    "street": ["Main Street", "the corner", "5th Avenue", "Mill Road", "the north side", "the square"],
    "thing": ["lamp", "kettle", "phone case", "jacket", "keyboard", "backpack", "camera", "chair", "printer", "tent"],
    "things": ["filters", "chairs", "shirts", "cables", "books", "mugs", "batteries", "tickets", "skis", "plates"],
    "device": ["router", "tablet", "laptop", "speaker", "phone", "monitor", "thermostat", "e-reader"],
    "color": ["black", "white", "red", "dark green", "blue", "grey"],
    "material": ["steel", "plastic", "oak", "aluminium", "cotton", "leather"],
    "role": ["detective", "nurse", "king", "pilot", "chess player", "young lawyer"],
}
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


def as_exported(text, chance):
    """Some of the tweets as careless exports leave them: entities, escapes, doubled quotes."""
    if chance.random() < 0.5:
        text = text.replace("&", "&amp;")
    if chance.random() < 0.25:
        text = text.replace("'", "\\u2019").replace(",", "\\u002c")
    return f'"{text}"' if chance.random() < 0.05 else text


def tweet(text, chance):
    text = text.replace("`", "'").strip()  # the set has backticks for apostrophes, and lost its mentions
    return f"{chance.choice(MENTIONS)} {text}" if chance.random() < 0.3 else text


def exported_tweet(text, chance):
    text = text.replace("`", "'").strip()
    text = as_exported(text, chance)
    return f"{chance.choice(MENTIONS)} {text}" if chance.random() < 0.3 else text


def unsure_tweets(rows, chance):
    """Each tweet four times, each time changed in another way, some with the label beside their own."""
    changed = [(exported_tweet(text, chance), label) for text, label in rows * 4]
    return [(text, between(label, chance)) for text, label in changed]


def review(text, chance):
    return text.replace("<br />", " ") if chance.random() < 0.8 else text


def sentence(text, chance):
    text = as_typed(text).replace("_num_", str(chance.randint(2, 50)))
    return text.capitalize() if chance.random() < 0.5 else text


def as_it_is(text, _):
    return text


CHANGES = {"sst2_train": sst, "sst5_phrases_train": sst, "tweets_train": tweet, "imdb_train": review,
           "yelp_sentences_train": sentence, "product_sentences_train": sentence, "app_reviews_dated": as_it_is}


def between(label, chance):
    """The label of every fourth sight of a tweet: sets of tweets disagree on where neutral ends, and a model that takes
    one set's word for it is too sure of itself on all others."""
    if chance.random() >= CONFUSED:
        return label
    return chance.choice(["negative", "positive"]) if label == "neutral" else "neutral"


def statements(chance):
    """Rows from the sentences of statements.csv, a slot filled with a word of its kind."""
    rows = []
    for template, label in read(pathlib.Path(__file__).parent / "statements.csv"):
        # As often for each label as for the others, and often enough that the words vary.
        for _ in range({"neutral": 20, "negative": 25, "positive": 25}[label]):
            text = re.sub(r"\{(\w+)\}", lambda slot: str(chance.choice(SLOTS[slot[1]])), template)
            rows.append((statement(text, chance), label))
    chance.shuffle(rows)
    return rows


def statement(text, chance):
    if chance.random() < 0.2:
        text = text.lower()
    if chance.random() < 0.15:
        text = text.rstrip(".!?")
    return f"{chance.choice(MENTIONS)} {text}" if chance.random() < 0.25 else text


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
        train = rows[calibrate:]
        if name == "tweets_train":
            write(arguments.output / "tweets_unsure.csv", unsure_tweets(train, copy.deepcopy(chance)))
        write(arguments.output / f"{name}.csv", [(change(text, chance), label) for text, label in train])
        if calibrate:
            write(arguments.output / f"{name}_calibration.csv", rows[:calibrate])
            calibration += rows[:calibrate]
    write(arguments.output / "calibration.csv", calibration)
    write(arguments.output / "statements.csv", statements(random.Random(SEED)))


if __name__ == "__main__":
    main()

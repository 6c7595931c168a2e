"""The texts that are classified, from the labelled data beside the project: the same in every run."""
import csv
import gzip
import io
import json
import random

SEED = 20261126
FILES = {"sst2": "sst2_dev.csv", "tweets": "tweeteval_val.csv", "imdb": "imdb_train.csv.gz"}
NAMES = {"sst2": "SST-2 dev", "tweets": "tweets", "imdb": "IMDb reviews", "mix": "mix of the three"}
CALIBRATION = {"sst2_train.csv.gz": 160, "tweets_train.csv.gz": 160}  # none of them is measured


def read(path):
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return [row["text"] for row in csv.DictReader(io.StringIO(raw.decode()))]


def sample(texts, count):
    """So many of the texts, in their order; all if there are no more."""
    if count >= len(texts):
        return list(texts)
    return [texts[i] for i in sorted(random.Random(SEED).sample(range(len(texts)), count))]


class Texts:
    """Files of texts, JSON arrays, that workers are told to read."""

    def __init__(self, data, folder):
        self.data, self.folder = data, folder
        self.cache = {}

    def source(self, name):
        if name not in self.cache:
            self.cache[name] = read(self.data / FILES.get(name, name))
        return self.cache[name]

    def load(self, name, count):
        """A load of `count` texts; of the mix, so many of each kind in a list."""
        if name != "mix":
            return sample(self.source(name), count)
        texts = [text for kind, number in zip(FILES, count) for text in sample(self.source(kind), number)]
        random.Random(SEED).shuffle(texts)
        return texts

    def calibration(self):
        return [text for name, count in CALIBRATION.items() for text in sample(self.source(name), count)]

    def write(self, name, texts):
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(texts), encoding="utf-8")
        return str(path)

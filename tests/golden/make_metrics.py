#!/usr/bin/env python3
"""Makes tests/fixtures/metrics.json: rows of scores and answers, with the figures that the reference libraries count.

    make_metrics.py [--output FILE]

Needs numpy, scipy, scikit-learn. The expected calibration error is written out in numpy after Guo et al. 2017.
"""
import argparse
import json
import pathlib

import numpy as np
from scipy import optimize, special, stats
from sklearn import metrics

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINS = 15


def ece(confidence, right):
    edges = np.linspace(0, 1, BINS + 1)
    total = 0.0
    for low, high in zip(edges, edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def floats(values):
    """As single precision, which is what scores and logits are."""
    return np.asarray(values, dtype=np.float32)


def single_label(chance):
    rows, classes = 300, 4
    logits = floats(chance.normal(0, 2.5, (rows, classes)))
    scores = floats(special.softmax(logits.astype(np.float64), axis=1))
    gold = np.array([chance.choice(classes - 1, p=special.softmax(row[: classes - 1] / 2)) for row in logits])
    predicted = scores.argmax(axis=1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        gold, predicted, labels=range(classes), zero_division=0)
    wide = scores.astype(np.float64)
    return {
        "classes": classes, "scores": scores.ravel().tolist(), "gold": gold.tolist(),
        "accuracy": metrics.accuracy_score(gold, predicted),
        "macro_f1": metrics.f1_score(gold, predicted, average="macro", zero_division=0),
        "macro_recall": metrics.recall_score(gold, predicted, average="macro", zero_division=0),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "confusion": metrics.confusion_matrix(gold, predicted, labels=range(classes)).tolist(),
        "ece": ece(wide.max(axis=1), predicted == gold),
        "brier": ((wide - np.eye(classes)[gold]) ** 2).sum(axis=1).mean(),
        "nll": metrics.log_loss(gold, wide / wide.sum(axis=1, keepdims=True), labels=range(classes)),
    }


def multi_label(chance):
    rows, labels = 200, 5
    scores = floats(chance.random((rows, labels)))
    gold = (chance.random((rows, labels)) < scores * 0.7).astype(int)
    gold[:, 4] = 0
    predicted = (scores >= 0.5).astype(int)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        gold, predicted, average=None, zero_division=0)
    return {
        "labels": labels, "scores": scores.ravel().tolist(), "gold": gold.ravel().tolist(),
        "exact_match": metrics.accuracy_score(gold, predicted),
        "micro_f1": metrics.f1_score(gold, predicted, average="micro"),
        "macro_f1": metrics.f1_score(gold, predicted, average="macro", zero_division=0),
        "precision": precision.tolist(), "recall": recall.tolist(), "f1": f1.tolist(), "support": support.tolist(),
        "ece": ece(scores.astype(np.float64).ravel(), gold.ravel()),
        "brier": np.mean([metrics.brier_score_loss(gold[:, i], scores[:, i]) if gold[:, i].any()
                          else (scores[:, i].astype(np.float64) ** 2).mean() for i in range(labels)]),
        # The best F1 of each label over all thresholds, which more than one of them may reach.
        "best_f1": [max(metrics.f1_score(gold[:, i], scores[:, i] >= t, zero_division=0) for t in scores[:, i])
                    for i in range(labels)],
    }


def regression(chance):
    gold = chance.integers(1, 6, 80).astype(float)
    predicted = np.round(gold * 0.6 + chance.normal(1, 1, 80), 1)
    return {
        "gold": gold.tolist(), "predicted": predicted.tolist(),
        "mse": metrics.mean_squared_error(gold, predicted), "mae": metrics.mean_absolute_error(gold, predicted),
        "pearson": stats.pearsonr(gold, predicted).statistic,
        "spearman": stats.spearmanr(gold, predicted).statistic,
    }


def windowed_loss(texts, gold, temperature):
    """The mean of -log of the answer's share, windows averaged after softmax."""
    total = 0.0
    for text, answer in zip(texts, gold):
        shares = special.softmax(np.array(text["logits"]) / temperature, axis=1)
        total -= np.log(np.average(shares[:, answer], weights=text["weights"]))
    return total / len(gold)


def fitted(loss):
    found = optimize.minimize_scalar(lambda t: loss(np.exp(t)), bounds=(np.log(0.05), np.log(20)), method="bounded",
                                     options={"xatol": 1e-10})
    return {"temperature": float(np.exp(found.x)), "nll": float(found.fun), "nll_before": float(loss(1.0))}


def calibration(chance):
    classes, truth = 3, 2.2
    texts, gold = [], []
    for _ in range(400):
        windows = int(chance.choice([1, 1, 1, 2, 4]))
        base = chance.normal(0, 3, classes)
        logits = floats(base + chance.normal(0, 1, (windows, classes))).astype(float)
        weights = chance.integers(5, 100, windows).astype(float)
        shares = np.average(special.softmax(logits / truth, axis=1), axis=0, weights=weights)
        texts.append({"logits": logits.tolist(), "weights": weights.tolist()})
        gold.append(int(chance.choice(classes, p=shares / shares.sum())))
    return {"classes": classes, "texts": texts, "gold": gold, **fitted(lambda t: windowed_loss(texts, gold, t))}


def sigmoid_calibration(chance):
    rows, labels = 250, 3
    logits = floats(chance.normal(0, 3, (rows, labels))).astype(float)
    gold = (chance.random((rows, labels)) < special.expit(logits / 1.6)).astype(int)

    def loss(t):
        return -np.where(gold == 1, special.log_expit(logits / t), special.log_expit(-logits / t)).mean()

    return {"labels": labels, "logits": logits.ravel().tolist(), "gold": gold.ravel().tolist(), **fitted(loss)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "tests/fixtures/metrics.json")
    output = parser.parse_args().output
    chance = np.random.default_rng(5)
    pairs = [(0, 0), (0, 1), (3, 3), (2, 9), (10, 25), (40, 41), (120, 80), (5000, 5300)]
    fixture = {
        "single_label": single_label(chance),
        "multi_label": multi_label(chance),
        "regression": regression(chance),
        "calibration": calibration(chance),
        "sigmoid_calibration": sigmoid_calibration(chance),
        "mcnemar": [[b, c, stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0] for b, c in pairs],
        "percentiles": {"values": (values := chance.normal(0, 1, 37)).tolist(),
                        "interval": np.percentile(values, [2.5, 97.5]).tolist()},
    }
    output.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()

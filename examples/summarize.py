#!/usr/bin/python3
"""summarize.py LABELLED.csv: how many rows have each label, and the rows at the ends of the scale.

Reads what `valence classify --all-scores` wrote: the columns label and score, and one score column a label.
"""
import csv
import shutil
import sys
from collections import Counter

WIDTH = max(60, shutil.get_terminal_size((100, 24)).columns)
BAR = 40


def shown(row):
    text = " ".join(row["text"].split())
    head = f"  {float(row['score']):.3f}  {row.get('id', '')}  {row.get('created', '')}  "
    room = WIDTH - len(head)
    return head + (text if len(text) <= room else text[: room - 1] + "…")


def print_counts(rows):
    for label, count in Counter(row["label"] for row in rows).most_common():
        share = count / len(rows)
        print(f"  {label:<12} {count:>5}  {share:>6.1%}  {'█' * max(1, round(share * BAR))}")


def print_rows(title, rows):
    print(f"\n{title}")
    for row in rows:
        print(shown(row))


def main(path):
    csv.field_size_limit(sys.maxsize)
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    labelled = [row for row in rows if row["label"]]
    print(f"\n{len(labelled)} of {len(rows)} rows labelled; all of them, with scores: {path}\n")
    print_counts(labelled)
    by_score = sorted(labelled, key=lambda row: float(row["score"]), reverse=True)
    for label in sorted({row["label"] for row in labelled}):
        print_rows(f"Most clearly {label}", [row for row in by_score if row["label"] == label][:4])
    print_rows("Least certain", by_score[: -5:-1])


main(sys.argv[1])

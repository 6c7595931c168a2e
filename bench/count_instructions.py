#!/usr/bin/env python3
"""count_instructions.py [--record]: the instructions of a small fixed workload beside the last recorded ones.

Times wander on shared machines; the number of instructions does not. callgrind counts those of each part of
instruction_workload, in one thread with the AVX2 kernels, and one that grew by more than TOLERANCE fails. Counts hold for
the compiler and the C library that they were recorded with: with others there is nothing to compare.

Exit code: 0 all is well, or there is nothing to compare; 1 a part grew."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/bench/instruction_workload"
MODEL = ROOT / "models/valence-minilm-3class.q8_0.gguf"
RECORD = ROOT / "bench/results/instructions.json"
ISA = "avx2"  # the widest that valgrind 3.19 knows
TOLERANCE = 0.03


class NothingToCompare(Exception):
    """One sentence: why."""


def built_with():
    if not shutil.which("valgrind") or not PROGRAM.exists():
        raise NothingToCompare("valgrind, or the program built where it was installed, is missing")
    if ISA not in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        raise NothingToCompare(f"this processor has no {ISA}")
    found = subprocess.run([PROGRAM], capture_output=True, text=True, check=True).stdout
    return {**json.loads(found), "machine": os.uname().machine, "isa": ISA}


def count():
    """Instructions of each part, by name."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", PROGRAM, MODEL],
            env={**os.environ, "VALENCE_ISA": ISA}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"the workload failed under valgrind:\n{done.stderr}")
        dumps = [path.read_text() for path in pathlib.Path(folder).glob("out.*")]
    return {re.search(r"Client Request: (\w+)", dump)[1]: int(re.search(r"^summary: (\d+)", dump, re.MULTILINE)[1])
            for dump in dumps}


def compare(recorded, counts):
    """(lines for a person, names of parts that grew too much)."""
    lines, grown = [], []
    for part, before in recorded.items():
        now = counts.get(part)
        if now is None:
            raise SystemExit(f"the workload has no part '{part}': record anew")
        change = now / before - 1
        note = ""
        if change > TOLERANCE:
            grown.append(part)
            note = "  GREW"
        elif change < -TOLERANCE:
            note = "  fewer: record, so that it stays so"
        lines.append(f"{part:14} {before:13,} {now:13,} {100 * change:+7.2f} %{note}")
    return lines, grown


def check():
    """Prints the comparison; returns the names of the parts that grew. Raises NothingToCompare."""
    here = built_with()
    kept = json.loads(RECORD.read_text(encoding="utf-8"))
    other = {key: value for key, value in here.items() if kept["built_with"].get(key) != value}
    if other:
        raise NothingToCompare(f"counts were recorded with {kept['built_with']}, this is {other}")
    lines, grown = compare(kept["instructions"], count())
    print(f"{'part':14} {'recorded':>13} {'now':>13}   change", *lines, sep="\n")
    if grown:
        print(f"More than {100 * TOLERANCE:.0f} % more instructions: {', '.join(grown)}. If that is what the change is "
              "worth, ./dev count-instructions --record keeps the new counts.")
    return grown


def main():
    if "--record" in sys.argv[1:]:
        record = {"built_with": built_with(), "instructions": dict(sorted(count().items()))}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        print(RECORD.read_text(encoding="utf-8"))
        return 0
    return 1 if check() else 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except NothingToCompare as reason:
        print(f"Skipped: {reason}.")

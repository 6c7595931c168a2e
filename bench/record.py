"""Where results go: bench/results/NAME-DATE.json, a record for each key, with machine, date and commit."""
import datetime
import json
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results"


def machine(threads):
    cpu = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith(("model name", "CPU part"))), platform.machine())
    return {"cpu": cpu, "architecture": platform.machine(), "processors": os.cpu_count(), "threads_used": threads}


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "unknown"


def save(name, key, threads, found, folder=RESULTS):
    """Adds a record, a dict, to the day's file, and returns its path; a record of the same key is replaced."""
    date = datetime.date.today().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{date}.json"
    record = json.loads(file.read_text()) if file.exists() else {}
    record[key] = {"machine": machine(threads), "date": date, "commit": commit(), **found}
    file.write_text(json.dumps(record, indent=2) + "\n")
    return file

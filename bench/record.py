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
    """What was measured; results that lie there already do not change it."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)bench/results")
    return (git("describe", "--always") or "unknown") + ("-dirty" if changed else "")


def save(name, key, threads, found, folder=RESULTS):
    """Adds a record, a dict, to the day's file, and returns its path; a record of the same key is replaced."""
    date = datetime.date.today().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-{date}.json"
    record = json.loads(file.read_text()) if file.exists() else {}
    record[key] = {"machine": machine(threads), "date": date, "commit": commit(), **found}
    file.write_text(json.dumps(record, indent=2) + "\n")
    return file

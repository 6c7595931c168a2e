#!/usr/bin/env python3
"""install.py: what the peers need, into build/venv-peers, one file of requirements after another.

A peer that cannot be installed does not stop the others: build/venv-peers/failed.json says why, and the tables show it.
What has to be compiled is compiled for this processor, once; the wheels are kept in build/peers/wheels."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = ROOT / "build/venv-peers"
WHEELS = ROOT / "build/peers/wheels"
REQUIREMENTS = HERE / "requirements"
COMPILED = {"llama.cpp": ["llama_cpp_python"], "fasttext": ["fasttext"]}  # PyPI has their sources only
FLAGS = {"CMAKE_ARGS": "-DGGML_NATIVE=ON", "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count())}


class InstallError(Exception):
    """pip's last words."""


def pip(*arguments):
    done = subprocess.run([VENV / "bin/python", "-m", "pip", "-q", "--disable-pip-version-check", *map(str, arguments)],
                          check=False, env={**os.environ, **FLAGS}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    print(done.stdout, end="", file=sys.stderr)
    if done.returncode != 0:
        raise InstallError((done.stdout.strip().splitlines() or ["no reason given"])[-1])


def pins(group):
    """NAME==VERSION of a file of requirements."""
    lines = (line.partition("#")[0].strip() for line in (REQUIREMENTS / f"{group}.txt").read_text().splitlines())
    return [line for line in lines if line]


def install(group):
    stamp = VENV / f"{group}.sha256"
    digest = hashlib.sha256((REQUIREMENTS / f"{group}.txt").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"Installing {group}", file=sys.stderr, flush=True)
    for pin in pins(group):
        if pin.partition("==")[0] in COMPILED.get(group, []) and not wheel_of(pin):
            print(f"Compiling {pin}: this takes some minutes, once", file=sys.stderr, flush=True)
            pip("wheel", "--no-deps", "--wheel-dir", WHEELS, pin)
    WHEELS.mkdir(parents=True, exist_ok=True)
    pip("install", "--no-deps", "--find-links", WHEELS, "-r", REQUIREMENTS / f"{group}.txt")
    stamp.write_text(digest)


def wheel_of(pin):
    name, _, version = pin.partition("==")
    return next(WHEELS.glob(f"{name}-{version}-*.whl"), None)


def main():
    groups = sys.argv[1:] or sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))
    if not (VENV / "bin/python").exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", VENV], check=True)
    failed = {}
    for group in groups:
        try:
            install(group)
        except InstallError as error:
            failed[group] = f"could not be installed: {error}"
    (VENV / "failed.json").write_text(json.dumps(failed, indent=1))


if __name__ == "__main__":
    main()

"""The files under deploy say what the program knows."""
import json
import re
import subprocess

import pytest

from running_server import MODEL, ROOT

DEPLOY = ROOT / "deploy"


def uncommented(text):
    """The example's settings with those that are commented out, files left out."""
    lines = [re.sub(r"^# (?=[a-z-]+ = )", "", line) for line in text.splitlines()]
    return "\n".join(line for line in lines if not re.search(r'= \[?"[^"]*/', line)) + "\n"


def test_the_example_of_settings_is_taken(tmp_path):
    config = tmp_path / "serve.toml"
    text = (DEPLOY / "serve.toml").read_text()
    config.write_text(uncommented(text).replace("8080", "0") + f'model = ["{MODEL}"]\n')
    done = subprocess.run([ROOT / "build/valence", "serve", "--config", config, "--check"], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    options = subprocess.run([ROOT / "build/valence", "serve", "--help"], capture_output=True, text=True,
                             check=True).stdout
    named = re.findall(r"^(?:# )?([a-z-]+) = ", text, re.MULTILINE)
    assert len(named) > 8 and all(f"--{name} " in options for name in named)


def test_the_dashboard_asks_for_metrics_that_there_are(server):
    server.ask("/predict", {"inputs": "good"})
    text = server.ask("/metrics").body.decode()
    there = {re.sub(r"_(bucket|sum|count)$", "", line.split("{")[0].split(" ")[0]) for line in text.splitlines()
             if not line.startswith("#")}
    panels = json.loads((DEPLOY / "grafana-dashboard.json").read_text())["panels"]
    expressions = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    wanted = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\b(?:valence|process)_\w+", expressions)}
    assert len(wanted) > 10 and wanted <= there


@pytest.mark.parametrize("name", ["kubernetes.yaml", "valence.service", "haproxy.cfg", "Dockerfile"])
def test_health_paths_and_options_in_examples_exist(server, name):
    text = (DEPLOY / name).read_text()
    for path in re.findall(r"(?:path: |GET )(/[\w/]+)", text):
        if not path.startswith("/etc"):
            assert server.ask(path).status == 200, path
    options = subprocess.run([ROOT / "build/valence", "serve", "--help"], capture_output=True, text=True,
                             check=True).stdout
    for option in re.findall(r"serve (--[a-z-]+)", text):
        assert option in options

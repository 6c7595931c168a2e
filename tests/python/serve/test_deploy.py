"""The files under deploy say what the program knows, and do what they are for."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from running_server import MODEL, ROOT

DEPLOY = ROOT / "deploy"
HAPROXY = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture(name="balancer")
def _balancer(tmp_path):
    """HAProxy with deploy/haproxy.cfg in front of the ports given."""
    running = []

    def start(ports):
        front = free_port()
        text = (DEPLOY / "haproxy.cfg").read_text().replace("bind :80\n", f"bind 127.0.0.1:{front}\n")
        for name, port in zip("abc", ports, strict=True):
            text, count = re.subn(rf"server {name} [\d.:]+", f"server {name} 127.0.0.1:{port}", text)
            assert count == 1
        config = tmp_path / "haproxy.cfg"
        config.write_text(text)
        with open(tmp_path / "haproxy.log", "wb") as log:
            running.append(subprocess.Popen([HAPROXY, "-f", config], stdout=log, stderr=log))
        wait_for_port(front)
        return front

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_no_request_is_lost_behind_the_balancer_while_servers_end(serve, balancer):
    first, second = serve(), serve()
    front = balancer([first.port, second.port, free_port()])
    time.sleep(2)  # the third one is found to be missing
    load = subprocess.Popen([ROOT / "build/valence", "bench", "--url", f"http://127.0.0.1:{front}", "--protocol", "tei",
                             "--connections", "8", "--seconds", "6", "--warm-up", "0.2", "--json"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    assert first.end() == 0  # drains
    time.sleep(0.5)
    serve("--port", first.port)
    time.sleep(2)
    second.signal(signal.SIGKILL)
    told, failed = load.communicate(timeout=60)
    assert load.returncode == 0, failed
    found = json.loads(told)
    assert found["failures"] == {} and found["requests"] > 100

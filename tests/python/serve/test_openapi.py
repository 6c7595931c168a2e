"""The OpenAPI document says what the server does: schemathesis makes requests from it."""
import json
import subprocess
import sys

import pytest

# What a schema cannot say: the number of strings that a tensor's shape asks for, the ids that a vocabulary
# has, the column that a table needs.
RULES_BEYOND_SCHEMA = ["/classify", "/batch", "/v2/models/{model}/infer", "/v2/models/{model}/versions/1/infer"]


@pytest.fixture(scope="module")
def document(server, tmp_path_factory):
    """The document, with times that no request is late for: 504 is no defect."""
    text = server.ask("/openapi.json").body.decode()
    found = json.loads(text)

    def patient(node):
        if isinstance(node, dict):
            for name in ("timeout_ms", "timeout"):
                if isinstance(node.get(name), dict) and "minimum" in node[name]:
                    node[name]["minimum"] = 60_000_000
            for value in node.values():
                patient(value)
        elif isinstance(node, list):
            for value in node:
                patient(value)

    patient(found)
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_text(json.dumps(found))
    return path


def run(server, document, *options):
    done = subprocess.run([sys.executable, "-m", "schemathesis.cli", "run", document, "--url", server.url,
                           "--phases", "examples,coverage,fuzzing", "--max-examples", "12",
                           "--generation-deterministic", "--no-color", *options],
                          capture_output=True, text=True, timeout=240, check=False, cwd=document.parent)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "generated" in done.stdout


def test_all_routes(server, document):
    run(server, document, "--exclude-checks", "positive_data_acceptance")


def test_good_requests_are_taken(server, document):
    excluded = [option for path in RULES_BEYOND_SCHEMA for option in ("--exclude-path", path)]
    run(server, document, *excluded)


def test_every_path_is_served(server, document):
    for path, methods in json.loads(document.read_text())["paths"].items():
        for method in methods:
            status = server.ask(path.replace("{model}", "m"), b"" if method == "post" else None, method.upper()).status
            assert status != 405 and (status != 404 or "{model}" in path), (path, method)

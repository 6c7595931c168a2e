"""The OpenAPI document says what the server does: schemathesis makes requests from it."""
import json
import subprocess
import sys

import pytest

# What a schema cannot say: the number of strings that a tensor's shape asks for, the ids that a vocabulary
# has, the labels of a model. Good requests may be refused for that.
RULES_BEYOND_SCHEMA = ["/classify", "/v2/models/{model}/infer", "/v2/models/{model}/versions/1/infer", "/ui/explain"]
# Rows are no JSON: nearly every string is a table, and not every table has a column of texts.
ROWS = ["/batch", "/ui/trends"]
# Of what a server with a store keeps; other servers know nothing there.
STORE = ["/ui/live", "/ui/live/rows", "/ui/live/trends", "/ui/live/export"]


@pytest.fixture(scope="module")
def document(server, tmp_path_factory):
    """The document without the times that a request may set itself: one that is late is no defect."""
    found = server.ask("/openapi.json").json()

    def leave_times_out(node):
        if isinstance(node, dict):
            for name in ("timeout_ms", "timeout"):
                node.get("properties", {}).pop(name, None)
            for value in node.values():
                leave_times_out(value)
        elif isinstance(node, list):
            for value in node:
                leave_times_out(value)

    leave_times_out(found)
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


def paths(option, names):
    return [word for name in names for word in (option, name)]


def test_routes_whose_rules_are_all_in_the_document(server, document):
    run(server, document, *paths("--exclude-path", [*RULES_BEYOND_SCHEMA, *ROWS, *STORE]))


def test_routes_with_rules_beyond_it(server, document):
    run(server, document, "--exclude-checks", "positive_data_acceptance",
        *paths("--include-path", RULES_BEYOND_SCHEMA))


def test_rows(server, document):
    run(server, document, "--exclude-checks", "positive_data_acceptance,negative_data_rejection",
        *paths("--include-path", ROWS))


def test_the_store(serve, document, tmp_path):
    server = serve("--store", tmp_path / "results.db", "--access-log", "off")
    server.ask("/predict", {"inputs": [["good"], ["bad"]]})
    # A time zone, or a label that no answer has, is refused.
    run(server, document, "--exclude-checks", "positive_data_acceptance", *paths("--include-path", STORE))


def test_every_path_is_served(server, document):
    for path, methods in json.loads(document.read_text())["paths"].items():
        for method in methods:
            status = server.ask(path.replace("{model}", "m"), b"" if method == "post" else None, method.upper()).status
            assert status != 405 and (status != 404 or "{" in path or path in STORE), (path, method)

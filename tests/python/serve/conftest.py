"""Servers for tests: the real program on a free port of this machine."""
import json

import pytest
from running_server import MODEL, Server


@pytest.fixture
def serve():
    """Starts servers, and ends them after the test."""
    running = []

    def start(*arguments, **options):
        running.append(Server(*arguments, **options))
        return running[-1]

    yield start
    for server in running:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def server():
    """One server with a model of random weights, for tests that leave it as it is."""
    running = Server()
    yield running
    assert running.end() == 0


@pytest.fixture(scope="session")
def golden():
    """What the reference framework says of texts with that model."""
    return json.loads((MODEL / "golden.json").read_text())

"""valence bench against a server whose times are known."""
import http.server
import json
import subprocess
import threading
import time

import pytest

from running_server import ROOT

STALL = 0.6


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers at once, but for one stall, for which everybody waits; 503 where the path says so."""
    protocol_version = "HTTP/1.1"
    lock, begin, bodies = threading.Lock(), None, []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with Handler.lock:
            Handler.bodies.append(json.loads(body))
            Handler.begin = Handler.begin or time.monotonic()
            if Handler.begin + 0.5 < time.monotonic() < Handler.begin + 0.5 + STALL:
                time.sleep(max(0, Handler.begin + 0.5 + STALL - time.monotonic()))
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    Handler.begin, Handler.bodies = None, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def bench(*options, code=0):
    done = subprocess.run([ROOT / "build/valence", "bench", "--json", "--warm-up", "0", *map(str, options)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def test_open_loop_counts_the_time_that_requests_had_to_wait_to_be_sent(url):
    found = bench("--url", url, "--connections", 2, "--rate", 100, "--seconds", 2)
    assert 120 < found["requests"] < 290 and found["failures"] == {}
    # Some 60 requests were due in the stall: three of ten. All of them waited, not two.
    assert found["latency_ms"]["p90"] > 1000 * STALL / 3
    assert found["latency_ms"]["max"] >= 1000 * STALL * 0.9


def test_closed_loop_sends_the_next_request_after_the_answer(url):
    found = bench("--url", url, "--connections", 2, "--seconds", 2)
    assert found["latency_ms"]["p50"] < 100 and found["latency_ms"]["max"] > 300
    assert found["loop"] == "closed" and found["failures"] == {}


def test_failures_are_counted_by_their_codes(url):
    found = bench("--url", url + "/busy", "--seconds", 0.3, code=1)
    assert found["requests"] == found["failures"]["503"] > 0
    assert "cannot connect" in bench("--url", "http://127.0.0.1:1", code=5)
    assert "no URL" in bench("--url", "127.0.0.1:80", code=2)


@pytest.mark.parametrize("protocol,check", [
    ("tei", lambda body: len(body["inputs"]) == 3 and body["inputs"][0] == ["one"]),
    ("vllm", lambda body: body == {"input": ["one", "two", "three"], "model": "m"}),
    ("infinity", lambda body: body["raw_scores"] is False and len(body["input"]) == 3),
    ("hf", lambda body: body == {"inputs": ["one", "two", "three"], "parameters": {}}),
    ("kserve", lambda body: body["inputs"][0]["shape"] == [3])])
def test_requests_of_each_protocol(url, tmp_path, protocol, check):
    texts = tmp_path / "texts.csv"
    texts.write_text("id,words\n1,one\n2,two\n3,three\n")
    bench("--url", url, "--protocol", protocol, "--served-model", "m", "--input", texts, "-c", "words",
          "--texts-per-request", 3, "--seconds", 0.1)
    assert Handler.bodies and all(check(body) for body in Handler.bodies)


def test_the_engine_alone():
    found = bench("--model", ROOT / "tests/fixtures/models/bert", "--seconds", 0.4)
    assert found["texts_per_second"] > 0 and found["latency_ms"]["p50"] > 0

"""Overload, ends and restarts, streams, and clients that behave badly."""
import concurrent.futures
import gzip
import http.client
import json
import resource
import signal
import socket
import statistics
import threading
import time

import pytest

from running_server import MODEL

BODY = json.dumps({"inputs": [["The delivery was quick and the staff friendly."]] * 20}).encode()


def post(connection, body=BODY, path="/predict"):
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    reply = connection.getresponse()
    return reply.status, reply.headers, reply.read()


def hammer(server, seconds, threads, body=BODY):
    """Asks without a pause; returns [(seconds it took, status, headers)]."""
    end = time.monotonic() + seconds

    def one(_):
        found = []
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while time.monotonic() < end:
            start = time.monotonic()
            status, headers, _ = post(connection, body)
            found.append((time.monotonic() - start, status, headers))
        connection.close()
        return found

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return [entry for found in pool.map(one, range(threads)) for entry in found]


def test_overload_is_refused_at_once_and_passes(serve):
    wide = MODEL.parent / "bert-wide"
    server = serve("--max-queue", 40, "--threads", 1, model=f"m={wide}")
    body = json.dumps({"inputs": [["The delivery was quick and the staff friendly. " * 3]] * 20}).encode()
    calm = hammer(server, 1, 1, body)
    memory = server.metric("process_resident_memory_bytes")
    storm = hammer(server, 3, 24, body)
    good = sorted(took for took, status, _ in storm if status == 200)
    refused = [(took, headers) for took, status, headers in storm if status == 429]
    assert {status for _, status, _ in storm} == {200, 429}
    assert all(int(headers["Retry-After"]) >= 1 for _, headers in refused)
    # At most two requests wait before an accepted one; the client's own threads take time as well.
    usual = statistics.median(took for took, _, _ in calm)
    assert good[int(0.99 * (len(good) - 1))] < 40 * usual + 1
    assert statistics.median(took for took, _ in refused) < 0.25
    assert server.metric("process_resident_memory_bytes") - memory < 100e6
    after = hammer(server, 1, 1, body)
    assert {status for _, status, _ in after} == {200}
    assert len(after) > 0.5 * len(calm)


def test_sigterm_answers_what_was_accepted(serve):
    server = serve("--grace", 30)
    begun, results = threading.Barrier(9), []

    def one():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        begun.wait()
        while True:
            try:
                status, headers, _ = post(connection)
            except (ConnectionError, http.client.HTTPException) as error:
                # Between requests the server may close; not in the middle of an answer.
                results.append(type(error).__name__)
                return
            results.append(status)
            if status != 200 or headers.get("Connection") == "close":
                return

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(0.5)
    start = time.monotonic()
    server.signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    assert time.monotonic() - start < 10
    for thread in threads:
        thread.join()
    assert results.count(200) > 8
    assert set(results) <= {200, 503, "ConnectionRefusedError", "RemoteDisconnected"}
    assert results.count("RemoteDisconnected") == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_a_client_that_tries_again_loses_nothing_when_the_server_is_killed(serve):
    server = serve()
    texts = [f"text number {i} is good" for i in range(300)]
    wanted = {t: server.ask("/predict", {"inputs": t}).json() for t in texts[:20]}
    port, found = server.port, {}

    def one(text):
        for _ in range(400):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                status, _, body = post(connection, json.dumps({"inputs": text}).encode())
                connection.close()
                if status == 200:
                    found[text] = json.loads(body)
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tasks = [pool.submit(one, text) for text in texts]
        time.sleep(0.05)
        server.process.kill()
        server.process.wait()
        again = serve("--port", port)
        concurrent.futures.wait(tasks)
    assert len(found) == len(texts)
    assert all(found[text] == answer for text, answer in wanted.items())
    assert again.end() == 0


def test_ten_thousand_connections(serve):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10_000, hard - 500)
    if count < 10_000:
        print(f"only {count} connections: this system allows {hard} files")
    server = serve("--max-connections", 12_000)
    before = server.metric("process_resident_memory_bytes")
    clients = []
    try:
        for i in range(count):
            clients.append(socket.create_connection(("127.0.0.1", server.port)))
            if i % 5 == 0:  # some are in the middle of a request
                clients[-1].sendall(b"POST /predict HTTP/1.1\r\nContent-Le")
        deadline = time.monotonic() + 20
        while server.metric("valence_connections") < count and time.monotonic() < deadline:
            time.sleep(0.1)
        assert server.metric("valence_connections") >= count
        assert server.metric("process_resident_memory_bytes") - before < 40_000 * count
        start = time.monotonic()
        assert server.ask("/predict", {"inputs": "good"}).status == 200
        assert time.monotonic() - start < 1
        # Any of them can still ask.
        for client in clients[1::1000]:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
    finally:
        for client in clients:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    deadline = time.monotonic() + 20
    while server.metric("valence_connections") > 10 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.metric("valence_connections") <= 10


# ---- streams ----------------------------------------------------------------------------------


def test_a_table_is_labelled_row_by_row(server, golden):
    texts = [row["text"] for row in golden["texts"] if row["text"].strip()]
    quoted = "".join('{},"{}"\n'.format(i, text.replace('"', '""')) for i, text in enumerate(texts))
    reply = server.ask("/batch?text_column=text&all_scores=true", ("id,text\n" + quoted).encode(),
                       headers={"Content-Type": "text/csv; charset=utf-8"})
    assert reply.status == 200 and reply.headers["Content-Type"] == "text/csv"
    header = reply.body.decode().splitlines()[0]
    assert header.startswith("id,text,label,score,score_") and header.endswith(",error")
    lines = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate(texts))
    rows = [json.loads(line) for line in
            server.ask("/batch", lines.encode(), headers={"Content-Type": "application/jsonl"}).body.splitlines()]
    assert [row["id"] for row in rows] == list(range(len(texts)))
    single = [server.ask("/predict", {"inputs": t}).json()[0] for t in texts]
    assert [row["label"] for row in rows] == [s["label"] for s in single]
    assert all(abs(row["score"] - s["score"]) < 2e-6 for row, s in zip(rows, single))
    packed = server.ask("/batch", gzip.compress(lines.encode()),
                        headers={"Content-Type": "application/jsonl", "Content-Encoding": "gzip"})
    assert [json.loads(line) for line in packed.body.splitlines()] == rows


@pytest.mark.parametrize("query,body,status", [
    ("?nothing=1", b"text\na\n", 422), ("?top_k=0", b"text\na\n", 422), ("?text_column=x", b"text\na\n", 422),
    ("", b"", 422), ("?model=x", b"text\na\n", 404), ("?long=cut", b"text\na\n", 422), ("?a=%", b"text\na\n", 422),
    ("?all_scores=yes", b"text\na\n", 422), ("?input_format=xml", b"text\na\n", 422)])
def test_streams_that_cannot_begin_are_refused(server, query, body, status):
    reply = server.ask("/batch" + query, body, headers={"Content-Type": "text/csv"})
    assert reply.status == status and reply.json()["error"]


def test_rows_without_a_label_say_why(server):
    body = b'{"text": "good"}\n{"text": ""}\nnonsense\n{"text": 5}\n'
    reply = server.ask("/batch", body, headers={"Content-Type": "application/x-ndjson"})
    errors = [json.loads(line)["error"] for line in reply.body.splitlines()]
    assert errors[0] is None and all(errors[1:]) and len(errors) == 4
    unknown = server.ask("/batch", b"text\na\n", headers={"Content-Type": "application/xml"})
    assert unknown.status == 415


def test_a_stream_takes_bounded_memory_and_waits_for_its_reader(server):
    row = b"%d,a film that is good\n"
    rows = 60_000
    before = server.metric("process_resident_memory_bytes")
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n")

    def send():
        def chunk(data):
            connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        chunk(b"id,text\n")
        for begin in range(0, rows, 500):
            chunk(b"".join(row % i for i in range(begin, begin + 500)))
        connection.sendall(b"0\r\n\r\n")

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(1.5)  # nothing is read: all pipes fill up
    assert server.ask("/predict", {"inputs": "good"}).status == 200
    reply = http.client.HTTPResponse(connection)
    reply.begin()
    count, most = 0, 0.0
    while line := reply.readline():
        assert count == 0 or line.startswith(b"%d," % (count - 1))
        count += 1
        if count % 10_000 == 0:
            most = max(most, server.metric("process_resident_memory_bytes"))
    sender.join()
    connection.close()
    assert count == rows + 1
    assert most - before < 64e6


def test_too_many_streams_are_refused(serve):
    server = serve("--max-streams", 1)
    first = socket.create_connection(("127.0.0.1", server.port))
    first.sendall(b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\ntext\n")
    while server.metric("valence_active_requests") < 2:
        time.sleep(0.01)
    refused = server.ask("/batch", b"text\na\n", headers={"Content-Type": "text/csv"})
    assert refused.status == 429 and int(refused.headers["Retry-After"]) >= 1
    first.close()
    deadline = time.monotonic() + 10
    while server.ask("/batch", b"text\na\n", headers={"Content-Type": "text/csv"}).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)

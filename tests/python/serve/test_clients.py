"""Clients of other servers, pointed at ours; the numbers are those of the reference framework."""
import json
import math

import numpy
import openai
import pytest
import tritonclient.http
from huggingface_hub import InferenceClient

from running_server import MODEL

BOUND = 2e-5


@pytest.fixture(scope="module")
def labels():
    names = json.loads((MODEL / "config.json").read_text())["id2label"]
    return [names[str(i)] for i in range(len(names))]


def softmax(logits):
    powers = [math.exp(x - max(logits)) for x in logits]
    return [x / sum(powers) for x in powers]


@pytest.fixture(scope="module")
def rows(golden):
    """(text, probabilities by id) of texts that fit the model's window."""
    return [(row["text"], softmax(row["logits"])) for row in golden["texts"]
            if row["text"] and len(row["ids"]) < golden["window"]]


def assert_scores(found, labels, wanted):
    """`found` is [(label, score)], the best first."""
    assert [label for label, _ in found] == [labels[i] for i in sorted(range(len(labels)), key=lambda i: -wanted[i])]
    for label, score in found:
        assert abs(score - wanted[labels.index(label)]) <= BOUND


def test_hugging_face_client(server, rows, labels):
    for path in ("", "/models/m"):
        client = InferenceClient(model=server.url + path)
        for text, wanted in rows[:10]:
            found = client.text_classification(text)
            assert_scores([(entry.label, entry.score) for entry in found], labels, wanted)
        assert len(client.text_classification(rows[0][0], top_k=1)) == 1
        raw = client.text_classification(rows[0][0], function_to_apply="none")
        assert abs(sum(entry.score for entry in raw) - 1) > 1e-3


def test_openai_client(server, rows, labels):
    client = openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)
    texts, wanted = zip(*rows)
    reply = client.post("/classify", body={"model": "m", "input": list(texts)}, cast_to=object)
    assert [entry["index"] for entry in reply["data"]] == list(range(len(texts)))
    for entry, probabilities in zip(reply["data"], wanted):
        assert entry["label"] == labels[probabilities.index(max(probabilities))]
        assert numpy.allclose(entry["probs"], probabilities, atol=BOUND)
    v1 = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
    assert [model.id for model in v1.models.list()] == ["m"]
    with pytest.raises(openai.NotFoundError):
        client.post("/classify", body={"model": "x", "input": "a"}, cast_to=object)
    with pytest.raises(openai.UnprocessableEntityError) as error:
        client.post("/classify", body={"model": "m", "input": 5}, cast_to=object)
    assert error.value.body["code"] == 422


def test_token_ids_are_taken_as_they_are(server, golden):
    ids = [row["ids"] for row in golden["texts"]]
    wanted = [softmax(row["logits"]) for row in golden["texts"]]
    reply = server.ask("/classify", {"input": ids}).json()
    for entry, probabilities in zip(reply["data"], wanted):
        assert numpy.allclose(entry["probs"], probabilities, atol=BOUND)
    wrong = server.ask("/classify", {"input": [10 ** 6]})
    assert wrong.status == 422 and "1000000" in wrong.json()["error"]["message"]
    long = server.ask("/classify", {"input": [5] * 100})
    assert long.status == 400
    assert server.ask("/classify", {"input": [5] * 100, "truncate_prompt_tokens": -1}).status == 200


@pytest.mark.parametrize("binary", [True, False])
def test_triton_client(server, rows, labels, binary):
    client = tritonclient.http.InferenceServerClient(server.url.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("m")
    assert not client.is_model_ready("x")
    assert "classification" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata("m")
    assert metadata["inputs"][0]["datatype"] == "BYTES"
    assert client.get_model_repository_index()[0]["name"] == "m"
    texts, wanted = zip(*rows)
    texts_in = tritonclient.http.InferInput("text", [len(texts)], "BYTES")
    texts_in.set_data_from_numpy(numpy.array([t.encode() for t in texts], dtype=object), binary_data=binary)
    result = client.infer("m", [texts_in], request_id="7")
    assert result.get_response()["id"] == "7"
    assert numpy.allclose(result.as_numpy("scores"), wanted, atol=BOUND)
    best = [labels[w.index(max(w))].encode() for w in wanted]
    assert list(result.as_numpy("label")) == best
    classes = tritonclient.http.InferRequestedOutput("scores", binary_data=binary, class_count=2)
    result = client.infer("m", [texts_in], outputs=[classes], timeout=5_000_000)
    first = result.as_numpy("scores")[0][0]
    score, index, label = (first.decode() if isinstance(first, bytes) else first).split(":")
    assert label == labels[int(index)] and abs(float(score) - max(wanted[0])) <= 1e-5
    with pytest.raises(Exception, match="no model"):
        client.infer("x", [texts_in])
    client.close()


def test_text_embeddings_inference(server, rows, labels):
    text, wanted = rows[0]
    reply = server.ask("/predict", {"inputs": text})
    assert_scores([(entry["label"], entry["score"]) for entry in reply.json()], labels, wanted)
    for name in ("x-compute-time", "x-compute-tokens", "x-total-time", "x-queue-time", "x-inference-time"):
        assert reply.headers[name].isdigit()
    batch = server.ask("/predict", {"inputs": [[t] for t, _ in rows]}).json()
    for entry, (_, probabilities) in zip(batch, rows):
        assert_scores([(e["label"], e["score"]) for e in entry], labels, probabilities)
    assert server.ask("/info").json()["model_type"]["classifier"]["id2label"]["0"] == labels[0]
    assert server.ask("/health").status == 200


def test_infinity(server, rows, labels):
    body = {"input": [t for t, _ in rows], "model": "default/not-specified", "raw_scores": False}
    reply = server.ask("/classify", body).json()
    assert reply["object"] == "classify" and reply["model"] == "m"
    for entry, (_, wanted) in zip(reply["data"], rows):
        assert_scores([(e["label"], e["score"]) for e in entry], labels, wanted)
    raw = server.ask("/classify", {**body, "raw_scores": True}).json()
    assert abs(sum(e["score"] for e in raw["data"][0]) - 1) > 1e-3


def test_long_texts_on_every_shape(server, golden):
    text = "The delivery was quick and the staff friendly. " * 30
    windows = server.ask("/predict", {"inputs": text})
    assert windows.headers["x-truncated"] == "false" and int(windows.headers["x-windows"]) > 5
    detailed = server.ask("/predict", {"inputs": text, "details": True, "truncate": True}).json()
    assert detailed["truncated"] is True and detailed["windows"] == 1
    refused = server.ask("/predict", {"inputs": text, "truncate": False})
    assert refused.status == 422 and f"takes {golden['window']}" in refused.json()["error"]
    entry = server.ask("/classify", {"input": text, "long": "truncate"}).json()["data"][0]
    assert entry["truncated"] is True and entry["windows"] == 1
    assert server.ask("/classify", {"input": text, "long": "error"}).status == 400
    head = server.ask("/predict", {"inputs": "good " * 200 + "bad " * 200, "truncate": True}).json()
    tail = server.ask("/predict", {"inputs": "bad " * 200, "truncate": True}).json()
    left = server.ask("/predict", {"inputs": "good " * 200 + "bad " * 200, "truncate": True,
                                   "truncation_direction": "left"}).json()
    assert left == tail and head != tail


def test_tokenize(server, golden):
    row = golden["texts"][0]
    tokens = server.ask("/tokenize", {"inputs": row["text"]}).json()[0]
    assert [token["id"] for token in tokens] == row["ids"]
    assert all(token["special"] or row["text"][token["start"]:token["stop"]] == token["text"] for token in tokens)
    assert server.ask("/tokenize", {"prompt": row["text"]}).json()["tokens"] == row["ids"]

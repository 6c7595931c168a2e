"""valence inspect and valence convert as a user meets them, and what is said of files that are no models."""
import json
import shutil
import struct

import pytest

MODELS = "tests/fixtures/models"


@pytest.fixture
def model(root):
    return lambda name: root / MODELS / name


def logits(valence, model, text):
    done = valence("classify", "--model", model, "--json", "--top-k", "9", "--function-to-apply", "none", text)
    assert done.returncode == 0, done.stderr
    return sorted(json.loads(done.stdout)[0], key=lambda entry: entry["label"])


def test_inspect_tells_what_a_folder_is(valence, model):
    done = valence("inspect", model("roberta"))
    assert done.returncode == 0
    for part in ["Hugging Face directory", "roberta, 2 layers, hidden size 36, 3 heads", "BPE", "48 tokens", "softmax",
                 "0  negative", "1  neutral", "2  positive"]:
        assert part in done.stdout
    assert done.stderr == ""


def test_inspect_prints_json(valence, model):
    info = json.loads(valence("inspect", "--json", model("bert-multi-label")).stdout)
    assert info["architecture"] == "bert"
    assert info["labels"] == ["anger", "joy", "fear", "love", "none"]
    assert (info["problem_type"], info["function"]) == ("multi_label_classification", "sigmoid")


@pytest.mark.parametrize("name", ["bert", "distilbert", "roberta"])
def test_convert_survives_the_round_trip_exactly(valence, model, tmp_path, name):
    target = tmp_path / "model.gguf"
    done = valence("convert", model(name), "-o", target)
    assert done.returncode == 0, done.stderr
    assert "largest logit difference 0, same label on 32 of 32" in done.stdout
    text = "It is fine. Nothing more, nothing less."
    assert logits(valence, target, text) == logits(valence, model(name), text)
    assert "GGUF" in valence("inspect", target).stdout
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("kind, share", [("f16", 0.75), ("bf16", 0.75), ("q8_0", 0.6)])
def test_convert_to_narrower_types_makes_smaller_files(valence, model, tmp_path, kind, share):
    whole, narrow = tmp_path / "whole.gguf", tmp_path / "narrow.gguf"
    assert valence("convert", model("bert-wide"), "-o", whole).returncode == 0
    done = valence("convert", model("bert-wide"), "-o", narrow, "--type", kind)
    assert done.returncode == 0, done.stderr
    assert "32 texts" in done.stdout
    assert narrow.stat().st_size < share * whole.stat().st_size
    assert kind.upper() in valence("inspect", narrow).stdout


def test_convert_shortens_the_window(valence, model, tmp_path):
    model = model("bert")
    short = tmp_path / "short.gguf"
    assert valence("convert", model, "-o", short, "--window", 16).returncode == 0
    assert json.loads(valence("inspect", "--json", short).stdout)["window"] == 16
    brief, long = "good film", "a very long and boring film " * 5
    run = [json.loads(valence("classify", "--model", m, "--json", brief, long).stdout) for m in [model, short]]
    assert run[0][0] == run[1][0] and run[0][1] != run[1][1]
    done = valence("convert", model, "-o", tmp_path / "no.gguf", "--window", 100_000)
    assert done.returncode == 2 and "positions" in done.stderr and not (tmp_path / "no.gguf").exists()


def test_convert_checks_on_the_users_own_texts(valence, model, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("good\nbad\n")
    done = valence("convert", model("bert"), "-o", tmp_path / "m.gguf", "--texts", texts)
    assert "checked on 2 texts" in done.stdout
    done = valence("convert", model("bert"), "-o", tmp_path / "n.gguf", "--texts", tmp_path / "none.txt")
    assert done.returncode == 3 and "none.txt" in done.stderr


def test_convert_keeps_what_is_there(valence, model, tmp_path):
    target = tmp_path / "model.gguf"
    target.write_text("precious")
    done = valence("convert", model("bert"), "-o", target)
    assert done.returncode == 2 and "--force" in done.stderr
    assert target.read_text() == "precious"
    assert valence("convert", model("bert"), "-o", target, "--force").returncode == 0
    assert target.read_bytes().startswith(b"GGUF")


def test_convert_says_where_it_cannot_write(valence, model, tmp_path):
    done = valence("convert", model("bert"), "-o", tmp_path / "no/such/folder/m.gguf")
    assert done.returncode == 5 and "no/such/folder" in done.stderr


def test_a_gguf_without_its_pooler_is_named_as_damaged(valence, root):
    done = valence("inspect", root / "tests/fixtures/converted/bert-no-pooler-f32.gguf")
    assert done.returncode == 4
    assert "pooler" in done.stderr and "convert" in done.stderr


def edited_config(model, tmp_path, **changes):
    folder = tmp_path / "edited"
    shutil.copytree(model("bert"), folder)
    config = json.loads((folder / "config.json").read_text())
    config.update(changes)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize("changes, code, parts", [
    ({"architectures": ["BertForMaskedLM"]}, 4, ["BertForMaskedLM", "not a text classifier"]),
    ({"architectures": ["DebertaForSequenceClassification"]}, 4, ["DebertaForSequenceClassification", "supported are"]),
    ({"hidden_size": 39}, 4, ["embeddings", "36]", "39]"]),
    ({"hidden_size": "wide"}, 4, ["hidden_size", "integer"]),
    ({"num_attention_heads": 5}, 4, ["36", "5 attention heads"]),
    ({"num_hidden_layers": 3}, 4, ["bert.encoder.layer.2", "missing"]),
    ({"num_hidden_layers": 10 ** 12}, 4, ["num_hidden_layers"]),
    ({"hidden_act": "mystery"}, 4, ["hidden_act", "mystery"]),
    ({"position_embedding_type": "relative_key"}, 4, ["position_embedding_type"]),
    ({"id2label": {"0": "only one"}}, 4, ["id2label", "3 classes"]),
    ({"problem_type": "poetry"}, 4, ["problem_type", "poetry"]),
])
def test_a_config_that_contradicts_the_weights_is_refused(valence, model, tmp_path, changes, code, parts):
    done = valence("inspect", edited_config(model, tmp_path, **changes))
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 1
    for part in parts:
        assert part in done.stderr


def test_files_that_are_no_models_are_told_apart(valence, tmp_path):
    def said_of(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        done = valence("inspect", path)
        assert done.returncode == 4
        return done.stderr

    assert "LFS" in said_of("model.gguf", b"version https://git-lfs.github.com/spec/v1\n")
    assert "web page" in said_of("page.gguf", b"<!DOCTYPE html><html></html>")
    assert "ONNX" in said_of("model.onnx", b"\x08\x08\x12\x07pytorch")
    assert "empty" in said_of("empty.gguf", b"")
    assert "version" in said_of("old.gguf", b"GGUF" + struct.pack("<IQQ", 1, 0, 0))
    done = valence("inspect", tmp_path / "missing")
    assert done.returncode == 3 and "missing" in done.stderr
    done = valence("inspect", tmp_path)
    assert done.returncode == 3 and "config.json" in done.stderr


@pytest.mark.parametrize("cut", [3, 11, 200, 5_000, -1])
def test_a_truncated_model_is_refused(valence, model, tmp_path, cut):
    gguf = tmp_path / "whole.gguf"
    assert valence("convert", model("bert"), "-o", gguf).returncode == 0
    for name, source in [("cut.gguf", gguf), ("cut.safetensors", model("bert") / "model.safetensors")]:
        folder = tmp_path / "folder"
        shutil.copytree(model("bert"), folder, dirs_exist_ok=True)
        path = folder / ("model.safetensors" if name.endswith("safetensors") else name)
        path.write_bytes(source.read_bytes()[:cut])
        done = valence("inspect", folder if name.endswith("safetensors") else path)
        assert done.returncode == 4, done.stderr
        assert len(done.stderr.splitlines()) == 1

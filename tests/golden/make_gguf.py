#!/usr/bin/env python3
"""Makes tests/fixtures/converted from the models beside it: GGUF files with the names and keys of llama.cpp's converter, and no others.

    make_gguf.py [--models FOLDER] [--output FOLDER]

Needs gguf, torch, transformers. golden.json there holds the logits of the source's texts by transformers, in double
precision and from the weights as they stand in the file.
"""
import argparse
import json
import pathlib

import gguf
import torch
from gguf import GGMLQuantizationType as Type
from transformers import AutoModelForSequenceClassification

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE_TYPES = {
    Type.F32: gguf.LlamaFileType.ALL_F32,
    Type.F16: gguf.LlamaFileType.MOSTLY_F16,
    Type.BF16: gguf.LlamaFileType.MOSTLY_BF16,
    Type.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
}
# file, model, type of its matrices, whether the pooler is kept
FILES = [
    ("bert-f32", "bert", Type.F32, True),
    ("bert-f16", "bert", Type.F16, True),
    ("bert-no-pooler-f32", "bert", Type.F32, False),
    ("distilbert-f32", "distilbert-named", Type.F32, True),
    ("distilbert-q8_0", "distilbert-named", Type.Q8_0, True),
    ("roberta-f32", "roberta", Type.F32, True),
    ("roberta-bf16", "roberta", Type.BF16, True),
]
ALWAYS_F32 = ("position_embd.weight", "token_types.weight")


def setting(config, *names):
    return next(config[name] for name in names if name in config)


def position_offset(config):
    return config["pad_token_id"] + 1 if config["model_type"] == "roberta" else 0


def write_sizes(writer, config, matrix_type):
    writer.add_type("model")
    writer.add_name(config["model_type"])
    writer.add_context_length(config["max_position_embeddings"] - position_offset(config))
    writer.add_embedding_length(setting(config, "hidden_size", "dim"))
    writer.add_feed_forward_length(setting(config, "intermediate_size", "hidden_dim"))
    writer.add_block_count(setting(config, "num_hidden_layers", "n_layers"))
    writer.add_head_count(setting(config, "num_attention_heads", "n_heads"))
    writer.add_layer_norm_eps(config.get("layer_norm_eps", 1e-12))
    writer.add_causal_attention(False)
    writer.add_classifier_output_labels([config["id2label"][str(i)] for i in range(len(config["id2label"]))])
    writer.add_file_type(FILE_TYPES[matrix_type])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def write_tokenizer(writer, folder, config):
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = {i: piece for piece, i in tokenizer["model"]["vocab"].items()}
    control = {t["id"] for t in tokenizer["added_tokens"] if t["special"]}
    pieces.update({t["id"]: t["content"] for t in tokenizer["added_tokens"]})
    tokens = [pieces[i] for i in range(len(pieces))]
    is_bert = tokenizer["model"]["type"] == "WordPiece"
    if is_bert:
        tokens = [piece if i in control else phantom(piece) for i, piece in enumerate(tokens)]
    writer.add_token_type_count(config.get("type_vocab_size", 1))
    writer.add_tokenizer_model("bert" if is_bert else "gpt2")
    writer.add_tokenizer_pre("bert-bge" if is_bert else "roberta-bpe")
    writer.add_token_list(tokens)
    kinds = [gguf.TokenType.CONTROL if i in control else gguf.TokenType.NORMAL for i in range(len(tokens))]
    writer.add_token_types(kinds)
    gguf.SpecialVocab(folder, load_merges=not is_bert).add_to_gguf(writer, quiet=True)


def phantom(piece):
    """WordPiece with the mark moved from the pieces inside words to those that begin one."""
    return piece[2:] if piece.startswith("##") else "\u2581" + piece


def write_tensors(writer, weights, config, matrix_type, with_pooler):
    layers = setting(config, "num_hidden_layers", "n_layers")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, layers)
    for name, tensor in weights.items():
        array = tensor.numpy()
        target = target_name(names, name, config["model_type"])
        if target.startswith("cls.") and "pooler" in name and not with_pooler:
            continue
        if target == "position_embd.weight":
            array = array[position_offset(config) :]
        keep = array.ndim == 1 or target in ALWAYS_F32
        stored = write_tensor(writer, target, array, Type.F32 if keep else matrix_type)
        tensor[len(tensor) - len(array) :] = torch.from_numpy(stored)


def target_name(names, name, model_type):
    name = name.removeprefix(model_type + ".")
    suffix = name[name.rindex(".") :]
    if name.startswith("pooler.dense"):
        return "cls" + suffix
    if name in ("classifier.weight", "classifier.bias"):
        return "cls.output" + suffix
    return names.get_name(name, try_suffixes=(".weight", ".bias"))


def write_tensor(writer, name, array, wanted):
    """Returns the values as a reader of the file gets them."""
    try:
        data = gguf.quantize(array, wanted)
    except gguf.QuantError:  # rows that are no multiple of a block
        wanted = Type.F16
        data = gguf.quantize(array, wanted)
    writer.add_tensor(name, data, raw_dtype=wanted)
    return gguf.dequantize(data, wanted)


@torch.no_grad()
def make(source, path, matrix_type, with_pooler):
    """Returns the logits of the source's golden texts, None for a file that is left without its pooler."""
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    model = AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager", dtype=torch.float32)
    writer = gguf.GGUFWriter(path, "bert")
    write_sizes(writer, config, matrix_type)
    write_tokenizer(writer, source, config)
    write_tensors(writer, dict(model.named_parameters()), config, matrix_type, with_pooler)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return logits(model, source) if with_pooler else None


def logits(model, source):
    model = model.double().eval()
    texts = json.loads((source / "golden.json").read_text(encoding="utf-8"))["texts"]
    found = [model(input_ids=torch.tensor([row["ids"]])).logits[0].tolist() for row in texts]
    return [[float(f"{value:.9g}") for value in row] for row in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "tests/fixtures/models")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "tests/fixtures/converted")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    golden = {}
    for name, model, matrix_type, with_pooler in FILES:
        found = make(arguments.models / model, arguments.output / f"{name}.gguf", matrix_type, with_pooler)
        golden[name] = {"model": model, "logits": found}
    lines = [f'"{name}": {json.dumps(entry)}' for name, entry in golden.items()]
    (arguments.output / "golden.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""export.py STEP FOLDER [ARGUMENT...]: makes one of the forms in which the peers take a model, in FOLDER.

FOLDER/hf is the Hugging Face folder that all are made of. What a step makes appears under its name when it is complete.
"""
import json
import os
import pathlib
import shutil
import sys

OPSET = 17
CALIBRATION_TEXTS = 300


def config_of(folder):
    return json.loads((folder / "hf/config.json").read_text())


def calibration_rows(folder, texts):
    """Ids of texts that are not measured, for quantizers that want to see some."""
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "hf/tokenizer.json"))
    tokenizer.enable_truncation(128)
    tokenizer.no_padding()
    return [encoding.ids for encoding in tokenizer.encode_batch(json.loads(pathlib.Path(texts).read_text()))]


def random_model(folder, shape, vocabularies, texts):
    import random_models
    making = folder / "hf.part"
    shutil.rmtree(making, ignore_errors=True)
    sample = json.loads(pathlib.Path(texts).read_text())[::3]
    random_models.make(shape, pathlib.Path(vocabularies), sample, making)
    making.rename(folder / "hf")


def onnx(folder):
    """plain.onnx, and fused.onnx: the same by ONNX Runtime's own optimizer for transformers."""
    import torch
    import transformers
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = transformers.AutoModelForSequenceClassification.from_pretrained(
                folder / "hf", attn_implementation="eager")

        def forward(self, input_ids, attention_mask):
            return self.network(input_ids=input_ids, attention_mask=attention_mask).logits

    ids = torch.randint(5, 2000, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    axes = {0: "batch", 1: "length"}
    plain = folder / "plain.onnx"
    torch.onnx.export(Logits().eval(), (ids, mask), str(folder / "part.onnx"), input_names=["input_ids", "attention_mask"],
                      output_names=["logits"], opset_version=OPSET, dynamo=False,
                      dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}})
    config = config_of(folder)
    heads = config.get("num_attention_heads") or config["n_heads"]
    width = config.get("hidden_size") or config["dim"]
    fused = optimizer.optimize_model(str(folder / "part.onnx"), model_type="bert", num_heads=heads, hidden_size=width,
                                     optimization_options=FusionOptions("bert"), opt_level=0)
    fused.save_model_to_file(str(folder / "fused.onnx"))
    (folder / "part.onnx").rename(plain)


def saturating():
    """Without VNNI, products of unsigned and signed bytes are summed in 16 bits, which weights of 8 bits overflow."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return "vnni" not in flags and "avx2" in flags


def onnx_int8(folder):
    """Dynamic quantization: activations in unsigned bytes, weights in signed ones with a scale a channel."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    for name in ("plain", "fused"):
        quantize_dynamic(folder / f"{name}.onnx", folder / "part.onnx", per_channel=True, weight_type=QuantType.QInt8,
                         reduce_range=saturating(),
                         extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT})
        (folder / "part.onnx").rename(folder / f"{name}-int8.onnx")


def save_openvino(model, path):
    import openvino
    openvino.save_model(model, str(path.with_name("part.xml")), compress_to_fp16=False)
    path.with_name("part.bin").rename(path.with_suffix(".bin"))
    path.with_name("part.xml").rename(path)


def openvino_float(folder):
    import openvino
    save_openvino(openvino.convert_model(str(folder / "plain.onnx")), folder / "openvino.xml")


def openvino_int8(folder, texts):
    """Two kinds: weights in int8, activations quantized as they come; and all quantized after a calibration."""
    import nncf
    import numpy
    import openvino
    core = openvino.Core()
    save_openvino(nncf.compress_weights(core.read_model(folder / "openvino.xml"), mode=nncf.CompressWeightsMode.INT8_SYM),
                  folder / "openvino-dynamic.xml")
    rows = [numpy.array([row], numpy.int64) for row in calibration_rows(folder, texts)[:CALIBRATION_TEXTS]]
    inputs = [{"input_ids": row, "attention_mask": numpy.ones_like(row)} for row in rows]
    save_openvino(nncf.quantize(core.read_model(folder / "openvino.xml"), nncf.Dataset(inputs), subset_size=len(inputs),
                                model_type=nncf.ModelType.TRANSFORMER, preset=nncf.QuantizationPreset.MIXED),
                  folder / "openvino-static.xml")


def ctranslate2(folder):
    """The encoder alone, from a folder of it whose tokenizer names its special tokens."""
    import transformers
    from ctranslate2.converters import TransformersConverter
    encoder = folder / "encoder"
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder / "hf")
    model.config.position_embedding_type = "absolute"  # what the converter asks for, and transformers says no more
    model.base_model.save_pretrained(encoder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "hf")
    unknown = "<unk>" if "<unk>" in tokenizer.get_vocab() else "[UNK]"
    tokenizer.add_special_tokens({"unk_token": unknown, "bos_token": tokenizer.bos_token or unknown,
                                  "eos_token": tokenizer.eos_token or unknown})
    tokenizer.save_pretrained(encoder)
    TransformersConverter(str(encoder)).convert(str(folder / "ctranslate2.part"), quantization="int8", force=True)
    shutil.rmtree(encoder)
    (folder / "ctranslate2.part").rename(folder / "ctranslate2")


def fasttext(folder, phrases):
    """Trained on labelled phrases: a CSV file of SST-2's training split."""
    import csv
    import gzip
    import fasttext as library
    with gzip.open(phrases, "rt", encoding="utf-8") as file, open(folder / "phrases.txt", "w", encoding="utf-8") as lines:
        for row in csv.DictReader(file):
            lines.write(f"__label__{row['label']} {' '.join(row['text'].split())}\n")
    model = library.train_supervised(str(folder / "phrases.txt"), wordNgrams=2, epoch=5, lr=0.3, dim=50, thread=1, seed=1,
                                     verbose=0)
    model.save_model(str(folder / "fasttext.part"))
    os.remove(folder / "phrases.txt")
    (folder / "fasttext.part").rename(folder / "fasttext.bin")


STEPS = {step.__name__: step for step in (random_model, onnx, onnx_int8, openvino_float, openvino_int8, ctranslate2,
                                          fasttext)}

if __name__ == "__main__":
    STEPS[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])

"""Classification heads in NumPy, for peers that only run encoders."""
import json
import pathlib
import struct

import numpy

# model_type: the layer before the last, its activation, the last one; as transformers names and computes them.
HEADS = {
    "bert": ("bert.pooler.dense", numpy.tanh, "classifier"),
    "distilbert": ("pre_classifier", lambda x: numpy.maximum(x, 0), "classifier"),
    "roberta": ("classifier.dense", numpy.tanh, "classifier.out_proj"),
}


def read_tensors(path, wanted):
    """Those of the F32 tensors of a safetensors file that are named."""
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        tensors = {}
        for name in wanted:
            begin, end = header[name]["data_offsets"]
            file.seek(8 + size + begin)
            tensors[name] = numpy.frombuffer(file.read(end - begin), "<f4").reshape(header[name]["shape"])
    return tensors


class Head:
    """Hidden states of the first tokens, [texts, width], to logits."""

    def __init__(self, folder):
        kind = json.loads((pathlib.Path(folder) / "config.json").read_text())["model_type"]
        dense, self.activation, last = HEADS[kind]
        names = [f"{layer}.{part}" for layer in (dense, last) for part in ("weight", "bias")]
        tensors = read_tensors(f"{folder}/model.safetensors", names)
        self.dense, self.dense_bias, self.last, self.last_bias = (tensors[name] for name in names)

    def __call__(self, first):
        return self.activation(first @ self.dense.T + self.dense_bias) @ self.last.T + self.last_bias

"""What is measured: models, loads and contenders. To add a peer, add an engine, its requirements and rows here."""
import dataclasses
import pathlib

import install

ROOT = install.ROOT
WORKER = pathlib.Path(__file__).resolve().parent / "worker.py"

EXACT_BOUND = 1e-3  # largest difference of a probability between two who both compute in fp32
SAME_LABELS = 0.97  # a variant with so many labels like ours is trusted,
ABOUT_AS_MUCH = 0.01  # and one with hardly fewer than another: answers of random weights are close to ties


@dataclasses.dataclass(frozen=True)
class Contender:
    key: str
    name: str  # as tables show it
    command: tuple  # of its worker
    precision: str
    variants: dict  # name: file or folder in the model's folder; the fastest is taken
    requirements: str = ""  # what has to be installed for it, a file of requirements
    ours: bool = False
    tuned: bool = True  # takes batches, so that their best size is looked for
    usual: bool = False  # most people run it in another way than its fastest
    other_class: bool = False  # not the same model: its answers are not compared

    @property
    def exact(self):
        return self.precision == "fp32" and not self.other_class


def ours(precision, file):
    return Contender(f"valence-{precision}", f"Valence {precision}", (ROOT / "build/bench/engine_worker",), precision,
                     {"": file}, ours=True, tuned=False)


def peer(key, name, engine, precision, variants, requirements, **more):
    return Contender(key, name, (install.VENV / "bin/python", WORKER, engine), precision, variants, requirements, **more)


CONTENDERS = (
    ours("int8", "q8_0.gguf"),
    ours("bf16", "hf"),
    ours("fp32", "hf"),
    peer("onnxruntime-int8", "ONNX Runtime int8", "onnxruntime_cpu", "int8",
         {"plain graph": "plain-int8.onnx", "fused graph": "fused-int8.onnx"}, "onnxruntime"),
    peer("onnxruntime-fp32", "ONNX Runtime fp32", "onnxruntime_cpu", "fp32",
         {"plain graph": "plain.onnx", "fused graph": "fused.onnx"}, "onnxruntime"),
    peer("openvino-int8", "OpenVINO int8", "openvino_cpu", "int8",
         {"dynamic": "openvino-dynamic.xml", "static (NNCF)": "openvino-static.xml"}, "openvino"),
    peer("openvino-bf16", "OpenVINO bf16", "openvino_cpu", "bf16", {"": "openvino.xml"}, "openvino"),
    peer("openvino-fp32", "OpenVINO fp32", "openvino_cpu", "fp32", {"": "openvino.xml"}, "openvino"),
    peer("ctranslate2-int8", "CTranslate2 int8", "ctranslate2_cpu", "int8", {"": "ctranslate2"}, "ctranslate2"),
    peer("llama.cpp-q8_0", "llama.cpp Q8_0", "llama_cpp_cpu", "int8", {"": "q8_0.gguf"}, "llama.cpp"),
    peer("transformers-int8", "transformers int8", "transformers_torch", "int8", {"": "hf"}, "transformers", usual=True),
    peer("transformers-fp32", "transformers fp32", "transformers_torch", "fp32", {"": "hf"}, "transformers", usual=True),
    peer("fasttext", "fastText", "fasttext_linear", "fp32", {"": "fasttext.bin"}, "fasttext", tuned=False,
         other_class=True),
)
QUICK_CONTENDERS = ("valence-int8", "valence-bf16", "valence-fp32", "onnxruntime-int8", "onnxruntime-fp32",
                    "transformers-fp32")


@dataclasses.dataclass(frozen=True)
class Model:
    key: str
    name: str
    window: int
    loads: dict  # load: number of texts; of the mix, of each kind
    rounds: int
    arrival_rounds: int  # in order of arrival
    singles: int  # texts of SST-2 dev that are answered one by one
    agreement: tuple  # texts of each kind whose answers are compared
    source: str = ""  # the model file; none: random weights


MODELS = (
    Model("minilm", "MiniLM-L6-H384, the built-in model", 192,
          {"sst2": 872, "tweets": 436, "imdb": 40, "mix": (100, 100, 10)}, rounds=4, arrival_rounds=2, singles=200,
          agreement=(150, 150, 30), source="models/valence-minilm-3class.q8_0.gguf"),
    Model("distilbert", "DistilBERT-base shape, random weights", 512,
          {"sst2": 160, "tweets": 64, "imdb": 5, "mix": (20, 20, 2)}, rounds=3, arrival_rounds=2, singles=80,
          agreement=(60, 60, 8)),
    Model("roberta", "RoBERTa-base shape, random weights", 512,
          {"sst2": 64, "tweets": 32, "imdb": 3, "mix": (10, 10, 1)}, rounds=3, arrival_rounds=2, singles=40,
          agreement=(40, 40, 4)),
)


def shrunk(model, share):
    """The same with fewer texts, to try things out."""
    def less(count):
        return min(count, max(4, int(share * count)))

    loads = {load: tuple(map(less, count)) if load == "mix" else less(count) for load, count in model.loads.items()}
    return dataclasses.replace(model, loads=loads, rounds=2, arrival_rounds=2, singles=less(model.singles),
                               agreement=tuple(map(less, model.agreement)))


QUICK_MODEL = dataclasses.replace(MODELS[0], loads={"sst2": 872}, rounds=3, arrival_rounds=2, singles=60)

BUDGETS = (64, 128, 256, 512, 1024, 2048, 4096)  # tokens of a batch that are tried
LAYOUTS = ("split", "streams")
FIRST_BUDGETS = (128, 1024)  # while layouts and variants are compared: by the better one
USUAL_BATCH = 32  # texts of a batch in order of arrival
SIXTEEN = 100  # times that one text of 16 tokens is answered
COLD_STARTS = 3


def best_way(choice, load):
    return {"order": "length", "tokens": choice["tokens"][load], "layout": choice["layout"]}


def arrival_way():
    return {"order": "arrival", "texts": USUAL_BATCH, "layout": "split", "usual": True}


def single_way(choice):
    return {"order": "arrival", "texts": 1, "layout": choice["single layout"]}


def usual_single_way():
    return {"order": "arrival", "texts": 1, "layout": "split", "usual": True}

"""Each model in the forms that the contenders take, under build/peers/models; what is there already is kept."""
import hashlib
import pathlib
import shutil
import subprocess

import install
from plan import ROOT

FOLDER = ROOT / "build/peers/models"
EXPORT = pathlib.Path(__file__).resolve().parent / "export.py"
PYTHON = install.VENV / "bin/python"

# What makes a file: the step of export.py, and the file that it is made of.
STEPS = {
    "plain.onnx": ("onnx", "hf"), "fused.onnx": ("onnx", "hf"),
    "plain-int8.onnx": ("onnx_int8", "plain.onnx"), "fused-int8.onnx": ("onnx_int8", "plain.onnx"),
    "openvino.xml": ("openvino_float", "plain.onnx"),
    "openvino-dynamic.xml": ("openvino_int8", "openvino.xml"), "openvino-static.xml": ("openvino_int8", "openvino.xml"),
    "ctranslate2": ("ctranslate2", "hf"),
    "fasttext.bin": ("fasttext", None),
}
SHARED = {"fasttext.bin"}  # the same whatever the model is


class ExportError(Exception):
    """One sentence: what could not be made."""


class Exports:
    """The forms of one model."""

    def __init__(self, model, calibration, data, vocabularies, say):
        self.model, self.calibration, self.data, self.vocabularies = model, calibration, data, vocabularies
        self.say = say
        self.folder = FOLDER / model.key
        self.failed = {}
        self._forget_other_source()

    def need(self, file):
        """The path of a form, made if it is missing; raises ExportError, at once where that has failed before."""
        path = self._place(file) / file
        if path.exists():
            return path
        if file not in self.failed:
            try:
                self._make(file)
                return path
            except ExportError as error:
                self.failed[file] = f"{file} could not be made: {error}"
        raise ExportError(self.failed[file])

    def _place(self, file):
        return FOLDER if file in SHARED else self.folder

    def _forget_other_source(self):
        """Forms of the model as it was before are of no use."""
        stamp = self.folder / "source.sha256"
        digest = hashlib.sha256((ROOT / self.model.source).read_bytes()).hexdigest() if self.model.source else "random"
        if self.folder.exists() and (not stamp.exists() or stamp.read_text() != digest):
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)

    def _make(self, file):
        self.say(f"{self.model.key}: making {file}")
        if file == "hf":
            self._make_folder()
        elif file == "q8_0.gguf":
            self._make_gguf()
        else:
            step, source = STEPS[file]
            if source:
                self.need(source)
            more = {"openvino_int8": [self.calibration], "fasttext": [self.data / "sst2_train.csv.gz"]}.get(step, [])
            self._run(PYTHON, EXPORT, step, self._place(file), *more)

    def _make_folder(self):
        if not self.model.source:
            self._run(PYTHON, EXPORT, "random_model", self.folder, self.model.key, self.vocabularies, self.calibration)
            return
        making = self.folder / "hf.part"
        shutil.rmtree(making, ignore_errors=True)
        self._run(ROOT / "build/bench/export_hf", ROOT / self.model.source, making)
        making.rename(self.folder / "hf")

    def _make_gguf(self):
        if self.model.source:
            shutil.copyfile(ROOT / self.model.source, self.folder / "part.gguf")
        else:
            self._run(ROOT / "build/valence", "convert", self.need("hf"), "--type", "q8_0", "--force", "-o",
                      self.folder / "part.gguf")
        (self.folder / "part.gguf").rename(self.folder / "q8_0.gguf")

    def _run(self, *command):
        log = ROOT / "build/peers/logs" / f"export-{self.model.key}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab") as output:
            done = subprocess.run(list(map(str, command)), check=False, stdout=output, stderr=output)
        if done.returncode != 0:
            raise ExportError(log.read_text(errors="replace").strip().rpartition("\n")[2])

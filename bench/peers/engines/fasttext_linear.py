"""fastText: bags of word pairs and a linear layer. A model of another class, shown as the ceiling of speed."""
import importlib.metadata

import fasttext

from engines.timing import timed


class Engine:
    def __init__(self, request):
        fasttext.FastText.eprint = lambda *_: None  # a warning about what load_model returns
        self.model = fasttext.load_model(request["model"])

    def settings(self):
        return {"version": importlib.metadata.version("fasttext")}

    def one(self, text):
        # The wheel's own predict() does not work with NumPy 2; this is what it calls.
        return self.model.f.predict(text.replace("\n", " ") + "\n", 1, 0.0, "replace")

    def answers(self, texts):
        rows = [self.model.f.predict(text.replace("\n", " ") + "\n", -1, 0.0, "replace") for text in texts]
        return [[score for score, _ in sorted(row, key=lambda pair: pair[1])] for row in rows]

    def stream(self, texts, way):
        del way
        lines = [text.replace("\n", " ") + "\n" for text in texts]
        return timed(self.model.f.multilinePredict, lines, 1, 0.0, "replace")[0]

    def single(self, texts, way):
        del way
        return [timed(self.one, text)[0] for text in texts]

    def count_tokens(self, texts):
        seconds, rows = timed(lambda: [fasttext.tokenize(text) for text in texts])
        return seconds, [len(row) for row in rows]

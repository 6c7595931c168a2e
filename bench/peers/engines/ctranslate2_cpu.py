"""CTranslate2 runs the encoder; it has no classification heads, so those are NumPy (heads.py)."""
import ctranslate2
import numpy

from engines.batched import BatchedEngine
from engines.heads import Head


class Engine(BatchedEngine):
    def __init__(self, request):
        super().__init__(request)
        self.head = Head(self.folder)
        self.sessions_for(self.way["layout"])

    def settings(self):
        return {"version": ctranslate2.__version__, "compute type": self.sessions_for(self.way["layout"])[0].compute_type,
                "head": "NumPy"}

    def open_session(self, threads):
        return ctranslate2.Encoder(self.model, "cpu", inter_threads=1, intra_threads=threads,
                                   compute_type=self.precision)

    def logits(self, session, rows):
        output = session.forward_batch(rows)
        return self.head(numpy.asarray(output.last_hidden_state)[:, 0])

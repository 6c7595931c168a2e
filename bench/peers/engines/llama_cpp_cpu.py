"""llama.cpp. Texts are packed into a batch without padding; where its head is the model's, its head computes, else
NumPy's (heads.py) on its embedding of the first token."""
import importlib.metadata
import json
import pathlib

import llama_cpp
import numpy

from engines.batched import SURE, BatchedEngine
from engines.heads import Head

OWN_HEADS = ("bert", "roberta")  # dense, tanh, dense; it computes the same for DistilBERT, which has no tanh
MOST_TOKENS = 2048  # of a batch; buffers grow with its square
MOST_TEXTS = 64


class Session:
    """A context and a batch to fill."""

    def __init__(self, model, threads, tokens, pooling):
        self.llama = llama_cpp.Llama(model, embedding=True, n_ctx=tokens, n_batch=tokens, n_ubatch=tokens,
                                     n_threads=threads, n_threads_batch=threads, pooling_type=pooling, verbose=False)
        self.batch = llama_cpp.llama_batch_init(tokens, 0, 1)
        columns = [self.batch.token, self.batch.pos, self.batch.n_seq_id, self.batch.logits]
        self.token, self.position, self.count, self.wanted = (
            numpy.ctypeslib.as_array(column, (tokens,)) for column in columns)
        self.count[:] = 1
        self.wanted[:] = 1

    def rows(self, texts, width):
        """What is pooled of each text, [texts, width]."""
        begin = 0
        for number, ids in enumerate(texts):
            end = begin + len(ids)
            self.token[begin:end] = ids
            self.position[begin:end] = range(len(ids))
            for i in range(begin, end):
                self.batch.seq_id[i][0] = number
            begin = end
        self.batch.n_tokens = begin
        context = self.llama.ctx
        if llama_cpp.llama_decode(context, self.batch) != 0:
            raise RuntimeError("llama_decode failed")
        return numpy.stack([numpy.ctypeslib.as_array(llama_cpp.llama_get_embeddings_seq(context, i), (width,)).copy()
                            for i in range(len(texts))])


class Engine(BatchedEngine):
    def __init__(self, request):
        super().__init__(request)
        kind = json.loads((pathlib.Path(self.folder) / "config.json").read_text())["model_type"]
        self.head = None if kind in OWN_HEADS else Head(self.folder)
        self.vocabulary = self.sessions_for(self.way["layout"])[0].llama

    def settings(self):
        return {"version": importlib.metadata.version("llama_cpp_python"),
                "head": "NumPy" if self.head else "llama.cpp"}

    def open_session(self, threads):
        most = MOST_TOKENS if self.way == SURE else max(self.window, self.way["tokens"])
        pooling = llama_cpp.LLAMA_POOLING_TYPE_CLS if self.head else llama_cpp.LLAMA_POOLING_TYPE_RANK
        return Session(self.model, threads, most, pooling)

    def logits(self, session, rows):
        if self.head:
            return self.head(session.rows(rows, session.llama.n_embd()))
        return session.rows(rows, llama_cpp.llama_model_n_cls_out(session.llama.model))

    def open_tokenizer(self):
        """It has its own."""

    def ids_of(self, text):
        ids = self.vocabulary.tokenize(text.encode())
        return ids if len(ids) <= self.window else ids[:self.window - 1] + ids[-1:]

    def tokenize(self, texts):
        return [self.ids_of(text) for text in texts]

    def cut(self, rows, way):
        """No padding, so the sum of tokens counts; in order of arrival, as many as its own embed() takes at once."""
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i])) if way["order"] == "length" else range(len(rows))
        most = way.get("tokens", max(512, self.window))
        batches, tokens = [[]], 0
        for i in order:
            if batches[-1] and (tokens + len(rows[i]) > most or len(batches[-1]) == MOST_TEXTS):
                batches.append([])
                tokens = 0
            batches[-1].append(i)
            tokens += len(rows[i])
        return batches

"""What the peers that take ids have in common: tokenizing, batches, threads, softmax.

The bench asks for work in a way, a dict:
  order    "length": texts of like length together, the longest first; "arrival": as they come
  tokens   a batch has at most so many, padding counted (or a single text)
  texts    a batch has so many texts; instead of tokens
  layout   "split": all threads work on one batch; "streams": each thread has a batch of its own
  usual    the interface that most people use, where that is another one
An engine overrides `logits`, and what else it does differently.
"""
import concurrent.futures

import numpy

from engines.timing import timed

SURE = {"order": "length", "tokens": 2048, "layout": "split"}  # a way that always works, for answers


def softmax(logits):
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def padded(rows):
    """Ids and mask, [texts, longest]; the networks do not look at ids that the mask leaves out."""
    longest = max(map(len, rows))
    ids = numpy.zeros((len(rows), longest), numpy.int64)
    mask = numpy.zeros((len(rows), longest), numpy.int64)
    for i, row in enumerate(rows):
        ids[i, :len(row)] = row
        mask[i, :len(row)] = 1
    return ids, mask


def cut(rows, way):
    """Batches: lists of numbers of rows."""
    order = range(len(rows))
    if way["order"] == "length":
        order = sorted(order, key=lambda i: -len(rows[i]))
    batches, longest = [[]], 0
    for i in order:
        longest = max(longest, len(rows[i]))
        full = (len(batches[-1]) == way["texts"] if "texts" in way
                else (len(batches[-1]) + 1) * longest > way["tokens"])
        if batches[-1] and full:
            batches.append([])
            longest = len(rows[i])
        batches[-1].append(i)
    return batches


def hugging_face_tokenizer(folder, window):
    import tokenizers  # pylint: disable=import-outside-toplevel  one engine needs it not
    made = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json")
    made.enable_truncation(window)
    made.no_padding()
    return made


class BatchedEngine:
    def __init__(self, request):
        self.model, self.precision, self.threads = request["model"], request["precision"], request["threads"]
        self.folder = request["folder"]
        self.window = request["window"]
        self.way = request.get("way", SURE)  # that most work will be done in
        self.sessions = {}
        self.open_tokenizer()

    # ---- what engines override ----

    def open_tokenizer(self):
        self.tokenizer = hugging_face_tokenizer(self.folder, self.window)

    def tokenize(self, texts):
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]

    def ids_of(self, text):
        return self.tokenizer.encode(text).ids

    def settings(self):
        """What a reader of the results should know: versions, what was chosen."""
        return {}

    def open_session(self, threads):
        """What one thread of the caller needs to run batches, itself with `threads` threads."""
        raise NotImplementedError

    def logits(self, session, rows):
        """[texts, labels] of rows of ids."""
        raise NotImplementedError

    def cut(self, rows, way):
        return cut(rows, way)

    # ---- what the worker calls ----

    def answers(self, texts):
        return self.run(texts, self.way).tolist()

    def stream(self, texts, way):
        self.run(texts[:8], way)  # memory is taken, code paths are known
        return timed(self.run, texts, way)[0]

    def single(self, texts, way):
        self.run(texts[:8], way)
        return [timed(self.one, text, way)[0] for text in texts]

    def count_tokens(self, texts):
        seconds, rows = timed(self.tokenize, texts)
        return seconds, [len(row) for row in rows]

    # ---- how ----

    def sessions_for(self, layout):
        """All threads in one session, or a session a thread; opened once."""
        if layout not in self.sessions:
            self.sessions[layout] = ([self.open_session(self.threads)] if layout == "split"
                                     else [self.open_session(1) for _ in range(self.threads)])
        return self.sessions[layout]

    def one(self, text, way):
        scores = softmax(self.logits(self.sessions_for(way["layout"])[0], [self.ids_of(text)]))
        return scores.argmax(axis=1), scores

    def run(self, texts, way):
        rows = self.tokenize(texts)
        batches = self.cut(rows, way)
        sessions = self.sessions_for(way["layout"])
        parts = self.run_batches(sessions, [[rows[i] for i in batch] for batch in batches])
        logits = numpy.concatenate(parts)
        in_order = numpy.empty_like(logits)
        in_order[[i for batch in batches for i in batch]] = logits
        return softmax(in_order)

    def run_batches(self, sessions, batches):
        if len(sessions) == 1:
            return [self.logits(sessions[0], batch) for batch in batches]
        waiting, parts = list(enumerate(batches))[::-1], [None] * len(batches)

        def work(session):
            while waiting:
                try:
                    place, batch = waiting.pop()
                except IndexError:
                    return
                parts[place] = self.logits(session, batch)

        with concurrent.futures.ThreadPoolExecutor(len(sessions)) as pool:
            for done in [pool.submit(work, session) for session in sessions]:
                done.result()
        return parts

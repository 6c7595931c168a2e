#!/usr/bin/env python3
"""worker.py ENGINE: a peer as a resident process that the bench asks to work; ENGINE is a module of engines.

A request is a JSON object on a line of standard input, and each gets one line back, {"error": ...} if it failed. All
times are seconds of wall clock, tokenizing included, up to labels and probabilities in the order of the texts.

  {"do": "load", "model": PATH, "precision": "int8", "threads": 2, "folder": PATH, "window": 192, "way": {...}}
      -> {"seconds", "settings"}      folder: the Hugging Face folder that the peer's model was made of
  {"do": "answers", "texts": PATH} -> {"probabilities": [[...], ...]}         texts: a JSON array of strings
  {"do": "stream", "texts": PATH, "way": {...}} -> {"seconds"}                way: see engines/batched.py
  {"do": "single", "texts": PATH, "way": {...}} -> {"seconds": [...]}         one text after another
  {"do": "tokenize", "texts": PATH} -> {"seconds", "lengths": [...]}          tokens as the network sees them
"""
import importlib
import json
import os
import sys

from engines.timing import timed


class Server:
    def __init__(self, engine_name):
        self.engine_name = engine_name
        self.engine = None

    def answer(self, request):
        what = request["do"]
        if what == "load":
            module = importlib.import_module(f"engines.{self.engine_name}")
            seconds, self.engine = timed(module.Engine, request)
            return {"seconds": seconds, "settings": self.engine.settings()}
        if self.engine is None:
            raise RuntimeError("no model is loaded")
        with open(request["texts"], encoding="utf-8") as file:
            texts = json.load(file)
        if what == "answers":
            return {"probabilities": self.engine.answers(texts)}
        if what == "stream":
            return {"seconds": self.engine.stream(texts, request["way"])}
        if what == "single":
            return {"seconds": self.engine.single(texts, request["way"])}
        if what == "tokenize":
            seconds, lengths = self.engine.count_tokens(texts)
            return {"seconds": seconds, "lengths": lengths}
        raise RuntimeError(f"unknown request '{what}'")


def main():
    replies = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints does not get between the replies
    server = Server(sys.argv[1])
    for line in sys.stdin:
        try:
            reply = server.answer(json.loads(line))
        except Exception as error:  # pylint: disable=broad-except  whatever a peer does, the bench goes on
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")


main()

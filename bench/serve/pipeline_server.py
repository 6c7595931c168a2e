#!/usr/bin/env python3
"""pipeline_server.py MODEL PORT: what people write first: FastAPI around the `transformers` pipeline.

POST / takes {"inputs": text or list} and returns a list of labels with scores for each. Requests are handled by
FastAPI's pool of threads, one text at a time, and truncated to the model's window."""
import sys

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

model, port = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(torch.get_num_threads())
classify = pipeline("text-classification", model=model, top_k=None, device="cpu")
app = FastAPI()


class Request(BaseModel):
    inputs: str | list[str]
    parameters: dict = {}


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/")
def predict(request: Request):
    texts = [request.inputs] if isinstance(request.inputs, str) else request.inputs
    return classify(texts, truncation=True)


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)

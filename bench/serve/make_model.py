#!/usr/bin/env python3
"""make_model.py VOCABULARY FOLDER: a BERT classifier of the built-in model's size (6 layers of 384) with random
weights and the vocabulary of a folder with vocab.txt. How fast a model is does not depend on its weights."""
import pathlib
import sys

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

vocabulary, folder = map(pathlib.Path, sys.argv[1:])
torch.manual_seed(1)
tokenizer = BertTokenizerFast.from_pretrained(vocabulary)
tokenizer.model_max_length = 192
labels = ["NEGATIVE", "NEUTRAL", "POSITIVE"]
config = BertConfig(vocab_size=len(tokenizer), hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
                    intermediate_size=1536, max_position_embeddings=512, id2label=dict(enumerate(labels)),
                    label2id={label: i for i, label in enumerate(labels)})
BertForSequenceClassification(config).save_pretrained(folder)
tokenizer.save_pretrained(folder)

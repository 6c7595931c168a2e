#!/usr/bin/env python3
"""Makes the small models of random weights in tests/fixtures/models, and what `transformers` says of them.

    make_models.py [NAME...]        needs torch, transformers, tokenizers, sentencepiece

Weights are drawn wide, biases and norms included, so that every parameter moves the logits. Golden logits are
computed in float64, text by text, without padding.
"""
import copy
import json
import pathlib
import shutil
import sys
import tempfile

import sentencepiece
import tokenizers
import torch
import transformers as tf
from tokenizers import normalizers, pre_tokenizers, processors

import more_tokenizers
from texts import CORPUS, TEXTS

MASK = tokenizers.AddedToken("<mask>", lstrip=True, special=True)  # as RoBERTa has it
FOLDER = pathlib.Path(__file__).resolve().parents[1] / "fixtures/models"


def wordpiece(lowercase=True):
    tokenizer = tokenizers.BertWordPieceTokenizer(lowercase=lowercase)
    tokenizer.train_from_iterator(CORPUS, vocab_size=400, min_frequency=1, limit_alphabet=150, show_progress=False)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])
    return tokenizer._tokenizer


def byte_bpe():
    tokenizer = tokenizers.ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(CORPUS, vocab_size=480, min_frequency=1, show_progress=False,
                                  special_tokens=["<s>", "<pad>", "</s>", "<unk>", MASK])
    tokenizer._tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer._tokenizer


def unigram(specials, cls, sep):
    """SentencePiece's own unigram training, for its precompiled normalisation map, put together as the XLM-R
    converter of transformers does."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = pathlib.Path(folder, "corpus.txt")
        corpus.write_text("\n".join(CORPUS), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus), model_prefix=f"{folder}/m", vocab_size=300, model_type="unigram",
            normalization_rule_name="nmt_nfkc", minloglevel=2, hard_vocab_limit=False, num_threads=1)
        from sentencepiece import sentencepiece_model_pb2 as proto
        model = proto.ModelProto()
        model.ParseFromString(pathlib.Path(folder, "m.model").read_bytes())
    pieces = [(name, 0.0) for name in specials] + [(p.piece, p.score) for p in model.pieces[3:]] + [("<mask>", 0.0)]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=specials.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(tokenizers.Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    ids = {name: i for i, (name, _) in enumerate(pieces)}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} {sep} $B {sep}",
        special_tokens=[(cls, ids[cls]), (sep, ids[sep])])
    return tokenizer


POSITIONS_AFTER_PADDING = (tf.RobertaConfig, tf.XLMRobertaConfig, tf.CamembertConfig)
XLMR_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
COMMON = dict(hidden_size=36, num_attention_heads=3, intermediate_size=52, num_hidden_layers=2, max_position_embeddings=48)
LABELS3 = {0: "negative", 1: "neutral", 2: "positive"}


def bert_family(config_class, model_class, **changes):
    return lambda size: model_class(config_class(vocab_size=size, **{**COMMON, **changes}))


def labels(names):
    names = dict(enumerate(names)) if not isinstance(names, dict) else names
    return dict(num_labels=len(names), id2label=names, label2id={name: i for i, name in names.items()})


BERT = dict(config_class=tf.BertConfig, model_class=tf.BertForSequenceClassification)
ROBERTA = dict(type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2, max_position_embeddings=50)

# name: (make tokenizer, make model, special tokens, how it is saved)
BERT_TOKENS = dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")
ROBERTA_TOKENS = dict(unk_token="<unk>", sep_token="</s>", pad_token="<pad>", cls_token="<s>", bos_token="<s>",
                      eos_token="</s>", mask_token=MASK)
MODELS = {
    "bert": (wordpiece, bert_family(**BERT, **labels(LABELS3)), BERT_TOKENS, {}),
    "bert-wide": (wordpiece, bert_family(**BERT, hidden_size=64, num_attention_heads=4, intermediate_size=96,
                  **labels(LABELS3)), BERT_TOKENS, {}),
    "bert-cased-vocab-txt": (lambda: wordpiece(False), bert_family(**BERT, hidden_size=40, num_attention_heads=4,
                             **labels(["no", "yes"])), BERT_TOKENS, {"files": "vocab.txt"}),
    "bert-regression": (wordpiece, bert_family(**BERT, hidden_act="gelu_new", problem_type="regression", num_labels=1),
                        BERT_TOKENS, {}),
    "bert-one-label": (wordpiece, bert_family(**BERT, hidden_act="relu", num_labels=1), BERT_TOKENS, {}),
    "bert-multi-label": (wordpiece, bert_family(**BERT, problem_type="multi_label_classification",
                         **labels(["anger", "joy", "fear", "love", "none"])), BERT_TOKENS, {}),
    "bert-f16": (wordpiece, bert_family(**BERT, num_labels=3), BERT_TOKENS, {"dtype": torch.float16}),
    "bert-bf16": (wordpiece, bert_family(**BERT, num_labels=3), BERT_TOKENS, {"dtype": torch.bfloat16}),
    "bert-sharded": (wordpiece, bert_family(**BERT, **labels(LABELS3)), BERT_TOKENS, {"max_shard_size": "60KB"}),
    "distilbert": (wordpiece, lambda size: tf.DistilBertForSequenceClassification(tf.DistilBertConfig(
        vocab_size=size, dim=36, n_heads=4, hidden_dim=52, n_layers=3, max_position_embeddings=48,
        sinusoidal_pos_embds=True, **labels(["NEGATIVE", "POSITIVE"]))), BERT_TOKENS, {}),
    "roberta": (byte_bpe, bert_family(tf.RobertaConfig, tf.RobertaForSequenceClassification, **ROBERTA,
                **labels(LABELS3)), ROBERTA_TOKENS, {}),
    "roberta-vocab-merges": (byte_bpe, bert_family(tf.RobertaConfig, tf.RobertaForSequenceClassification, **ROBERTA,
                             num_labels=2), ROBERTA_TOKENS, {"files": "vocab.json"}),
    "xlm-roberta": (lambda: unigram(XLMR_SPECIALS, "<s>", "</s>"), bert_family(tf.XLMRobertaConfig,
                    tf.XLMRobertaForSequenceClassification, **ROBERTA, **labels([f"{n} star" for n in range(1, 6)])),
                    ROBERTA_TOKENS, {}),
    "camembert": (lambda: unigram(["<s>", "<pad>", "</s>", "<unk>"], "<s>", "</s>"), bert_family(tf.CamembertConfig,
                  tf.CamembertForSequenceClassification, **ROBERTA, **labels(LABELS3)), ROBERTA_TOKENS, {}),
    "electra": (wordpiece, bert_family(tf.ElectraConfig, tf.ElectraForSequenceClassification, embedding_size=20,
                **labels(LABELS3)), BERT_TOKENS, {}),
    "albert": (lambda: unigram(["<pad>", "<unk>", "[CLS]", "[SEP]"], "[CLS]", "[SEP]"), bert_family(tf.AlbertConfig,
               tf.AlbertForSequenceClassification, embedding_size=20, hidden_act="gelu_new", num_hidden_layers=3,
               pad_token_id=0, **labels(LABELS3)), dict(unk_token="<unk>", sep_token="[SEP]", pad_token="<pad>",
               cls_token="[CLS]", mask_token="<mask>"), {}),
    "albert-groups": (wordpiece, bert_family(tf.AlbertConfig, tf.AlbertForSequenceClassification, embedding_size=20,
                      num_hidden_layers=4, num_hidden_groups=2, inner_group_num=2, **labels(LABELS3)), BERT_TOKENS, {}),
    # Below: what the ones above leave out.
    # The tokenizer's limit is below the model's, and its file asks for cutting and padding, which transformers overrides.
    "bert-short-limit": (wordpiece, bert_family(**BERT, hidden_act="silu", **labels(LABELS3)), BERT_TOKENS,
                         {"limit": 40, "padded": True}),
    # Learnt positions, and no limit from the tokenizer.
    "distilbert-bf16": (lambda: wordpiece(False), lambda size: tf.DistilBertForSequenceClassification(
        tf.DistilBertConfig(vocab_size=size, dim=32, n_heads=4, hidden_dim=52, n_layers=2, max_position_embeddings=48,
                            num_labels=2)), BERT_TOKENS, {"dtype": torch.bfloat16, "limit": None}),
    "distilbert-named": (wordpiece, lambda size: tf.DistilBertForSequenceClassification(tf.DistilBertConfig(
        vocab_size=size, dim=32, n_heads=4, hidden_dim=52, n_layers=2, max_position_embeddings=48,
        **labels(["NEGATIVE", "POSITIVE"]))), BERT_TOKENS, {}),
    "camembert-own-specials": (more_tokenizers.camembert, bert_family(
        tf.CamembertConfig, tf.CamembertForSequenceClassification, **{**ROBERTA, "bos_token_id": 5, "eos_token_id": 6},
        **labels(["négatif", "positif"])), ROBERTA_TOKENS, {}),
    "albert-lower-case": (more_tokenizers.albert, bert_family(
        tf.AlbertConfig, tf.AlbertForSequenceClassification, embedding_size=16, hidden_act="gelu_new",
        num_hidden_layers=4, pad_token_id=0, **labels(LABELS3)), dict(BERT_TOKENS, pad_token="<pad>", unk_token="<unk>"), {}),
}


@torch.no_grad()
def draw_weights(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        norm = "LayerNorm" in name or "layer_norm" in name
        parameter.copy_(noise * 0.2 + 1 if norm and name.endswith("weight") else noise * 0.3)


def save(name, tokenizer, model, specials, how):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    config = model.config
    # RoBERTa and its kin begin to count positions behind the padding id.
    offset = config.pad_token_id + 1 if isinstance(config, POSITIONS_AFTER_PADDING) else 0
    window = config.max_position_embeddings - offset
    inputs = ["input_ids", "attention_mask"] + ["token_type_ids"] * (config.model_type in ("bert", "electra", "albert"))
    limit = how.get("limit", window)
    fast = tf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=limit, model_input_names=inputs,
                                      **specials)
    model.to(how.get("dtype", torch.float32)).save_pretrained(folder, **{k: how[k] for k in how if k == "max_shard_size"})
    fast.save_pretrained(folder)
    if how.get("padded"):
        tokenizer.enable_truncation(max_length=32)
        tokenizer.enable_padding(length=32)
        tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.model.save(str(folder)) if "files" in how else None
    if "files" in how:
        (folder / "tokenizer.json").unlink()
        settings = json.loads((folder / "tokenizer_config.json").read_text())
        settings["tokenizer_class"] = "BertTokenizer" if how["files"] == "vocab.txt" else "RobertaTokenizer"
        settings["do_lower_case"] = False
        (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2))
    return folder, min(window, limit or window)


KEPT_WHOLE = ("position_embeddings", "token_type_embeddings", "classifier", "out_proj")


def to_q8_0(matrix, by_row=False):
    """Blocks of 32 with an F16 scale, as ggml's reference quantizer, or all of a row with one; F16 where rows are no
    multiple of 32."""
    if matrix.shape[1] % 32:
        return matrix.half().double()
    blocks = matrix.float() if by_row else matrix.float().reshape(-1, 32)
    scale = blocks.abs().amax(1, keepdim=True) / 127
    stored = scale.half().float()
    divisor = stored if by_row else scale
    inverse = torch.where(divisor == 0, torch.zeros_like(divisor), 1 / divisor)
    scaled = blocks * inverse
    whole = torch.trunc(scaled + torch.copysign(torch.tensor(0.5), scaled)).clamp(-127, 127)  # halves away from zero
    return (whole * stored).reshape(matrix.shape).double()


def is_of_layer(parameter_name):
    return ".layer." in parameter_name or ".albert_layers." in parameter_name


NARROW = {"f16": lambda m, _: m.half().double(), "bf16": lambda m, _: m.bfloat16().double(), "q8_0": to_q8_0}


@torch.no_grad()
def narrow_logits(model, rows):
    """What the model computes once `valence convert --type ...` has narrowed its matrices."""
    found = {}
    for name, narrow in NARROW.items():
        copy_of = copy.deepcopy(model)
        for parameter_name, parameter in copy_of.named_parameters():
            if parameter.ndim == 2 and parameter_name.split(".")[-2] not in KEPT_WHOLE:
                parameter.copy_(narrow(parameter, is_of_layer(parameter_name)))
        found[name] = [rounded(copy_of(input_ids=torch.tensor([row["ids"]])).logits[0].tolist()) for row in rows]
    return found


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


@torch.no_grad()
def golden(folder, window):
    """Read back what was saved, so that the golden values are those of the files."""
    model = tf.AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).double().eval()
    tokenizer = tf.AutoTokenizer.from_pretrained(folder)
    rows = []
    for text in TEXTS:
        ids = tokenizer(text, truncation=True, max_length=window)["input_ids"]
        whole = tokenizer(text, truncation=False, verbose=False)["input_ids"]
        row = {"text": text, "ids": ids, "logits": rounded(model(input_ids=torch.tensor([ids])).logits[0].tolist())}
        if whole != ids:
            cut = tokenizer(text, truncation=True, max_length=window, stride=8, return_overflowing_tokens=True)
            row["tokens"] = len(whole)
            row["windows"] = [{"ids": w, "logits": rounded(model(input_ids=torch.tensor([w])).logits[0].tolist())}
                              for w in cut["input_ids"]]
        rows.append(row)
    pipe = tf.pipeline("text-classification", model=model, tokenizer=tokenizer)
    some = [text for text in TEXTS if text.strip()][:6]
    cases = [{"options": options, "text": text, "answer": pipe(text, truncation=True, max_length=window, **options)}
             for text in some for options in (
                 {}, {"top_k": None}, {"top_k": 2}, {"top_k": None, "function_to_apply": "softmax"},
                 {"top_k": None, "function_to_apply": "sigmoid"}, {"top_k": None, "function_to_apply": "none"})]
    return {"transformers": tf.__version__, "torch": torch.__version__, "tokenizers": tokenizers.__version__,
            "window": window, "stride": 8, "texts": rows, "narrow": narrow_logits(model, rows), "pipeline": cases}


def main():
    for number, (name, (make_tokenizer, make_model, specials, how)) in enumerate(MODELS.items()):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        tokenizer = make_tokenizer()
        model = make_model(tokenizer.get_vocab_size())
        draw_weights(model, 100 + number)
        folder, window = save(name, tokenizer, model, specials, how)
        result = golden(folder, window)
        (folder / "golden.json").write_text(json.dumps(result, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        size = sum(f.stat().st_size for f in folder.iterdir())
        print(f"{name}: {size / 1000:.0f} kB, logits of the first text {result['texts'][0]['logits']}", flush=True)


main()

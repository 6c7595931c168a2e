"""Unigram tokenizers put together as CamemBERT and ALBERT do it, with a small normalisation map of their own."""
import io
import pathlib
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from texts import CORPUS

# Code points from, code points to.
SMALL_MAP = """
2019\t27
2018\t27
201C\t22
201D\t22
2026\t2E 2E 2E
FB01\t66 69
FB02\t66 6C
BD\t31 2F 32
AB\t22
BB\t22
65 301\tE9
A0\t20
9\t20
A\t20
D\t20
3000\t20
200B\t
AD\t
""".strip()


def train(pieces):
    """The learnt pieces with their scores, and the compiled map."""
    trained = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "rules.tsv")
        rules.write_text(SMALL_MAP + "\n", encoding="ascii")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS * 3), model_writer=trained, vocab_size=pieces, model_type="unigram",
            character_coverage=0.985, hard_vocab_limit=False, num_threads=1, minloglevel=2,
            normalization_rule_tsv=str(rules))
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(trained.getvalue())
    normal = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
    return [(p.piece, p.score) for p in model.pieces if p.type == normal], model.normalizer_spec.precompiled_charsmap


def camembert():
    learnt, charsmap = train(260)
    specials = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"]
    tokenizer = Tokenizer(models.Unigram([(s, 0.0) for s in specials] + learnt, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(charsmap), normalizers.Strip(left=False, right=True),
        normalizers.Replace(Regex(" {2,}"), "▁")])
    return finish(tokenizer, [*specials, "<s>", "</s>"], "<mask>", "<s> $A </s>", "<s> $A </s> </s> $B </s>")


def albert():
    learnt, charsmap = train(240)
    specials = ["<pad>", "<unk>", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.Unigram([(s, 0.0) for s in [*specials, "[MASK]"]] + learnt, unk_id=1))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.Lowercase(), normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    pair = "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
    return finish(tokenizer, specials, "[MASK]", "[CLS]:0 $A:0 [SEP]:0", pair)


def finish(tokenizer, specials, mask, single, pair):
    tokenizer.add_special_tokens([AddedToken(s, normalized=False) for s in specials])
    tokenizer.add_special_tokens([AddedToken(mask, lstrip=True, normalized=False)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    ends = [(s, tokenizer.token_to_id(s)) for s in (("<s>", "</s>") if mask == "<mask>" else ("[CLS]", "[SEP]"))]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ends)
    return tokenizer

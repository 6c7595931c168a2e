"""Ids and offsets of `valence tokenize` against the released `tokenizers` wheel."""
import codecs
import itertools
import json
import os
import pathlib
import subprocess

import pytest
import tokenizers
import tokenizer_models as models
import tokenizer_texts as texts
from tokenizers import Tokenizer

WHEEL = "0.23.3"
RANDOM_PIPELINES = 300


def test_wheel_is_the_one_that_the_tables_were_read_off():
    assert tokenizers.__version__ == WHEEL


# ---- comparing -------------------------------------------------------------------------------

_invalid = []


def _note_invalid(error):
    _invalid.append((error.start, error.end))
    return "\ufffd", error.end


codecs.register_error("note_invalid", _note_invalid)


def read(raw):
    """The text that the wheel sees, and the byte at which each of its characters starts."""
    if raw.isascii():
        return raw.decode(), None
    _invalid.clear()
    text = raw.decode("utf-8", "note_invalid")
    starts, at, invalid = [], 0, iter(_invalid)
    next_invalid = next(invalid, None)
    for character in text:
        starts.append(at)
        if next_invalid and at == next_invalid[0]:
            at = next_invalid[1]
            next_invalid = next(invalid, None)
        else:
            at += len(character.encode())
    assert at == len(raw)
    return text, [*starts, at]


def expected(reference, raw_texts):
    """(ids, byte offsets) of every text; None where the wheel itself fails."""
    decoded = [read(raw) for raw in raw_texts]
    try:
        encodings = reference.encode_batch([text for text, _ in decoded])
    except BaseException:  # a panic of the wheel is no Exception
        encodings = [encode_or_none(reference, text) for text, _ in decoded]
    for encoding, (_, starts) in zip(encodings, decoded):
        if encoding is None:
            yield None
        elif starts is None:
            yield encoding.ids, [list(pair) for pair in encoding.offsets]
        else:
            yield encoding.ids, [[starts[a], starts[b]] for a, b in encoding.offsets]


def encode_or_none(reference, text):
    try:
        return reference.encode(text)
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return None


class Comparison:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.compared = 0

    def __call__(self, document, raw_texts, name):
        folder = self.folder / name
        folder.mkdir()
        written = json.dumps(document)
        (folder / "tokenizer.json").write_text(written)
        reference = Tokenizer.from_str(written)
        reference.no_truncation()
        reference.no_padding()
        wanted = list(expected(reference, raw_texts))
        kept = [i for i, want in enumerate(wanted) if want is not None]
        stream = b"".join(raw_texts[i] + b"\0" for i in kept)
        done = subprocess.run([self.program, "tokenize", folder, "--json", "--null"], input=stream, capture_output=True,
                              timeout=300, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr.decode()}"
        lines = done.stdout.splitlines()
        assert len(lines) == len(kept)
        for i, line in zip(kept, lines):
            got = json.loads(line)
            assert (got["ids"], got["offsets"]) == wanted[i], self.report(name, reference, raw_texts[i], got, wanted[i])
        self.compared += len(kept)
        return len(wanted) - len(kept)

    @staticmethod
    def report(name, reference, raw, got, want):
        at = next((i for i, pair in enumerate(itertools.zip_longest(
            zip(got["ids"], got["offsets"]), zip(*want))) if pair[0] != pair[1]), 0)
        text, _ = read(raw)
        tokens = reference.encode(text).tokens
        return (f"{name}: {text[:300]!r}: token {at}: got {got['tokens'][at:at + 3]} {got['ids'][at:at + 3]} "
                f"{got['offsets'][at:at + 3]}, want {tokens[at:at + 3]} {want[0][at:at + 3]} {want[1][at:at + 3]}")


@pytest.fixture(scope="module")
def compare(program, tmp_path_factory):
    comparison = Comparison(program, tmp_path_factory.mktemp("tokenizers"))
    yield comparison
    print(f"{comparison.compared} texts compared")


# ---- tokenizers and texts --------------------------------------------------------------------


@pytest.fixture(scope="module")
def charsmaps():
    return [models.charsmap("nmt_nfkc"), models.charsmap("nmt_nfkc_cf"), models.small_charsmap()]


@pytest.fixture(scope="module")
def everyday_texts():
    """Texts of the labelled files; without them, made ones."""
    folder = os.environ.get("VALENCE_DATA")
    if folder:
        return texts.csv_texts(pathlib.Path(folder), 20_000)
    print("VALENCE_DATA is not set: made texts instead of labelled ones")
    return texts.random_texts(99, 20_000)


@pytest.fixture(scope="module")
def vocabulary():
    """bert-base-uncased's, or a made one."""
    folder = os.environ.get("VALENCE_TOKENIZERS")
    if folder:
        return (pathlib.Path(folder) / "bert-base-uncased/vocab.txt").read_text("utf-8").split("\n")[:-1]
    print("VALENCE_TOKENIZERS is not set: a made vocabulary instead of a real one")
    characters = [chr(c) for block in ((33, 127), (161, 592), (880, 1424), (0x4E00, 0x5000)) for c in range(*block)]
    words = sorted({word.lower() for word in models.WORDS + texts.WORDS if not word.startswith("[")})
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *("##" + c for c in characters),
            *(word for word in words if len(word) > 1)]


@pytest.fixture(scope="module")
def roberta_parts():
    """roberta-base's vocabulary and merges, or trained ones."""
    folder = os.environ.get("VALENCE_TOKENIZERS")
    if folder:
        folder = pathlib.Path(folder) / "roberta-base"
        vocab = json.loads((folder / "vocab-roberta-base.json").read_text("utf-8"))
        lines = (folder / "merges-roberta-base.txt").read_text("utf-8").split("\n")
        return vocab, [tuple(line.split()) for line in lines if line and not line.startswith("#version")]
    model = json.loads(models.trained_byte_level().to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def test_bert(compare, vocabulary, everyday_texts):
    document = models.bert(vocabulary)
    assert compare(document, everyday_texts + texts.random_texts(1, 25_000), "bert") == 0


def test_cased_bert(compare, vocabulary, everyday_texts):
    document = models.bert(vocabulary, lowercase=False)
    document["added_tokens"] += [models.added("movie", single_word=True, normalized=True),
                                 models.added("Film", lstrip=True, rstrip=True), models.added("oo")]
    assert compare(document, everyday_texts[::4] + texts.random_texts(2, 10_000), "cased") == 0


def test_bert_that_keeps_accents(compare, vocabulary, everyday_texts):
    document = models.bert(vocabulary, strip_accents=False, handle_chinese_chars=False, clean_text=False)
    document["added_tokens"] += [models.added("GREAT", normalized=True), models.added("é", normalized=True)]
    assert compare(document, everyday_texts[::4] + texts.random_texts(3, 10_000), "accents") == 0


def test_roberta(compare, roberta_parts, everyday_texts):
    document = models.roberta(*roberta_parts)
    assert compare(document, everyday_texts[::4] + texts.random_texts(4, 10_000), "roberta") == 0


def test_roberta_with_prefix_space(compare, roberta_parts):
    document = models.roberta(*roberta_parts, add_prefix_space=True)
    assert compare(document, texts.random_texts(5, 5_000), "roberta-prefix") == 0


def test_unigram(compare, charsmaps, everyday_texts):
    document = models.unigram(charsmaps[0])
    assert compare(document, everyday_texts[::4] + texts.random_texts(6, 10_000), "unigram") == 0


def test_unigram_with_bytes(compare, charsmaps):
    document = models.unigram(charsmaps[1], byte_fallback=True)
    assert compare(document, texts.random_texts(7, 5_000), "unigram-bytes") == 0


def test_llama_style(compare, everyday_texts):
    assert compare(models.llama_style(), everyday_texts[::8] + texts.random_texts(8, 5_000), "llama") == 0


@pytest.mark.parametrize("scheme", ["always", "first", "never"])
@pytest.mark.parametrize("split", [True, False])
def test_metaspace(compare, scheme, split):
    assert compare(models.metaspace_bpe(scheme, split), texts.random_texts(9, 2_000), f"metaspace-{scheme}-{split}") == 0


@pytest.mark.parametrize("kind", ["bert", "accents", "roberta", "unigram", "nfc", "nfkd", "words", "clusters", "scripts"])
def test_every_code_point(compare, kind, vocabulary, roberta_parts, charsmaps):
    document = {
        "bert": lambda: models.bert(vocabulary),
        "accents": lambda: models.bert(vocabulary, strip_accents=False, lowercase=False),
        "roberta": lambda: models.roberta(*roberta_parts),
        "unigram": lambda: models.unigram(charsmaps[0], byte_fallback=True),
        "nfc": lambda: models.by_byte({"type": "NFC"}, None),
        "nfkd": lambda: models.by_byte({"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"},
                                                                         {"type": "Lowercase"}]}, None),
        "words": lambda: models.by_piece({"type": "Sequence", "pretokenizers": [
            {"type": "Whitespace"}, {"type": "Digits", "individual_digits": True}, {"type": "Punctuation"}]}),
        "clusters": lambda: models.by_byte(models.precompiled(charsmaps[2]), None),
        "scripts": lambda: models.by_piece({"type": "UnicodeScripts"}),
    }[kind]()
    points = texts.ALL if kind in ("bert", "roberta") else texts.CHARACTERISTIC
    assert compare(document, texts.code_points(points), f"code-points-{kind}") == 0


@pytest.mark.parametrize("pattern", models.REGEXES)
def test_regular_expressions(compare, pattern):
    """Where neighbouring code points differ in a class shows in a row of them, cut into runs."""
    rows = texts.code_points(texts.CHARACTERISTIC, 256)[1::2]
    for behavior, raw_texts in (("Contiguous", rows), ("Isolated", texts.random_texts(12, 300))):
        split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": False}
        name = f"regex-{models.REGEXES.index(pattern)}-{behavior}"
        assert compare(models.by_piece(split), raw_texts, name) == 0


def test_large_texts(compare, vocabulary, roberta_parts, charsmaps):
    large = texts.large_texts(11)
    for name, document in (("bert", models.bert(vocabulary)), ("roberta", models.roberta(*roberta_parts)),
                           ("unigram", models.unigram(charsmaps[0]))):
        assert compare(document, large, f"large-{name}") == 0


def test_random_pipelines(compare, charsmaps):
    failures = pipelines = 0
    for seed in range(RANDOM_PIPELINES):
        document = models.random_tokenizer(seed, charsmaps)
        if not models.added_tokens_are_distinct(document):
            continue  # which one the wheel then takes changes from run to run
        pipelines += 1
        failures += compare(document, texts.random_texts(1000 + seed, 60), f"random-{seed}")
    assert pipelines > RANDOM_PIPELINES * 0.8
    assert failures < pipelines * 60 * 0.02  # of the wheel


def test_enough_texts_were_compared(compare):
    assert compare.compared >= 100_000

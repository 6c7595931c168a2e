"""Tokenizers of every kind, as tokenizer.json documents."""
import base64
import io
import json
import random
import struct

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

WORDS = """the a movie film was is not good bad great very love like hate watch again time story people would
 naïve café straße один два 日本 中文 한국 1 2 3 10 100 don't can't it's we're they'll end""".split()


def corpus(seed=3, lines=3000):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, weights=range(len(WORDS), 0, -1), k=rng.randrange(3, 12))) for _ in range(lines)]


def bert(vocabulary, **normalizer):
    """BERT over a vocab.txt's lines, with added tokens of every setting."""
    vocab = {token: i for i, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, vocab[t]) for t in ("[CLS]", "[SEP]")])
    return json.loads(tokenizer.to_str())


def roberta(vocab, merges, add_prefix_space=False, trim_offsets=True):
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", vocab["</s>"]), ("<s>", vocab["<s>"]), trim_offsets=trim_offsets, add_prefix_space=add_prefix_space)
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = [added(t, lstrip=t == "<mask>") for t in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    return document


def added(content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True):
    return {"id": 0, "content": content, "single_word": single_word, "lstrip": lstrip, "rstrip": rstrip,
            "normalized": normalized, "special": special}


def charsmap(name="nmt_nfkc"):
    """SentencePiece's own map, as a trained model carries it (field 2 of normalizer_spec, field 3)."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus(lines=300)), model_writer=model, vocab_size=60, hard_vocab_limit=False,
        normalization_rule_name=name, minloglevel=2)
    return _field(_field(model.getvalue(), 3), 2)


def _field(message, number):
    """The last length-delimited field of that number in a protobuf message."""
    found, at = None, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            varint()
        elif kind == 2:
            size = varint()
            if key >> 3 == number:
                found = message[at:at + size]
            at += size
        else:
            at += 8 if kind == 1 else 4
    return found


def small_charsmap():
    """A double array whose keys are prefixes of clusters: shrinking, growing and empty replacements."""
    rules = {"a": "x", "é": "", "c": "long text", "´": " ", "ｆ": "f", "\u00a0": " ", "©": "(c)", "क": "k", "e": "",
             "\u0301": "", "가": "ga", "\u0600": "#"}
    units, blob = [0] * (1 << 16), b""
    trie = {}
    for key, value in rules.items():
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node["value"] = len(blob)
        blob += value.encode() + b"\0"
    free = 256

    def place(node, at, label):
        nonlocal free
        base = free
        free += 256
        units[at] = label | ((base ^ at) << 10 if label is not None else 0) | ("value" in node) << 8
        if "value" in node:
            units[base] = 1 << 31 | node["value"]
        for byte, child in node.items():
            if byte != "value":
                place(child, base ^ byte, byte)

    # The label of the root is not looked at; its offset leads to its children.
    place(trie, 0, 0)
    units = units[:free]
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + blob


def precompiled(blob):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(blob).decode()}


def unigram(charsmap_blob, byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
                                      unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    document = json.loads(tokenizer.to_str())
    if byte_fallback:
        document["model"]["vocab"] += [[f"<0x{b:02X}>", -30.0] for b in range(256)]
        document["model"]["byte_fallback"] = True
    document["model"]["vocab"] += [["▁", -4.0], ["…", -9.0], ["日本", -9.0], ["é", -8.5]]
    document["added_tokens"] = [added(t, lstrip=t == "<mask>") for t in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    document["normalizer"] = {"type": "Sequence", "normalizers": [
        precompiled(charsmap_blob),
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
    document["post_processor"] = json.loads(processors.RobertaProcessing(("</s>", 2), ("<s>", 0)).__getstate__())
    return document


def llama_style():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(vocab_size=500, show_progress=False,
                                  special_tokens=["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))])
    tokenizer.train_from_iterator(corpus(), trainer)
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = [added(t) for t in ("<unk>", "<s>", "</s>")]
    document["post_processor"] = json.loads(processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]).__getstate__())
    return document


def metaspace_bpe(scheme, split):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>", "<mask>"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())


GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+")
REGEXES = [GPT4, r"\w+|[^\w\s]+", r"\s+", r"\d", r"\p{L}", r"\p{N}+", r"[^a-z]", r"\b", r"", r"(?m:.+)", r".", r"^.", r"$",
           r"\p{Lu}\p{Ll}*", r"\p{Han}", r"[[:alpha:]]+", r"[[:punct:]]", r"[\p{L}&&[^a-z]]+", r"\h+", r"a{,2}b*",
           r"(?<=a)b|\Ba", r"[^\S\n]+", r"\P{L}", r"[\w']+", r"x*", r"\p{^L}+", r"\R", r"[[:^space:]]+", r"[a[bc]\d]+",
           r"\p{Letter}+", r"\W", r"\S+|\n", r"(?i)naïve|ÄRGER", r"\p{M}", r"\p{S}", r"\p{P}", r"\p{Cf}", r"\p{Nd}+"]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def random_pattern(rng):
    if rng.random() < 0.4:
        return {"String": rng.choice([" ", "a", "the", "é", "...", "  ", "▁", "[", "'"])}
    return {"Regex": rng.choice(REGEXES)}


def random_normalizer(rng, charsmaps, depth=0):
    kind = rng.randrange(16 if depth == 0 else 14)
    flag = lambda: rng.random() < 0.5  # noqa: E731
    if kind == 0:
        return {"type": "BertNormalizer", "clean_text": flag(), "handle_chinese_chars": flag(),
                "strip_accents": rng.choice([None, True, False]), "lowercase": flag()}
    if kind in (1, 2):
        return {"type": rng.choice(["NFC", "NFD", "NFKC", "NFKD"])}
    if kind == 3:
        return {"type": "Lowercase"}
    if kind == 4:
        return {"type": "StripAccents"}
    if kind == 5:
        return {"type": "Strip", "strip_left": flag(), "strip_right": flag()}
    if kind in (6, 7):
        return {"type": "Replace", "pattern": random_pattern(rng), "content": rng.choice(["", "▁", "xyz", "é", " "])}
    if kind == 8:
        return {"type": "Prepend", "prepend": rng.choice(["▁", "ab", "é", ""])}
    if kind == 9:
        return {"type": "Nmt"}
    if kind in (10, 11):
        return precompiled(rng.choice(charsmaps))
    if kind == 12:
        return {"type": "ByteLevel"}
    if kind == 13:
        return None
    parts = [random_normalizer(rng, charsmaps, 1) for _ in range(rng.randrange(4))]
    return {"type": "Sequence", "normalizers": [part for part in parts if part]}


def random_pre_tokenizer(rng, depth=0):
    flag = lambda: rng.random() < 0.5  # noqa: E731
    kind = rng.randrange(17 if depth == 0 else 13)
    simple = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts"]
    if kind < 4:
        return {"type": simple[kind]}
    if kind == 4:
        return {"type": "ByteLevel", "add_prefix_space": flag(), "trim_offsets": flag(), "use_regex": flag()}
    if kind in (5, 6):
        return {"type": "Metaspace", "replacement": rng.choice("▁▁_"),
                "prepend_scheme": rng.choice(["always", "first", "never"]), "split": flag()}
    if kind == 7:
        return {"type": "Punctuation", "behavior": rng.choice(BEHAVIORS)}
    if kind == 8:
        return {"type": "Digits", "individual_digits": flag()}
    if kind in (9, 10):
        return {"type": "Split", "pattern": random_pattern(rng), "behavior": rng.choice(BEHAVIORS), "invert": flag()}
    if kind == 11:
        return {"type": "CharDelimiterSplit", "delimiter": rng.choice(" -ea")}
    if kind == 12:
        return {"type": "FixedLength", "length": rng.randrange(1, 9)}
    if kind == 13:
        return None
    parts = [random_pre_tokenizer(rng, 1) for _ in range(rng.randrange(4))]
    return {"type": "Sequence", "pretokenizers": [part for part in parts if part]}


def random_post_processor(rng):
    flag = lambda: rng.random() < 0.5  # noqa: E731
    byte_level = {"type": "ByteLevel", "add_prefix_space": flag(), "trim_offsets": flag(), "use_regex": True}
    bert_kind = {"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 2]}
    roberta_kind = {"type": "RobertaProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 2], "trim_offsets": flag(),
                    "add_prefix_space": flag()}
    template = json.loads(processors.TemplateProcessing(
        single="[CLS]:1 $A:1 [SEP]", pair="$A [SEP] $B:1", special_tokens=[("[CLS]", 2), ("[SEP]", 1)]).__getstate__())
    return rng.choice([None, byte_level, bert_kind, roberta_kind, template,
                       {"type": "Sequence", "processors": [byte_level, template]},
                       {"type": "Sequence", "processors": [bert_kind, byte_level, roberta_kind]}])


def random_model(rng, byte_level):
    alphabet = list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789.,!?'-_▁Ġéüßа日本語가 ×")
    if byte_level or rng.random() < 0.3:
        alphabet += sorted(set(pre_tokenizers.ByteLevel.alphabet()) - set(alphabet))
    specials = ["[UNK]", "[SEP]", "[CLS]"]
    words = sorted(set(WORDS) | {"▁" + w for w in WORDS} | {"Ġ" + w for w in WORDS})
    kind = rng.choice(["WordPiece", "BPE", "BPE", "Unigram", "Unigram", "WordLevel"])
    bytes_too = [f"<0x{b:02X}>" for b in range(256)] if rng.random() < 0.4 else []
    if kind == "WordLevel":
        tokens = specials + alphabet + words
        return {"type": kind, "vocab": {t: i for i, t in enumerate(tokens)}, "unk_token": "[UNK]"}
    if kind == "WordPiece":
        tokens = specials + alphabet[:-1] + ["##" + c for c in alphabet[:-1]] + words
        return {"type": kind, "vocab": {t: i for i, t in enumerate(dict.fromkeys(tokens))}, "unk_token": "[UNK]",
                "continuing_subword_prefix": "##", "max_input_chars_per_word": rng.choice([5, 100])}
    if kind == "Unigram":
        tokens = list(dict.fromkeys(specials + alphabet + words + bytes_too))
        vocab = [[t, 0.0 if t in specials else -rng.choice([2.0, 3.5, rng.uniform(1, 12)])] for t in tokens]
        return {"type": kind, "vocab": vocab, "unk_id": 0, "byte_fallback": rng.random() < 0.5}
    return random_bpe(rng, specials, alphabet, words, bytes_too)


def random_bpe(rng, specials, alphabet, words, bytes_too):
    prefix = rng.choice(["", "", "", "##"])
    suffix = rng.choice(["", "", "", "</w>"])
    symbols = list(dict.fromkeys(
        alphabet + [prefix + c for c in alphabet] + [c + suffix for c in alphabet] +
        [prefix + c + suffix for c in alphabet]))
    tokens = dict.fromkeys(specials + symbols + bytes_too)
    merges = []
    for word in rng.sample(words, len(words)):
        parts = [(prefix if i else "") + c + (suffix if i == len(word) - 1 else "") for i, c in enumerate(word)]
        if any(part not in tokens for part in parts):
            continue
        while len(parts) > 1 and rng.random() < 0.9:
            i = rng.randrange(len(parts) - 1)
            merged = parts[i] + parts[i + 1][len(prefix):]
            merges.append((parts[i], parts[i + 1]))
            tokens[merged] = None
            parts[i:i + 2] = [merged]
    use_bytes = bool(bytes_too) and not prefix and not suffix
    return {"type": "BPE", "vocab": {t: i for i, t in enumerate(tokens)}, "merges": list(dict.fromkeys(merges)),
            "dropout": None, "unk_token": rng.choice([None, "[UNK]", "[UNK]"]), "fuse_unk": rng.random() < 0.5,
            "continuing_subword_prefix": prefix or None, "end_of_word_suffix": suffix or None,
            "byte_fallback": use_bytes, "ignore_merges": rng.random() < 0.3}


def random_added(rng):
    contents = rng.sample(["[MASK]", "<mask>", "good", "GOOD", "ovi", "é", "日", "  x", "the movie", " ", "a", "12", "'s", "▁",
                           "Straße", "İ", "ﬁ", "not good", "not"], k=rng.randrange(5))
    flag = lambda: rng.random() < 0.4  # noqa: E731
    return [added(c, flag(), flag(), flag(), flag(), flag()) for c in contents]


def random_tokenizer(seed, charsmaps):
    """A pipeline of parts that need not make sense together."""
    rng = random.Random(seed)
    pre_tokenizer = random_pre_tokenizer(rng)
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": random_added(rng),
            "normalizer": random_normalizer(rng, charsmaps), "pre_tokenizer": pre_tokenizer,
            "post_processor": random_post_processor(rng), "decoder": None,
            "model": random_model(rng, "ByteLevel" in json.dumps(pre_tokenizer))}


def trained_byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=800, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
                                  special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def by_byte(normalizer, pre_tokenizer):
    """Ids that show every byte of what the given parts make; the first of each piece has an id of its own."""
    parts = [pre_tokenizer, {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {c: i for i, c in enumerate([*alphabet, *("##" + c for c in alphabet)])}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [part for part in parts if part]},
            "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "vocab": vocab, "merges": [], "continuing_subword_prefix": "##"}}


def by_piece(pre_tokenizer):
    """One unknown token for each piece: offsets show where the pre-tokenizer cuts."""
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None,
            "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}


def added_tokens_are_distinct(document):
    """Whether the added tokens that are looked for in normalised text still differ there, and are not empty."""
    normalizer = Tokenizer.from_str(json.dumps(document)).normalizer
    contents = [token["content"] for token in document["added_tokens"] if token["normalized"]]
    if normalizer is not None:
        contents = [normalizer.normalize_str(content) for content in contents]
    return len(set(contents)) == len(contents) and "" not in contents

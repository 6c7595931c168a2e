"""Texts that tokenizers have trouble with, as bytes; the same ones for the same seed."""
import csv
import gzip
import io
import random

PLANES = [(0x20, 0x7F), (0x80, 0x250), (0x250, 0x800), (0x800, 0x2000), (0x2000, 0x3000), (0x3000, 0xD800),
          (0xE000, 0x10000), (0x10000, 0x20000), (0x20000, 0x40000), (0xE0000, 0xE01F0), (0x40000, 0x110000)]
WORDS = """the movie was not good but I'd watch it again don't can't we're THEY'LL naïve café Straße İstanbul ǅ
 ΑΝΤΊΣΤΑΣΙΣ обычный שָׁלוֹם العَرَبِيَّة हिन्दी தமிழ் ไทยแลนด์ 日本語 中文字符 한국어 각 ﬁnance ½ Ⅷ ² ① ｆｕｌｌ ㍿ ﷺ
 state-of-the-art http://x.y/z?a=b&c=d user@mail.org #tag @name 3.14159 1,000,000 $5 €7 :-) <3 ... --- ___
 [MASK] [CLS] [SEP] <mask> <s> </s> <unk> [UNK]x a[MASK]b unaffable electroencephalography""".split()
MARKS = [chr(c) for c in (0x300, 0x301, 0x308, 0x323, 0x327, 0x334, 0x345, 0x483, 0x5B0, 0x64B, 0x93C, 0x94D, 0xE31,
                          0x1AB0, 0x20D0, 0x20DD, 0x3099, 0xFE20, 0x1D165, 0x1E8D0, 0x302A, 0xF71, 0xF72)]
EMOJI = ["👍", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇩🇪🇫", "❤️", "☃", "1️⃣", "🧑🏿‍🚀", "©️", "©\u200d®"]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200d", "\ufeff", "\u2028", "\x85",
          "\u180e", "\x0b", "\x1c", "\u2581", "Ġ"]
CONTROLS = [chr(c) for c in (1, 7, 8, 0x1B, 0x7F, 0x80, 0x8F, 0x9F, 0xAD, 0x600, 0x6DD, 0x200E, 0x2066, 0xFFF9, 0xFFFD,
                             0xE000, 0xFDD0, 0xFFFF, 0x110BD, 0x1BCA0, 0x1D173, 0xE0001, 0xF0000)]
BROKEN = [b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xff\xfe", b"\xf4\x90\x80\x80", b"\xe2",
          b"\xc3"]


def any_code_point(rng):
    low, high = rng.choice(PLANES)
    while True:
        c = rng.randrange(low, high)
        if not 0xD800 <= c < 0xE000:
            return chr(c)


def random_part(rng):
    kind = rng.randrange(9)
    if kind == 0:
        return any_code_point(rng)
    if kind == 1:
        return rng.choice("aeiouAOn가àé中c1") + "".join(rng.choices(MARKS, k=rng.randrange(1, 4)))
    if kind == 2:
        return rng.choice(EMOJI)
    if kind == 3:
        return rng.choice(CONTROLS)
    if kind == 4:
        return chr(rng.randrange(0x4E00, 0xA000)) * rng.randrange(1, 3)
    if kind == 5:
        return rng.choice(SPACES)
    word = rng.choice(WORDS)
    return word if rng.random() < 0.7 else word[:rng.randrange(1, len(word) + 1)].upper()


def random_text(rng, longest=12):
    joint = rng.choice(["", "", " ", " ", ""])
    return joint.join(random_part(rng) for _ in range(rng.randrange(longest + 1)))


def broken_text(rng):
    parts = [random_text(rng, 3).encode() for _ in range(rng.randrange(1, 4))]
    return rng.choice(BROKEN).join(parts) + rng.choice(BROKEN)


def random_texts(seed, count):
    rng = random.Random(seed)
    texts = [b"", b" ", b"a"]
    texts += [broken_text(rng) if i % 10 == 0 else random_text(rng).encode() for i in range(count - len(texts))]
    return [text.replace(b"\0", b"\x01") for text in texts]


ALL = range(1, 0x110000)  # but 0, which the stream of texts cannot hold


def _is_alike_its_neighbours(c):
    return (0x3500 <= c < 0x9F00 or 0xAD00 <= c < 0xD700 or 0xE100 <= c < 0xF800 or 0x17100 <= c < 0x18700 or
            0x20100 <= c < 0x2A600 or 0x2A800 <= c < 0x2F700 or 0x30000 <= c < 0x32300 or 0x33500 <= c < 0xE0000 or
            c >= 0xE0200)


# Every 97th only of the large blocks whose members are alike.
CHARACTERISTIC = [c for c in ALL if not _is_alike_its_neighbours(c) or c % 97 == 0 or c & 0xFFFE == 0xFFFE]


def code_points(points, row=32):
    """The code points between letters, and in a row."""
    points = [chr(c) for c in points if not 0xD800 <= c < 0xE000]
    rows = [points[i:i + row] for i in range(0, len(points), row)]
    return [text.encode() for row in rows for text in (" ".join(f"a{c}1" for c in row), "".join(row))]


def large_texts(seed, size=1_000_000):
    rng = random.Random(seed)
    words = " ".join(rng.choices(WORDS, k=size // 7))[:size]
    mixed = "".join(random_part(rng) for _ in range(size // 5))
    return [text.encode()[:size] for text in
            ("a" * size, "ab" * (size // 2), words, words.replace(" ", ""), mixed, " " * size, "é" * (size // 2),
             "中" * (size // 3), "e\u0301" * (size // 3), "!" * size, "[MASK]" * (size // 6), "1" * size)]


def csv_texts(folder, count, seed=1):
    """Texts of the labelled files, all files alike."""
    texts = []
    for path in sorted(folder.glob("*.csv*")):
        raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8", "replace")))
        column = next(name for name in rows.fieldnames if name in ("text", "sentence", "review"))
        texts.append([row[column] or "" for row in rows])
    rng = random.Random(seed)
    share = count // len(texts) + 1
    chosen = [text for file in texts for text in (rng.sample(file, share) if len(file) > share else file)]
    return [text.replace("\0", " ").encode() for text in chosen]

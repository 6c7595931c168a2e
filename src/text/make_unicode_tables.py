"""Writes unicode_tables.inl: what Hugging Face `tokenizers` thinks of every code point.

The wheel mixes several ages of Unicode: its categories are those of version 8, its normal forms
those of version 9, its regular expressions and letter cases those of version 17. Ids must be equal
on every code point, so the tables are read off the wheel itself, one question a code point.

usage: python src/text/make_unicode_tables.py > src/text/unicode_tables.inl
Needs the wheel of tests/python/requirements.txt and the shared libraries of utf8proc and pcre2.
"""

import base64
import ctypes
import json
import struct

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
)
utf8proc = ctypes.CDLL("libutf8proc.so.2")
pcre2 = ctypes.CDLL("libpcre2-8.so.0")


def ranges(members):
    """(first, last, value) of neighbours with equal value; `members` is ordered {point: value}."""
    out = []
    for point, value in members.items():
        if out and out[-1][1] == point - 1 and out[-1][2] == value:
            out[-1][1] = point
        else:
            out.append([point, point, value])
    return out


def chosen(test):
    return {point: 1 for point in CODE_POINTS if test(chr(point))}


def pieces(pre_tokenizer, text):
    return len(pre_tokenizer.pre_tokenize_str(text))


def splits_off(pre_tokenizer):
    """The code points that the pre-tokenizer isolates from their neighbours."""
    return chosen(lambda c: pieces(pre_tokenizer, "\0" + c + "\0") == 3)


def regex_class(pattern):
    return splits_off(pre_tokenizers.Split(Regex(pattern), "isolated"))


def removed_by(normalizer, points=None):
    return chosen(lambda c: normalizer.normalize_str("a" + c + "a") == "aa")


def nonspacing_marks():
    decompose = normalizers.NFD()
    strip = normalizers.BertNormalizer(False, False, True, False)
    return chosen(lambda c: decompose.normalize_str(c) == c and strip.normalize_str(c) == "")


def no_class_after_version_9():
    """Code points that utf8proc decomposes or reorders, and the wheel does not."""
    decompose = normalizers.NFKD()
    utf8proc.utf8proc_NFKD.restype = ctypes.c_char_p
    utf8proc.utf8proc_NFKD.argtypes = [ctypes.c_char_p]
    plain = {}
    for point in CODE_POINTS[1:]:
        for text in (chr(point), "a\u0345" + chr(point), "a" + chr(point) + "\u0334"):
            ours = utf8proc.utf8proc_NFKD(text.encode())
            if ours.decode() != decompose.normalize_str(text):
                plain[point] = 1
    for point in plain:
        assert decompose.normalize_str("a\u0345" + chr(point)) == "a\u0345" + chr(point), hex(point)
    return plain


def lower_case_differences():
    lower = normalizers.Lowercase()
    utf8proc.utf8proc_tolower.restype = ctypes.c_int32
    rows = []
    for point in CODE_POINTS:
        theirs = [ord(c) for c in lower.normalize_str(chr(point))]
        if theirs != [utf8proc.utf8proc_tolower(point)]:
            rows.append((point, theirs[0], theirs[1] if len(theirs) > 1 else 0))
            assert len(theirs) <= 2
    return rows


def scripts():
    """A number for each script as the wheel groups them; 0 where it has none."""
    split = pre_tokenizers.UnicodeScripts()
    found, representatives, last = {}, [], None
    for point in CODE_POINTS:
        c = chr(point)
        if pieces(split, c) == 0:
            continue
        if last is not None and pieces(split, chr(last) + c) == 1:
            found[point] = found[last]
        else:
            for number, other in enumerate(representatives):
                if pieces(split, other + c) == 1:
                    found[point] = number + 1
                    break
            else:
                representatives.append(c)
                found[point] = len(representatives)
        last = point
    return found


def charsmap_that_marks_clusters():
    """A charsmap that turns a cluster of under six bytes that starts outside ASCII, or with 'a',
    into one 'x'."""
    labels = [ord("a"), *range(0xC2, 0xF5)]
    units = [0] * 1024
    units[0] = 256 << 10
    for label in labels:
        units[256 ^ label] = label | 256 | ((768 ^ 256) << 10)
        units[(256 ^ label) ^ (768 ^ 256)] = 1 << 31
    blob = struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + b"x\0"
    model = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {
            "type": "Precompiled",
            "precompiled_charsmap": base64.b64encode(blob).decode(),
        },
        "model": {"type": "WordLevel", "vocab": {"x": 0}, "unk_token": "x"},
    }
    return Tokenizer.from_str(json.dumps(model)).normalizer


JOINS, PREPEND, CONTROL, EXTEND, PICTURE, CONSONANT, LINKER, CONJUNCT_EXTEND = (
    1 << bit for bit in range(8)
)


def cluster_classes():
    """How each code point joins its neighbours to a grapheme cluster, as far as it can be seen."""
    normalize = charsmap_that_marks_clusters().normalize_str
    accent = "\u0300"
    flags = {}

    def whole(text):
        """One cluster, so long that it is rewritten code point by code point; if its last two code points
        were a cluster of their own, they would become one."""
        return len(normalize(text)) == len(text)

    for point in CODE_POINTS:
        c = chr(point)
        flag = 0
        if normalize("a" + c) == "x":
            flag |= JOINS
            if whole("\u00a9" + c + "\u200d\u00ae" + accent):
                flag |= EXTEND
            if whole("\u0915" + c + "\u0915" + accent):
                flag |= LINKER
            if whole("\u0915" + c + "\u094d\u0915" + accent):
                flag |= CONJUNCT_EXTEND
        else:
            if 0x80 <= point and normalize(c + "a") == "x":
                flag |= PREPEND
            if 0x80 <= point < 0x10000 and normalize(c + accent) != "x":
                flag |= CONTROL
            if whole(c + "\u200d\u00ae" + accent):
                flag |= PICTURE
            if whole(c + "\u094d\u0915" + accent):
                flag |= CONSONANT
        if point < 0x20 or point == 0x7F:
            flag |= CONTROL
        if flag:
            flags[point] = flag
    return flags


def our_regex_class(name):
    compiled = pcre2_compile(r"\A\p{%s}" % name)
    data = pcre2.pcre2_match_data_create_8(1, None)
    out = set()
    for point in CODE_POINTS:
        text = chr(point).encode()
        if pcre2.pcre2_match_8(compiled, text, ctypes.c_size_t(len(text)), ctypes.c_size_t(0), 0, data, None) > 0:
            out.add(point)
    return out


def pcre2_compile(pattern):
    pcre2.pcre2_compile_8.restype = ctypes.c_void_p
    pcre2.pcre2_match_data_create_8.restype = ctypes.c_void_p
    pcre2.pcre2_match_data_create_8.argtypes = [ctypes.c_uint32, ctypes.c_void_p]
    pcre2.pcre2_match_8.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t,
                                    ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p]
    error, at = ctypes.c_int(), ctypes.c_size_t()
    utf, ucp = 0x00080000, 0x00020000
    text = pattern.encode()
    code = pcre2.pcre2_compile_8(text, ctypes.c_size_t(len(text)), utf | ucp, ctypes.byref(error),
                                 ctypes.byref(at), None)
    assert code, pattern
    return code


def newer_categories():
    """Code points whose category pcre2 does not know yet."""
    unassigned = our_regex_class("Cn")
    newer = {}
    for number, name in enumerate(CATEGORIES):
        theirs = regex_class(r"\p{%s}" % name) if name not in ("Cc", "Co") else {}
        for point in theirs:
            if point in unassigned:
                newer[point] = number
    return dict(sorted(newer.items()))


def newer_alphabetic():
    theirs = regex_class(r"\p{Alphabetic}")
    known = our_regex_class("Alphabetic")
    assert not known - theirs.keys()
    return {point: 1 for point in theirs if point not in known}


def print_table(name, why, rows, kind, width):
    print(f"\n// {why}\nconstexpr {kind} {name}[] = {{")
    cells = ["{" + ", ".join(f"0x{v:X}" for v in row[:width]) + "}," for row in rows]
    line = "   "
    for cell in cells:
        if len(line) + len(cell) + 1 > 100:
            print(line)
            line = "   "
        line += " " + cell
    print(line + "\n};")


def main():
    print("// Made by make_unicode_tables.py. Do not edit.")
    print("// clang-format off")
    simple = [
        ("kNumeric", "Decimal digits, letter numbers and other numbers.", splits_off(pre_tokenizers.Digits(True))),
        ("kPunctuation", "Punctuation; in ASCII the symbols too.", splits_off(pre_tokenizers.Punctuation())),
        ("kOther", "Control, format and private use, without tab and line ends.",
         {c: 1 for c in removed_by(normalizers.BertNormalizer(True, False, False, False)) if c != 0xFFFD}),
        ("kNonspacingMark", "Nonspacing marks that do not decompose.", nonspacing_marks()),
        ("kMark", "Marks of every kind.", removed_by(normalizers.StripAccents())),
        ("kWord", r"\w of the wheel's fixed patterns.",
         chosen(lambda c: pieces(pre_tokenizers.Whitespace(), "a" + c + "a") == 1)),
        ("kLetter", r"\p{L} of the wheel's regular expressions.", regex_class(r"\p{L}")),
        ("kNumber", r"\p{N} of the wheel's regular expressions.", regex_class(r"\p{N}")),
        ("kWithoutDecomposition", "utf8proc decomposes or reorders these, the wheel does not.",
         no_class_after_version_9()),
        ("kNewerAlphabetic", r"\p{Alphabetic} that pcre2 does not know.", newer_alphabetic()),
    ]
    for name, why, members in simple:
        print_table(name, why, ranges(members), "Range", 2)
    print_table("kScript", "Script numbers, as the wheel groups them.", ranges(scripts()), "ValueRange", 3)
    print_table("kCluster", "Flags of grapheme clusters.", ranges(cluster_classes()), "ValueRange", 3)
    print_table("kNewerCategory", "Categories that pcre2 does not know, as indices of kCategoryNames.",
                ranges(newer_categories()), "ValueRange", 3)
    names = ", ".join(f'"{name}"' for name in CATEGORIES)
    print(f"\nconstexpr std::string_view kCategoryNames[] = {{{names}}};")
    print_table("kLower", "Lower case where utf8proc has another: from, to, second code point of to.",
                lower_case_differences(), "LowerCase", 3)


if __name__ == "__main__":
    main()

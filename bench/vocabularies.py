"""The `tokenizers` wheel's own tokenizer of a Hugging Face folder."""
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, processors


def linked(folder, place):
    """A folder whose files have plain names; some are published as vocab-NAME.json and merges-NAME.txt."""
    if (folder / "tokenizer.json").exists() or (folder / "vocab.json").exists():
        return folder
    (place / "vocab.json").symlink_to(next(folder.glob("vocab-*.json")).resolve())
    (place / "merges.txt").symlink_to(next(folder.glob("merges-*.txt")).resolve())
    return place


def load_wheel(folder):
    """The wheel's tokenizer of the folder, without special tokens, truncation and padding."""
    if (folder / "tokenizer.json").exists():
        made = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:  # as transformers builds it for RoBERTa
        made = tokenizers.Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
        made.decoder = decoders.ByteLevel()
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        ends = [(token, made.token_to_id(token)) for token in ("</s>", "<s>")]
        made.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
        made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    made.no_truncation()
    made.no_padding()
    return made

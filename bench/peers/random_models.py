"""Models of the usual shapes with random weights, the same for each seed, as Hugging Face folders.

Speed does not depend on the weights. So that answers can be compared they must differ from text to text: the weights are
larger than what training starts from, and the head is scaled and centred by what it says of sample texts.
"""
import json
import pathlib
import sys

import torch
import transformers

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from vocabularies import linked, load_wheel  # noqa: E402

WINDOW = 512
SPREAD = 1.5  # standard deviation of a logit over the sample texts

SHAPES = {
    "distilbert": dict(
        vocabulary="bert-base-uncased", network=transformers.DistilBertForSequenceClassification,
        config=transformers.DistilBertConfig(initializer_range=0.05, pad_token_id=0), labels=["NEGATIVE", "POSITIVE"],
        special=dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")),
    "roberta": dict(
        vocabulary="roberta-base", network=transformers.RobertaForSequenceClassification,
        config=transformers.RobertaConfig(
            vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5,
            initializer_range=0.05, pad_token_id=1, bos_token_id=0, eos_token_id=2),
        labels=["negative", "neutral", "positive"],
        special=dict(bos_token="<s>", eos_token="</s>", sep_token="</s>", cls_token="<s>", unk_token="<unk>",
                     pad_token="<pad>", mask_token="<mask>")),
}


def spread_answers(model, tokenizer, texts):
    """Scales and centres the last layer so that every class is the answer to some of the texts."""
    last = model.classifier if isinstance(model.classifier, torch.nn.Linear) else model.classifier.out_proj
    with torch.inference_mode():
        rows = [tokenizer.encode(text).ids[:64] for text in texts]
        logits = torch.cat([model(input_ids=torch.tensor([row])).logits for row in rows])
        scale = SPREAD / logits.std(dim=0)
        last.weight *= scale[:, None]
        last.bias.copy_((last.bias - logits.mean(dim=0)) * scale)


def make(shape, vocabularies, texts, folder, seed=1):
    wanted = SHAPES[shape]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    links = folder / "links"
    links.mkdir()
    tokenizer = load_wheel(linked(vocabularies / wanted["vocabulary"], links))
    for link in links.iterdir():
        link.unlink()
    links.rmdir()
    config = wanted["config"]
    config.id2label = dict(enumerate(wanted["labels"]))
    config.label2id = {label: i for i, label in enumerate(wanted["labels"])}
    torch.manual_seed(seed)
    model = wanted["network"](config).eval()
    spread_answers(model, tokenizer, texts)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": WINDOW, **wanted["special"]}, indent=1))

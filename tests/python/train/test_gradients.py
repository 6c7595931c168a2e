"""One training step beside PyTorch's own: loss, gradients, and what AdamW makes of them."""
import json
import subprocess

import pytest
import torch
import transformers
from safetensors.torch import load_file

from conftest import labelled_texts, read_log, tokenizer_of, write_table

ARCHITECTURES = ["bert", "distilbert", "roberta", "xlm-roberta", "camembert", "electra", "albert", "albert-groups"]
TEXTS = [text for text, _ in labelled_texts(7, seed=3)] + ["", "good " * 50]


@pytest.fixture(scope="module")
def step(root, tmp_path_factory):
    """The loss and the gradients of train_step."""

    def run(model, request):
        folder = tmp_path_factory.mktemp("step")
        (folder / "request.json").write_text(json.dumps(request))
        done = subprocess.run([root / "build/tests/train/train_step", model, folder / "request.json", folder / "out"],
                              capture_output=True, encoding="utf-8", timeout=120, check=True)
        return json.loads(done.stdout)["loss"], load_file(folder / "out/model.safetensors")

    return run


def load(folder, **config):
    torch.manual_seed(0)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, **config)
    return model.train(), tokenizer_of(folder)


def without_dropout(model):
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        for name in ["dropout_prob", "attention_dropout"]:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    return model


def forward(model, tokenizer, texts):
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=limit(model), return_tensors="pt")
    if "token_type_ids" in inputs and model.config.model_type in ("distilbert", "roberta", "xlm-roberta", "camembert"):
        del inputs["token_type_ids"]
    return model(**inputs).logits


def limit(model):
    positions = model.config.max_position_embeddings
    roberta = model.config.model_type in ("roberta", "xlm-roberta", "camembert")
    return positions - model.config.pad_token_id - 1 if roberta else positions


def check_gradients(model, ours):
    names = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.abs().max() > 0}
    assert names - set(ours) == set()
    scale = max(p.grad.abs().max().item() for p in model.parameters() if p.grad is not None)
    for name, parameter in model.named_parameters():
        if parameter.grad is None or name not in ours:
            continue
        assert ours[name].shape == parameter.grad.shape, name
        difference = (ours[name] - parameter.grad).abs().max().item()
        bound = 1e-4 * parameter.grad.abs().max().item() + 1e-6 * scale
        assert difference <= bound, f"{name}: {difference} over {bound}"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_loss_and_gradients_are_pytorchs(step, models, name):
    model, tokenizer = load(models / name)
    without_dropout(model)
    labels = [i % model.config.num_labels for i in range(len(TEXTS))]
    weights = [0.5 + i for i in range(model.config.num_labels)]
    request = {"task": "single", "texts": TEXTS, "labels": labels, "label_smoothing": 0.1, "class_weights": weights}
    loss, gradients = step(models / name, request)
    wanted = torch.nn.functional.cross_entropy(forward(model, tokenizer, TEXTS), torch.tensor(labels),
                                               weight=torch.tensor(weights), label_smoothing=0.1)
    wanted.backward()
    assert loss == pytest.approx(wanted.item(), rel=1e-5)
    check_gradients(model, gradients)


def test_rows_of_partial_files_compare_their_own_classes(step, models):
    model, tokenizer = load(models / "bert")
    without_dropout(model)
    labels = [0 if i % 2 else 2 for i in range(len(TEXTS))]
    present = [[1, i % 3 == 0, 1] for i in range(len(TEXTS))]
    weights = torch.tensor([0.5, 1.0, 2.0])
    request = {"task": "single", "texts": TEXTS, "labels": labels, "present": [[int(p) for p in row] for row in present],
               "label_smoothing": 0.1, "class_weights": weights.tolist()}
    loss, gradients = step(models / "bert", request)
    # Row by row, PyTorch's own cross-entropy over the classes that are there.
    total, norm = 0.0, 0.0
    for row, label, there in zip(forward(model, tokenizer, TEXTS), labels, present):
        kept = [i for i in range(3) if there[i]]
        total = total + torch.nn.functional.cross_entropy(row[kept], torch.tensor(kept.index(label)), weight=weights[kept],
                                                          label_smoothing=0.1, reduction="sum")
        norm += weights[label].item()
    wanted = total / norm
    wanted.backward()
    assert loss == pytest.approx(wanted.item(), rel=1e-5)
    check_gradients(model, gradients)


def test_several_labels_and_numbers(step, models):
    for name, task in [("bert-multi-label", "multi"), ("bert-regression", "regression")]:
        model, tokenizer = load(models / name)
        without_dropout(model)
        count = model.config.num_labels
        labels = [[(i + c) % 2 for c in range(count)] if task == "multi" else [i / 3] for i in range(len(TEXTS))]
        loss, gradients = step(models / name, {"task": task, "texts": TEXTS, "labels": labels})
        logits, wanted = forward(model, tokenizer, TEXTS), torch.tensor(labels, dtype=torch.float)
        functional = torch.nn.functional
        wanted = (functional.binary_cross_entropy_with_logits if task == "multi" else functional.mse_loss)(logits, wanted)
        wanted.backward()
        assert loss == pytest.approx(wanted.item(), rel=1e-5)
        check_gradients(model, gradients)


def test_distillation_is_hintons(step, models):
    model, tokenizer = load(models / "bert")
    without_dropout(model)
    teacher = torch.randn(len(TEXTS), model.config.num_labels) * 3
    labels = [i % model.config.num_labels for i in range(len(TEXTS))]
    request = {"task": "single", "texts": TEXTS, "labels": labels, "teacher": teacher.tolist(), "temperature": 3,
               "teacher_share": 0.7}
    loss, gradients = step(models / "bert", request)
    logits = forward(model, tokenizer, TEXTS)
    soft = torch.nn.KLDivLoss(reduction="batchmean")(torch.log_softmax(logits / 3, -1), torch.softmax(teacher / 3, -1))
    wanted = 0.7 * 9 * soft + 0.3 * torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
    wanted.backward()
    assert loss == pytest.approx(wanted.item(), rel=1e-5)
    check_gradients(model, gradients)


def test_frozen_parts_get_no_gradients(step, models):
    request = {"task": "single", "texts": TEXTS, "labels": [0] * len(TEXTS)}
    _, everything = step(models / "bert", request)
    _, part = step(models / "bert", {**request, "freeze": 1})
    _, head = step(models / "bert", {**request, "freeze": -1})
    assert any("layer.0." in name for name in everything) and "bert.embeddings.LayerNorm.weight" in everything
    assert not any("layer.0." in name or "embeddings" in name for name in part)
    assert any("layer.1." in name for name in part)
    assert all(name.startswith(("classifier", "bert.pooler")) for name in head) and head


def rate_share(step, total, warmup):
    rising = int(warmup * total)
    return step / rising if step < rising else (total - step) / (total - rising)


def test_steps_are_adamws(train, models, tmp_path):
    """Six steps over one batch: weight decay by kind, clipping, the schedule."""
    rows = labelled_texts(12, classes=("good", "bad"))
    table = write_table(tmp_path / "rows.csv", rows)
    done = train("--base", models / "bert", "--data", table, "-o", tmp_path / "out", "--labels", "bad,good,plain",
                 "--epochs", 6, "--batch-tokens", 4096, "--dropout", 0, "--learning-rate", 1e-3, "--warmup", 0.35,
                 "--weight-decay", 0.1, "--clip", 0.5, "--log-steps", 1, "--seed", 4)
    assert done.returncode == 0, done.stderr
    steps = [event for event in read_log(tmp_path / "out") if event["event"] == "step"]
    assert len(steps) == 6
    # The head is fresh: what it started from is what a run of no learning leaves.
    assert train("--base", models / "bert", "--data", table, "-o", tmp_path / "start", "--labels", "bad,good,plain",
                 "--max-steps", 1, "--learning-rate", 1e-30, "--seed", 4).returncode == 0
    model, tokenizer = load(tmp_path / "start")
    without_dropout(model)
    groups = [{"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 0.1},
              {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    labels = torch.tensor([["bad", "good", "plain"].index(label) for _, label in rows])
    for i, event in enumerate(steps):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * rate_share(i + 1, 7, 0.35)
        loss = torch.nn.functional.cross_entropy(forward(model, tokenizer, [text for text, _ in rows]), labels)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        assert event["loss"] == pytest.approx(loss.item(), rel=1e-4)
        assert event["gradient_norm"] == pytest.approx(norm.item(), rel=1e-3)
        assert event["learning_rate"] == pytest.approx(group["lr"])
    ours = load_file(tmp_path / "out/model.safetensors")
    for name, parameter in model.named_parameters():
        # A key's bias shifts all scores of a query alike: its gradient is 0 but for rounding, which AdamW magnifies.
        bound = 5e-3 if name.endswith("key.bias") else 2e-5
        assert (ours[name] - parameter).abs().max().item() < bound, name

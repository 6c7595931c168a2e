"""The built-in model: its size, and its figures on public sets where those are at hand."""
import json

import pytest


@pytest.fixture(scope="module")
def evaluate(valence):
    def run(*arguments):
        done = valence("eval", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_file_is_small_and_is_what_is_built_in(valence, root):
    files = list((root / "models").glob("*.gguf"))
    assert len(files) == 1 and files[0].stat().st_size <= 25_000_000
    built_in, file = (json.loads(valence("inspect", "--json", *which).stdout) for which in [[], [files[0]]])
    assert built_in["labels"] == ["NEGATIVE", "NEUTRAL", "POSITIVE"]
    assert {**built_in, "path": ""} == {**file, "path": ""}


def test_it_is_evaluated_like_any_other(valence, root, tmp_path):
    done = valence("eval", "--data", root / "models/challenge.csv", "--plot", tmp_path / "plot.svg", "--errors",
                   tmp_path / "errors.csv", "--compare", next((root / "models").glob("*.gguf")))
    assert done.returncode == 0, done.stderr
    assert "the built-in model" in (tmp_path / "plot.svg").read_text() and (tmp_path / "errors.csv").exists()


@pytest.mark.parametrize("name,options,figure,least", [
    ("sst2_dev.csv", ["--classes", "NEGATIVE,POSITIVE"], "accuracy", 0.90),
    ("tweeteval_val.csv", [], "macro_recall", 0.62),
])
def test_figures_of_the_card(evaluate, data, name, options, figure, least):
    report = evaluate("--data", data / name, *options)
    assert report["figures"][figure]["value"] >= least, report["figures"]

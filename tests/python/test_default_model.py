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
    ("sst2_dev.csv", ["--classes", "NEGATIVE,POSITIVE"], "accuracy", 0.91),
    ("tweeteval_val.csv", [], "macro_recall", 0.65),
])
def test_figures_of_the_card(evaluate, data, name, options, figure, least):
    report = evaluate("--data", data / name, *options)
    assert report["figures"][figure]["value"] >= least, report["figures"]


@pytest.mark.parametrize("name,options", [("sst2_dev.csv", ["--classes", "NEGATIVE,POSITIVE"]), ("tweeteval_val.csv", [])])
def test_int8_answers_as_fp32_does(evaluate, data, root, name, options):
    file = next((root / "models").glob("*.gguf"))
    report = evaluate("--data", data / name, *options, "--precision", "int8", "--compare", file, "--compare-precision", "fp32")
    other = report["comparison"]
    assert abs(report["figures"]["accuracy"]["value"] - other["figures"]["accuracy"]["value"]) <= 0.003
    assert other["agreement"] >= 0.995 and other["largest_score_change"] > 0


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_the_number_of_threads_changes_no_bit(valence, precision):
    text = "The seats were narrow and the food was cold, but the crew could not have been kinder to us. " * 3
    answers = {valence("classify", text, "--json", "--top-k", "3", "--precision", precision, "--threads", str(threads)).stdout
               for threads in [1, 2, 3, 5]}
    assert len(answers) == 1 and "POSITIVE" in answers.pop()

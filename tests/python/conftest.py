"""What the Python tests share: the built program, and data beside the project."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _folder_from(variable):
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} is not set")
    return pathlib.Path(folder)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def program():
    path = ROOT / "build/valence"
    assert path.exists(), "build first: ./dev build"
    return path


@pytest.fixture(scope="session")
def valence(program):
    """Runs the program: valence("classify", "--json", "text", input="...") -> subprocess.CompletedProcess."""

    def run(*arguments, input=None, **options):
        options = {"capture_output": True, "encoding": "utf-8", "timeout": 300, **options}
        return subprocess.run([program, *map(str, arguments)], input=input, check=False, **options)

    return run


@pytest.fixture(scope="session")
def data():
    """The folder of labelled CSV files."""
    return _folder_from("VALENCE_DATA")


@pytest.fixture(scope="session")
def tokenizers_folder():
    """The folder of real vocabularies."""
    return _folder_from("VALENCE_TOKENIZERS")

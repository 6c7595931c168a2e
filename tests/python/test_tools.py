"""The checks themselves: each can fail, and fails for the right reason."""
import shutil
import subprocess

import pytest


def run(*command, **options):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)


@pytest.fixture
def tree(root, tmp_path):
    """A project of two small rooms."""
    (tmp_path / "tools").mkdir()
    shutil.copy(root / "tools/include_directions.txt", tmp_path / "tools")
    for name in ("src/base/low.h", "src/text/word.h", "src/format/file.h"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#pragma once\n")
    return tmp_path


def check_includes(root, tree):
    return run(root / "tools/check_includes", tree)


def test_includes_downward_are_allowed(root, tree):
    (tree / "src/text/word.h").write_text('#include <string>\n#include "base/low.h"\n')
    result = check_includes(root, tree)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(
    "includer, line, blamed",
    [
        ("src/base/low.h", '#include "text/word.h"', "src/base may not include src/text/word.h"),
        ("src/text/word.h", '#include "format/file.h"', "src/text may not include src/format/file.h"),
        ("src/text/word.h", '#include "../format/file.h"', "src/text may not include src/format/file.h"),
        ("src/format/file.h", "#  include <text/word.h>", "src/format may not include src/text/word.h"),
    ],
)
def test_includes_against_the_directions_are_named(root, tree, includer, line, blamed):
    (tree / includer).write_text(f"#pragma once\n{line}\n")
    result = check_includes(root, tree)
    assert result.returncode == 1
    assert result.stdout == f"{includer}:2: {blamed}\n"


def test_a_file_outside_every_room_is_named(root, tree):
    (tree / "src/new").mkdir()
    (tree / "src/new/thing.cpp").write_text("")
    result = check_includes(root, tree)
    assert result.returncode == 1 and "src/new/thing.cpp" in result.stdout


@pytest.mark.parametrize(
    "log, counts",
    [
        ("100% tests passed, 0 tests failed out of 7\n", "7 0 0"),
        ("71% tests passed, 2 tests failed out of 7\n", "5 2 0"),
        ("3 passed in 0.11s\n", "3 0 0"),
        ("==== 1 failed, 4 passed, 2 skipped, 1 error in 61.30s (0:01:01) ====\n", "4 2 2"),
        ("no test here\n", "0 0 0"),
    ],
)
def test_closing_lines_are_counted(root, tmp_path, log, counts):
    (tmp_path / "log").write_text("noise\n" + log)
    assert run(root / "tools/count_tests", tmp_path / "log").stdout.strip() == counts


def test_tickets_are_well_formed(root):
    import csv

    with open(root / "examples/support_tickets.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 290 and len({row["id"] for row in rows}) == len(rows)
    assert [row["created"] for row in rows] == sorted(row["created"] for row in rows)
    assert all(None not in row and row["text"].strip() for row in rows)
    assert sum(len(row["text"].split()) > 600 for row in rows) >= 3

"""What `cmake --install` installs, and that the program is one file that runs anywhere."""
import os
import re
import shutil
import subprocess

import pytest

OPTION = re.compile(r"^  (?:-\w,)*(--[a-z][\w-]*)", re.MULTILINE)  # a line of --help
MODEL = "tests/fixtures/models/bert"


def run(*command, **options):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)


def succeed(*command, **options):
    result = run(*command, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def prefix(root, program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix")
    succeed("cmake", "--install", root / "build", "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def commands(program):
    """Each command's name and the long options that its --help lists."""
    listed = succeed(program, "--help").partition("Subcommands:")[2]
    names = re.findall(r"^  (\w+) ", listed, re.MULTILINE)
    assert {"version", "completion"} <= set(names)
    return {name: set(OPTION.findall(succeed(program, name, "--help"))) for name in names}


def test_program_needs_no_shared_library(program):
    assert "not a dynamic executable" in run("ldd", program).stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change the root folder")
def test_program_runs_where_there_is_nothing_else(root, program, tmp_path):
    shutil.copy(program, tmp_path / "valence")
    assert succeed("chroot", tmp_path, "/valence", "version").startswith("valence ")
    shutil.copytree(root / MODEL, tmp_path / "model")
    answer = succeed("chroot", tmp_path, "/valence", "classify", "--model", "/model", "Some text")
    assert answer.split()[0] in ("negative", "neutral", "positive")


def test_a_project_of_its_own_links_the_library(root, prefix, tmp_path):
    succeed("cmake", "-G", "Ninja", "-S", root / "examples/library", "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")
    succeed("cmake", "--build", tmp_path)
    lines = succeed(tmp_path / "label", root / MODEL, "Some text", "Another").splitlines()
    assert len(lines) == 2
    assert all(0 < float(line.rsplit(" ", 1)[1]) <= 1 for line in lines)
    refused = run(tmp_path / "label", tmp_path / "nothing", "Some text")
    assert refused.returncode == 1 and "nothing" in refused.stderr


def test_public_headers_stand_alone(root, prefix, tmp_path):
    for header in sorted((prefix / "include/valence").iterdir()):
        source = tmp_path / "one.cpp"
        source.write_text(f'#include "valence/{header.name}"\n')
        succeed("g++", "-std=c++20", "-fsyntax-only", "-I", prefix / "include", source)


def promised_by_manual(prefix):
    """Each command's section of the manual, and the long options that have an entry there."""
    text = (prefix / "share/man/man1/valence.1").read_text(encoding="utf-8").replace("\\-", "-")
    commands = text.partition("\n.SH COMMANDS\n")[2].partition("\n.SH ")[0]
    sections = re.split(r"^\.SS valence (\w+)\n", commands, flags=re.MULTILINE)[1:]
    return {
        name: set(re.findall(r"--[a-z][\w-]*", "\n".join(re.findall(r"^\.TP\n(.*)", body, re.MULTILINE))))
        for name, body in zip(sections[::2], sections[1::2])
    }


def test_manual_says_what_help_lists(prefix, commands):
    promised = promised_by_manual(prefix)
    assert {name: options | {"--help"} for name, options in promised.items()} == commands


def completed_by_bash(prefix, line):
    script = f"""
        source {prefix}/share/bash-completion/completions/valence
        COMP_WORDS=({line}) COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        _valence; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return set(run("bash", "-c", script).stdout.split())


def completed_by_fish(prefix, line):
    script = f"source {prefix}/share/fish/vendor_completions.d/valence.fish; complete -C '{line}'"
    return {row.split("\t")[0] for row in succeed("fish", "--no-config", "-c", script).splitlines()}


def test_bash_completes_what_help_lists(prefix, commands):
    assert completed_by_bash(prefix, "valence ''") == {*commands, "--help", "--version"}
    assert completed_by_bash(prefix, "valence ver") == {"version"}
    for name, options in commands.items():
        assert completed_by_bash(prefix, f"valence {name} --") == options, name


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_what_help_lists(prefix, commands):
    assert set(commands) <= completed_by_fish(prefix, "valence ")
    for name, options in commands.items():
        assert completed_by_fish(prefix, f"valence {name} --") == options, name


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_completion_is_well_formed_and_complete(prefix, commands):
    script = prefix / "share/zsh/site-functions/_valence"
    succeed("zsh", "-n", script)
    text = script.read_text(encoding="utf-8")
    for name, options in commands.items():
        part = re.search(rf"^    {name}\) _arguments(.*?);;$", text, re.MULTILINE | re.DOTALL)[1]
        assert set(re.findall(r"'(--[\w-]+)\[", part)) == options, name


def test_completion_refuses_an_unknown_shell(valence):
    result = valence("completion", "cmd.exe")
    assert result.returncode == 2 and "bash" in result.stderr

"""Completion in a shell, as docs/cli.md sets it up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.command_line import environment

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def set_up(shell: str) -> str:
    """Return the lines that the page puts into a shell's startup file."""
    found = re.search(rf"```sh\n# ~/\.{shell}rc.*?\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def completed(*words: str) -> list[str]:
    """Return bash's completions of the last word."""
    bash = shutil.which("bash")
    if bash is None or not (BIN / words[0]).exists():
        pytest.skip("needs bash, and the commands beside the interpreter")
    program = f"""
        [[ ${{BASH_VERSINFO[0]}} -gt 4 || ${{BASH_VERSINFO[1]}} -ge 4 ]] || exit 77
        {set_up("bash")}
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _{words[0].replace("-", "_")}_completion "$1"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [bash, "--norc", "-c", program, "bash", *words],
        env=environment(PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("needs bash 4.4 or newer")
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["sfmc-mock", "cl"], ["clock"]),
        (["sfmc-mock", "clock", ""], ["advance", "set", "freeze", "run"]),
        (["sfmc-mock", "serve", "--la"], ["--lag"]),
        (["sfmc-mock", "serve", "--lag", "w"], ["worst"]),
        (["sfmc-mock", "event", "add", "HARD"], ["hardbounce"]),
        (["sfmc-client", "retr"], ["retrieve"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_bash_completes(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_the_page_sets_up_both_shells_alike() -> None:
    assert set_up("zsh") == set_up("bash").replace("bash_source", "zsh_source")

"""Messages contain commands that work in the user's shell."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.command_line import environment

# Each test starts a program.
pytestmark = pytest.mark.slow

SCRIPT = Path(sys.executable).with_name("sfmc-mock")

needs_script = pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed here")


def steps(words: list[str], folder: Path, **variables: str) -> list[str]:
    """Return the commands that `init` suggests when called with these words in a folder."""
    done = subprocess.run(
        [*words, "init"],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=True,
    )
    _, _, following = done.stdout.partition("Next:\n")
    return [line.strip() for line in following.splitlines()[::2]]


@needs_script
def test_on_the_path_the_command_is_its_name(tmp_path: Path) -> None:
    path = f"{SCRIPT.parent}:/usr/bin:/bin"

    assert "sfmc-mock docs pytest" in steps(["sfmc-mock"], tmp_path, PATH=path)


@needs_script
def test_elsewhere_it_is_the_path_of_the_script(tmp_path: Path) -> None:
    assert f"{SCRIPT} docs pytest" in steps([str(SCRIPT)], tmp_path, PATH="/usr/bin:/bin")


def test_as_a_module_it_is_this_python(tmp_path: Path) -> None:
    words = [sys.executable, "-P", "-m", "sfmc_mock"]

    assert f"{sys.executable} -m sfmc_mock docs pytest" in steps(words, tmp_path, PATH="/usr/bin")


def test_each_step_runs_in_the_shell_that_read_it(tmp_path: Path) -> None:
    words = [sys.executable, "-P", "-m", "sfmc_mock"]
    run_tests, serve, docs = steps(words, tmp_path, PATH="/usr/bin:/bin")

    for line in (f"{run_tests} --collect-only", f"{serve} --help", docs):
        done = subprocess.run(
            shlex.split(line), cwd=tmp_path, env=environment(), capture_output=True, check=False
        )
        assert done.returncode == 0, line

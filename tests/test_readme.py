"""The README's first test, step by step, as a user with only a clone runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# pip's error without access to a package index.
_NO_INDEX = re.compile(
    r"No matching distribution found for|Could not find a version that satisf|NewConnection"
)


def section(title: str) -> str:
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.search(rf"^## {title}\n(.*?)(?=^## )", readme, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def script(text: str) -> str:
    """Return the instructions of the text as a shell script: commands, and files to write."""
    steps = []
    name = ""
    blocks = re.finditer(
        r"Save this as `([^`]+)`|^```(\w+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
    )
    for found in blocks:
        if found[1]:
            name = found[1]
        elif found[2] == "console":
            steps += [line.removeprefix("$ ") for line in found[3].splitlines() if line[:2] == "$ "]
        else:
            steps.append(f"cat > {name} <<'END'\n{found[3]}END")
    return "\n".join(steps).replace("/path/to/sfmc-mock", str(ROOT))


@pytest.mark.slow
def test_the_first_test_of_the_readme_passes_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    """With the Python that runs here in the place of the system's, and pip's own settings."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "python3").symlink_to(sys.executable)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SFMC_", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "COV"))
    }

    done = subprocess.run(
        ["sh", "-e", "-c", script(section("Your first test"))],
        cwd=tmp_path,
        env={**kept, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    if done.returncode and _NO_INDEX.search(done.stdout):
        pytest.skip("pip reaches no package index here")
    assert done.returncode == 0, done.stdout
    assert re.search(r"1 passed in", done.stdout), done.stdout
    assert "plugins: sfmc-mock" in done.stdout

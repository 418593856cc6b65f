"""How the reader of a message can call this program again."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "sfmc-mock"


def command_name() -> str:
    """Return the words that run this program in the reader's shell and folder.

    `sfmc-mock` where the PATH leads to this installation, else the path of the script, else `python -m sfmc_mock`
    with the Python that runs.
    """
    script = Path(sys.argv[0])
    if script.name == "__main__.py" or not script.is_file():
        return f"{_shown(Path(sys.executable))} -m sfmc_mock"
    on_path = shutil.which(_NAME)
    if on_path is not None and os.path.samefile(on_path, script):
        return _NAME
    return _shown(script)


def shown_command(name: str, *arguments: str) -> str:
    """Return the words that run a command of this Python's environment, such as `pytest`, in the reader's shell."""
    beside = Path(sys.executable).with_name(name)
    on_path = shutil.which(name)
    words = [f"{_shown(Path(sys.executable))} -m {name}"]
    if on_path is not None and beside.exists() and os.path.samefile(on_path, beside):
        words = [name]
    return " ".join([*words, *map(shlex.quote, arguments)])


def _shown(path: Path) -> str:
    """Return a path relative to the current folder where it is below it."""
    path = Path(os.path.abspath(path))
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

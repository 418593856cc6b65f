"""The command that runs this program again, for use in messages."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "sfmc-mock"


def command_name() -> str:
    """Return the command that runs this program in the user's shell and folder.

    `sfmc-mock` if the PATH leads to this installation, else the path of the script, else `python -m sfmc_mock` with the
    running Python.
    """
    script = Path(sys.argv[0])
    if script.name == "__main__.py" or not script.is_file():
        return f"{_shown(Path(sys.executable))} -m sfmc_mock"
    on_path = shutil.which(_NAME)
    if on_path is not None and os.path.samefile(on_path, script):
        return _NAME
    return _shown(script)


def shown_command(name: str, *arguments: str) -> str:
    """Return the command that runs another program of this Python environment, such as `pytest`."""
    beside = Path(sys.executable).with_name(name)
    on_path = shutil.which(name)
    words = [f"{_shown(Path(sys.executable))} -m {name}"]
    if on_path is not None and beside.exists() and os.path.samefile(on_path, beside):
        words = [name]
    return " ".join([*words, *map(shlex.quote, arguments)])


def _shown(path: Path) -> str:
    """Return a path relative to the current folder if it is below it, else unchanged."""
    path = Path(os.path.abspath(path))
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

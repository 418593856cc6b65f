"""`sfmc-mock init`: write the files of a first project."""

from __future__ import annotations

import os
import shlex
from importlib.util import find_spec
from pathlib import Path

import click

from sfmc_mock.cli.invocation import command_name, shown_command
from sfmc_mock.errors import SetupError

_SOURCE = Path(__file__).with_name("starting_project")

# The Python files have another extension in the package, so that tools do not treat them as its code.
_FILES = {
    "account.toml": ("account.toml", "the seed of each test's account"),
    "conftest.py": ("conftest.py.txt", "makes the fixtures use account.toml"),
    "test_welcome_email.py": ("test_welcome_email.py.txt", "the first tests"),
}


@click.command(short_help="Write a first project: a seed file and tests of it.")
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Write a first project into FOLDER (default: the current one), which is created if it is missing.

    The project is a seed file with an email, a send log and a triggered send definition; a conftest.py that makes
    tests use it; and the first tests. Existing files are not changed.
    """
    _refuse_to_overwrite(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (source, _) in _FILES.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write((_SOURCE / source).read_text(encoding="utf-8"))
    except OSError as problem:
        raise SetupError(
            f"{problem.filename or folder} cannot be written: {problem.strerror}."
        ) from None
    click.echo(_written(folder))


def _refuse_to_overwrite(folder: Path) -> None:
    present = [name for name in _FILES if os.path.lexists(folder / name)]
    if present:
        raise SetupError(
            f"Already in {folder}: {', '.join(present)}. Nothing was written. Name another folder: "
            f"{command_name()} init FOLDER"
        )


def _written(folder: Path) -> str:
    width = max(map(len, _FILES)) + 2
    files = [f"  {name:{width}}{about}" for name, (_, about) in _FILES.items()]
    where = [] if folder.resolve() == Path.cwd() else [str(folder)]
    steps = [
        (shown_command("pytest", *where), "run the tests, each with its own account"),
        (
            f"{command_name()} serve --seed {shlex.quote(str(folder / 'account.toml'))}",
            "run a server with the same account, for programs in any language",
        ),
        (f"{command_name()} docs pytest", "read about the fixtures"),
    ]
    if find_spec("pytest") is None:
        steps.insert(0, (shown_command("pip", "install", "pytest"), "install pytest"))
    following = [f"  {step}\n      {about}" for step, about in steps]
    return "\n".join([f"Written into {folder}:", *files, "", "Next:", *following])

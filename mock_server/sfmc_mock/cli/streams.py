"""Standard output and standard error, when the pipe is closed or the disk is full."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def prepare() -> None:
    """Make a terminal show a question mark for characters that it cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> bool:
    """Print a line on standard error; return whether that succeeded."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)
        return False
    return True


def finish(code: int) -> int:
    """Flush the streams and return the exit code: `code`, or 1 instead of 0 if output was lost.

    Nothing is left for the interpreter to flush at its exit: if that fails, some versions print a message of their own
    and change the exit code to 120.
    """
    problem = _flush(sys.stdout)
    if problem is not None:
        code = tell_lost(problem, code)
    if _flush(sys.stderr) is not None:
        discard(sys.stderr)
    return code


def tell_lost(problem: OSError, code: int = 0) -> int:
    """Report that standard output could not be written, and return the exit code.

    A reader that closes the pipe early is not an error.
    """
    discard(sys.stdout)
    if isinstance(problem, BrokenPipeError):
        return code
    say(f"sfmc-mock: The output could not be written: {problem.strerror}.")
    return code or 1


def discard(stream: TextIO | None) -> None:
    """Discard the buffered text of a stream, and everything written to it from now on."""
    if stream is None:
        return
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        # Closed, or not a file of the operating system: nothing is flushed at exit.
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
    _flush(stream)


def _flush(stream: TextIO | None) -> OSError | None:
    try:
        if stream is not None:
            stream.flush()
    except OSError as problem:
        return problem
    except ValueError:
        # Already closed.
        return None
    return None

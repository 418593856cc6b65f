"""Standard output and standard error with a closed pipe or a full disk behind them."""

from __future__ import annotations

import os
import sys
from typing import TextIO

import click


def prepare() -> None:
    """Let a terminal that lacks a character show a question mark in its place."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> bool:
    """Print a line on standard error; return whether it could be printed."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)
        return False
    return True


def finish(code: int) -> int:
    """Write what the streams still hold, and return the exit code: `code`, or 1 for 0 where output was lost.

    Afterwards nothing is left to write when the interpreter ends: some versions print a message of their own when that
    fails, and change the exit code to 120.
    """
    problem = _flush(sys.stdout)
    if problem is not None:
        code = tell_lost(problem, code)
    if _flush(sys.stderr) is not None:
        discard(sys.stderr)
    return code


def tell_lost(problem: OSError, code: int = 0) -> int:
    """Say that standard output could not be written, and return the exit code.

    That a reader left early is no failure.
    """
    discard(sys.stdout)
    if isinstance(problem, BrokenPipeError):
        return code
    say(f"sfmc-mock: What was to be printed is lost: {problem.strerror}.")
    return code or 1


def discard(stream: TextIO | None) -> None:
    """Send what a stream holds, and all that is written to it from now on, to nowhere."""
    if stream is None:
        return
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        # Not a file of the system's, or closed: nothing is written at the end.
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
        # Closed already.
        return None
    return None

"""Sections of the page of clients: the examples that its test runs; run by cog."""

from __future__ import annotations

import tomllib
from pathlib import Path

EXAMPLES = Path("tests/foreign/clients")


def example(name: str) -> str:
    """Return how to install a client, its example, how to run that, and what it prints."""
    listed = tomllib.loads((EXAMPLES / "clients.toml").read_text(encoding="utf-8"))["client"]
    (client,) = [each for each in listed if each["name"] == name]
    lines = []
    if "install" in client:
        lines += [
            "```console",
            *(f"$ {each}" for each in client["install"].split(" && ")),
            "```",
            "",
        ]
    lines += _file(client["file"], client["language"])
    if "also" in client:
        lines += _file(client["also"], "sh")
    lines += ["```console", f"$ {client['run']}", _printed(client["prints"]), "```"]
    return "\n".join(lines)


def seed() -> str:
    """Return the seed file of the examples."""
    return "\n".join(_file("account.toml", "toml")).rstrip()


def _file(name: str, language: str) -> list[str]:
    text = (EXAMPLES / name).read_text(encoding="utf-8").rstrip()
    return [f"`{name}`:", "", f"```{language}", text, "```", ""]


def _printed(text: str) -> str:
    return f"…{text}…" if text.startswith("<") else text

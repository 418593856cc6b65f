"""`scrub --check`: check that a recording has no private data.

In a clean recording, scrubbing a file again changes no byte. Also, all files of the folder are searched for values that
look like secrets or like data of a tenant or a person.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sfmc_client.envelope import OPERATIONS
from sfmc_conformance.messages import Reason, Unreadable
from sfmc_conformance.references import ADDRESS, GUID, OnlyReferences, is_reference
from sfmc_conformance.scrubber import Scrubber
from sfmc_conformance.transcripts import (
    DEBT_FILE,
    EXCHANGE_FILE,
    FAILURES,
    FORMAT,
    HEAD_FILE,
    METHODS,
    OTHER,
    SEED_FILE,
    TOKEN,
    TranscriptError,
)
from sfmc_conformance.vocabulary import HOSTS, vocabulary

_BY_HAND: Final = (SEED_FILE, DEBT_FILE)

# Files that scrubbing checks, and the accepted form of the other lines in the TOML files of a recording.
_SCRUBBED: Final = frozenset({"url", "soap_action", "content_type", "request", "response"})
_FORMS: Final = {
    "format": str(FORMAT),
    "through": "client|proxy",
    "operation": "|".join((*OPERATIONS, TOKEN, OTHER)),
    "at": r"\d+(?:\.\d+)?",
    "method": "|".join(METHODS),
    "body": r"(?:request|response)\.(?:xml|json|form|txt)",
    "left_out": rf"\d+ bytes: (?:{'|'.join(map(re.escape, Reason))})",
    "status": r"[1-5]\d\d",
    "failure": "|".join(FAILURES),
}

_TENANT = re.compile(
    rf"([\w-]+)(?:\.(?:soap|auth|rest))?\.(?:{'|'.join(map(re.escape, HOSTS))})", re.IGNORECASE
)
# A JSON web token, or another long text of letters and digits that only a machine generates.
_TOKEN = re.compile(
    r"eyJ[\w-]{8,}|(?<![\w/+.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}(?![\w/+.-])"
)
_LONG_NUMBER = re.compile(r"(?<![\w.-])\d{7,}(?![\w.-])")


@dataclass(frozen=True, slots=True)
class Finding:
    """A value in a folder that is not a reference: its file and its kind, but never the value."""

    file: str
    looks_like: str

    def __str__(self) -> str:
        return f"{self.file}: {self.looks_like}"


def check_folder(folder: str | os.PathLike[str]) -> list[Finding]:
    """Return the findings in a folder, none for a clean one. Raises `TranscriptError` if there is no such folder."""
    path = Path(folder)
    if not path.is_dir():
        raise TranscriptError(f"There is no folder {path}. Name the folder of a recording.")
    return [
        Finding(str(file.relative_to(path)), problem)
        for file in sorted(path.rglob("*"))
        if not file.is_dir()
        for problem in _problems(file)
    ]


def _problems(file: Path) -> list[str]:
    try:
        raw = file.read_bytes()
    except OSError as problem:
        return [f"cannot be read ({problem.strerror})"]
    suspicions = list(_by_form(file, raw))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return [*suspicions, "bytes that are not text"]
    suspicions.extend(_by_looks(text))
    return list(dict.fromkeys(suspicions))


def _by_form(file: Path, raw: bytes) -> Iterator[str]:
    """Return the values that the scrubber would have replaced."""
    found: list[str] = []
    # Changes nothing, and reports everything that it would replace.
    scrubber = Scrubber(
        references=OnlyReferences(
            lambda value, what: found.append(
                f"{what} that is not a reference ({len(value)} characters)"
            )
        )
    )
    try:
        same = _scrubbed_again(file, raw, scrubber)
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError) as problem:
        reason = (
            problem if isinstance(problem, Unreadable) else "it was changed after it was written"
        )
        yield f"cannot be checked: {reason}"
        return
    yield from found
    if same is not None and same != raw and not found:
        yield "content that the recorder does not write (a comment, a space, another order)"


def _scrubbed_again(file: Path, raw: bytes, scrubber: Scrubber) -> bytes | None:
    """Return the file as the scrubber writes it; None for a file written by hand."""
    if file.name == EXCHANGE_FILE:
        return _exchange_again(raw, scrubber)
    if file.name == HEAD_FILE:
        return _head_again(raw)
    if file.name in _BY_HAND:
        return None
    match file.suffix if file.stem in {"request", "response"} else "":
        case ".xml":
            return scrubber.soap(raw)
        case ".json":
            return scrubber.json(raw)
        case ".form":
            return scrubber.form(raw)
        case ".txt":
            return scrubber.sentence(raw.decode()).encode()
    raise Unreadable("not a file of a recording; move it elsewhere")


def _exchange_again(raw: bytes, scrubber: Scrubber) -> bytes:
    import tomli_w

    table = tomllib.loads(raw.decode())
    _check_forms(table)
    table["url"] = scrubber.url(table["url"])
    if "soap_action" in table:
        table["soap_action"] = scrubber.action(table["soap_action"])
    for said in (table["request"], table["response"]):
        _check_forms(said)
        if "content_type" in said:
            said["content_type"] = scrubber.content_type(said["content_type"])
    return tomli_w.dumps(table).encode()


def _head_again(raw: bytes) -> bytes:
    import tomli_w

    table = tomllib.loads(raw.decode())
    _check_forms(table)
    return tomli_w.dumps(table).encode()


def _check_forms(content: dict[str, Any]) -> None:
    for key, value in content.items():
        form = _FORMS.get(key, "(?!)")
        if key not in _SCRUBBED and re.fullmatch(form, str(value)) is None:
            raise Unreadable("it has content that the recorder does not write")


def _by_looks(text: str) -> Iterator[str]:
    """Return values anywhere in a text that look like secrets or personal data."""
    for what, (pattern, is_fine) in _LOOKS.items():
        for match in pattern.finditer(text):
            if not is_fine(match):
                line = text.count("\n", 0, match.start()) + 1
                yield f"line {line}: what looks like {what} ({len(match[0])} characters)"


def _is_harmless(text: str) -> bool:
    known = vocabulary()
    return (
        GUID.search(text) is not None
        or known.is_word(text)
        or text in known.elements
        or re.fullmatch(r"oasis-\d+-wss-[\w-]+", text) is not None
        or re.fullmatch(r"(?:person|host)-\d+", text) is not None
        or is_reference(text.removeprefix("UsernameToken-").removeprefix("SecurityToken-"))
    )


_LOOKS: Final[dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], bool]]]] = {
    "an address": (ADDRESS, lambda match: is_reference(match[0].rstrip("."))),
    "a GUID": (GUID, lambda match: is_reference(match[0]) or match[0] in vocabulary().terms),
    "a tenant's host": (
        _TENANT,
        lambda match: re.fullmatch(r"tenant-\d+|soap|auth|rest|www|partner", match[1]) is not None,
    ),
    "a token": (_TOKEN, lambda match: _is_harmless(match[0])),
    "a number of a tenant": (_LONG_NUMBER, lambda match: is_reference(match[0])),
}
"""Patterns to search for, each with the pattern of harmless matches."""

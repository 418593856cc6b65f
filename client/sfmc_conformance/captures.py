"""Compare recorded answers that have no requests with answers of the emulator.

A file of questions has, for each answer, the calls that should make the emulator answer in the same way. Values are
compared if they are words of the service; other values only need the same form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfmc_client.envelope import OPERATIONS, PARTNER, SOAP_11, SOAP_12, Message, token_header
from sfmc_client.exchanges import Response
from sfmc_conformance.comparison import Bindings, Comparison
from sfmc_conformance.drift import Drift, sort_out
from sfmc_conformance.messages import Unreadable, read_soap
from sfmc_conformance.replay import Report, read_debt
from sfmc_conformance.replay_emulator import ReplayEmulator
from sfmc_conformance.scrubber import Scrubber
from sfmc_conformance.transcripts import DEBT_FILE, TranscriptError
from sfmc_conformance.vocabulary import HOSTS, SOAP_PATH

if TYPE_CHECKING:
    from lxml import etree

# Faults name the endpoint that was called: that of the first tenant in a recording.
_ENDPOINT: Final = f"https://tenant-1.soap.{HOSTS[0]}{SOAP_PATH}"
_SUFFIXES: Final = (".xml", ".txt")


@dataclass(frozen=True, slots=True)
class Call:
    """An operation, and the content of its message."""

    operation: str
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The calls for one capture: calls that prepare it, and the call itself, or `raw` bytes instead.

    `results` is the number of Results to compare in each answer; by default all.
    """

    file: str
    before: tuple[Call, ...] = ()
    call: Call | None = None
    raw: str = ""
    soap12: bool = False
    expired_token: bool = False
    results: int | None = None


def verify_captures(
    folder: Path, questions: Path, *, strict: bool = True, known: Path | None = None
) -> Report:
    """Call the emulator as a file of questions says for each capture in a folder, and report the differences.

    `known` is the file of known differences, by default `known-drift.toml` beside the questions. Raises
    `TranscriptError` if a file cannot be read.
    """
    asked, left_out = read_questions(questions)
    debt = read_debt(questions.parent / DEBT_FILE if known is None else known)
    names = sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.suffix in _SUFFIXES and not file.name.endswith(".request.xml")
    )
    if not names:
        raise TranscriptError(
            f"{folder} holds no answers (.xml, .txt). Name the folder of the captures."
        )
    report = Report(exchanges=len(names))
    drift: list[Drift] = []
    for name in names:
        if name in asked:
            report.compared.append(name)
            drift.extend(_drift(folder / name, asked[name], strict=strict))
        else:
            report.skipped.append((name, left_out.get(name, "there is no question for it")))
    report.drift, report.known, report.unused = sort_out(drift, debt)
    return report


def read_questions(path: Path) -> tuple[dict[str, Question], dict[str, str]]:
    """Return the questions of a file by capture, and the reasons for captures without one, by capture.

    Raises `TranscriptError` with the problem.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        questions = [_question(table) for table in content.get("capture", [])]
        left_out = {
            str(table["file"]): str(table["reason"]) for table in content.get("left_out", [])
        }
    except OSError as problem:
        raise TranscriptError(
            f"The questions in {path} cannot be read: {problem.strerror}."
        ) from None
    except (ValueError, KeyError, TypeError) as problem:
        raise TranscriptError(
            f"The questions in {path} are not valid: {problem}. Each [[capture]] has a file, and "
            "operation and content, or raw; each [[left_out]] a file and a reason."
        ) from None
    return {question.file: question for question in questions}, left_out


def _question(content: Mapping[str, Any]) -> Question:
    if "operation" not in content and "raw" not in content:
        raise ValueError(f"{content['file']} has neither operation nor raw")
    names = ("file", "raw", "soap12", "expired_token", "results")
    return Question(
        before=tuple(map(_call, content.get("before", []))),
        call=_call(content) if "operation" in content else None,
        **{name: content[name] for name in names if name in content},
    )


def _call(content: Mapping[str, Any]) -> Call:
    operation = str(content["operation"])
    if operation not in OPERATIONS:
        raise ValueError(f"{operation} is not an operation")
    return Call(operation, str(content["content"]))


def _drift(path: Path, question: Question, *, strict: bool) -> list[Drift]:
    with ReplayEmulator(strict=strict) as emulator:
        for call in question.before:
            _ask(emulator, call, emulator.token())
        token = emulator.token(expired=question.expired_token)
        if question.call is None:
            answer = emulator.send(_ENDPOINT, {"Content-Type": "text/xml"}, question.raw.encode())
        else:
            answer = _ask(emulator, question.call, token, soap12=question.soap12)
    recorded, kind = _scrubbed(path)
    own = answer.body
    if question.results is not None:
        recorded, own = (_first(each, question.results) for each in (recorded, own))
    name = question.file.removesuffix(path.suffix)
    comparison = Comparison(exchange="", call=name, bindings=Bindings())
    status = re.search(r"\.http(\d{3})\.", path.name)
    comparison.status(int(status[1]) if status else 200, answer.status)
    comparison.body(kind, recorded, own)
    return comparison.drift


def _ask(emulator: ReplayEmulator, call: Call, token: str, *, soap12: bool = False) -> Response:
    operation = OPERATIONS[call.operation]
    body = f'<{operation.message} xmlns="{PARTNER}">{call.content}</{operation.message}>'
    envelope = Message(operation, body, "").envelope(_ENDPOINT, token_header(token))
    if soap12:
        envelope = envelope.replace(SOAP_11.encode(), SOAP_12.encode())
    kind = "application/soap+xml" if soap12 else "text/xml"
    return emulator.send(_ENDPOINT, {"Content-Type": f"{kind}; charset=utf-8"}, envelope)


def _scrubbed(path: Path) -> tuple[bytes, str]:
    raw = path.read_bytes()
    try:
        scrubbed = Scrubber().message(raw, "text/plain" if path.suffix == ".txt" else "text/xml")
    except Unreadable as unreadable:
        raise TranscriptError(f"The capture {path} cannot be read: {unreadable}.") from None
    return scrubbed.body, scrubbed.kind


def _first(body: bytes, number: int) -> bytes:
    """Return an answer with only the first `number` Results."""
    from lxml import etree

    root: etree._Element = read_soap(body)
    for element in list(root.iter("{*}Results"))[number:]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return etree.tostring(root)

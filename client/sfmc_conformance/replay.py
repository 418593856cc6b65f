"""`sfmc-mock verify`: send recorded requests to the emulator, and compare the answers."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sfmc_client.envelope import XSI
from sfmc_client.exchanges import Response
from sfmc_client.text_safety import escape
from sfmc_conformance.comparison import Bindings, Comparison
from sfmc_conformance.drift import Drift, KnownDrift, read_known, sort_out
from sfmc_conformance.messages import first_text, leaf_text, local_name, soap_or_none
from sfmc_conformance.page_joining import PageJoiner
from sfmc_conformance.prerequisites import Prerequisites
from sfmc_conformance.references import REFERENCE, is_reference
from sfmc_conformance.replay_emulator import Login, ReplayEmulator
from sfmc_conformance.transcripts import (
    DEBT_FILE,
    SEED_FILE,
    TOKEN,
    RecordedExchange,
    Recording,
    Said,
    TranscriptError,
    read_recording,
)

if TYPE_CHECKING:
    from lxml import etree

_READS: Final = frozenset({"Retrieve", "Describe", "GetSystemStatus", "VersionInfo", TOKEN})

# Events caused by people, not by calls: a recording only shows that they happened.
_EVENTS: Final = frozenset(
    {
        *("OpenEvent", "ClickEvent", "BounceEvent", "UnsubEvent", "SurveyEvent"),
        *("ForwardedEmailEvent", "ForwardedEmailOptInEvent"),
    }
)
_BOUNCES: Final = {"SoftBounce": "softbounce", "OtherBounce": "technicalbounce"}


@dataclass(slots=True)
class Report:
    """The result of a comparison.

    `drift` are new differences, `known` are known ones with their entries, `unused` are entries that matched none.
    `compared` of `exchanges` were compared; `skipped` has the reasons for the others. `notes` list what was done to
    make the answers comparable.
    """

    exchanges: int = 0
    compared: list[str] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    known: list[tuple[Drift, KnownDrift]] = field(default_factory=list)
    unused: list[KnownDrift] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether all differences are known."""
        return not self.drift

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "exchanges": self.exchanges,
            "compared": self.compared,
            "drift": [each.as_json() for each in self.drift],
            "known": [each.as_json(reason=entry.reason) for each, entry in self.known],
            "unused": [{"path": entry.where, "reason": entry.reason} for entry in self.unused],
            "skipped": [{"exchange": name, "reason": reason} for name, reason in self.skipped],
            "notes": self.notes,
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report in text form."""
        unused = "Entries of known drift that nothing needed"
        for title, entries in {
            "Drift": [each.listed for each in self.drift],
            "Known drift": [f"{each.listed}\n    {entry.reason}" for each, entry in self.known],
            unused: [f"{entry.where}\n    {entry.reason}" for entry in self.unused],
            "Not compared": [f"{name}  {reason}" for name, reason in self.skipped],
            "Notes": self.notes,
        }.items():
            if entries:
                yield f"{title}:"
                yield from (f"  {entry}" for entry in entries)
        yield (
            f"{self.exchanges} exchanges, {len(self.compared)} compared: "
            f"{len(self.drift)} new differences, {len(self.known)} known."
        )


def verify(
    folder: str | os.PathLike[str], *, strict: bool = True, known: Path | None = None
) -> Report:
    """Replay a recording on an emulator with a fresh account, and report the differences.

    The account is the default one, or that of the seed file `account.toml` beside the exchanges, with the credentials
    of the recording. `known` is the file of known differences, by default `known-drift.toml` in the folder. `strict`
    makes the emulator behave like the live service where the documented samples need leniency. Raises `TranscriptError`
    if the folder has no recording, or one of its files is damaged.
    """
    recording = read_recording(folder)
    debt = read_debt(recording.folder / DEBT_FILE if known is None else known)
    seed = recording.folder / SEED_FILE
    logins = _Logins.of(recording)
    with ReplayEmulator(
        strict=strict,
        seed=seed if seed.exists() else None,
        users=logins.users,
        packages=logins.packages,
        mid=logins.mid,
    ) as emulator:
        replay = _Replay(emulator, recording, logins)
        report = replay.run()
    report.drift, report.known, report.unused = sort_out(report.drift, debt)
    return report


def read_debt(path: Path) -> list[KnownDrift]:
    """Return the known differences of a file; none if it does not exist.

    Raises `TranscriptError` for an invalid one.
    """
    try:
        return read_known(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise TranscriptError(f"The known differences in {path} cannot be read: {reason}") from None


class _Replay:
    """The replay of one recording."""

    def __init__(self, emulator: ReplayEmulator, recording: Recording, logins: _Logins) -> None:
        self._emulator = emulator
        self._recording = recording
        self._lone_tokens = logins.lone_tokens
        self._bindings = Bindings()
        self._prerequisites = Prerequisites(emulator, self._bindings)
        self._pages = PageJoiner(recording.exchanges)
        self._report = Report(exchanges=len(recording.exchanges))

    def run(self) -> Report:
        """Replay all exchanges in order."""
        repeated = _polls(self._recording.exchanges)
        for exchange in self._recording.exchanges:
            reason = _cannot_be_replayed(exchange)
            if reason:
                self._report.skipped.append((exchange.folder, reason))
                continue
            drift = self._replay(exchange)
            if exchange.number in repeated and drift:
                # Events become visible after a delay: the last Retrieve is compared.
                last = repeated[exchange.number]
                self._report.skipped.append((exchange.folder, f"asked again in {last:04}"))
            else:
                self._report.compared.append(exchange.folder)
                self._report.drift.extend(drift)
        self._report.notes.extend(f"made before: {made}" for made in self._prerequisites.made)
        self._report.notes.extend(
            f"the emulator failed: {type(problem).__name__}: {problem}"
            for problem in self._emulator.problems
        )
        return self._report

    def _replay(self, exchange: RecordedExchange) -> list[Drift]:
        self._emulator.at(exchange.at)
        for token in self._lone_tokens:
            self._bindings.bind(token, self._emulator.token())
        done_already = self._prerequisites.before(exchange)
        request = exchange.request
        written = _WRITTEN.get(request.kind, str)
        body = self._bindings.fill(request.body.decode(), written).encode()
        if done_already:
            # The object existed before the recording began.
            self._send(exchange, body)
        answer = self._send(exchange, body)
        if self._add_missing_events(exchange, body, answer):
            answer = self._send(exchange, body)
        self._prerequisites.after(exchange)
        return self._compared(exchange, body, answer)

    def _send(self, exchange: RecordedExchange, body: bytes) -> Response:
        headers = {"Content-Type": exchange.request.content_type}
        if exchange.soap_action is not None:
            headers["SOAPAction"] = exchange.soap_action
        return self._emulator.send(exchange.url, headers, body)

    def _compared(self, exchange: RecordedExchange, body: bytes, answer: Response) -> list[Drift]:
        comparison = Comparison(
            exchange=exchange.folder,
            call=call_name(exchange.operation, exchange.request),
            bindings=self._bindings,
            request=body.decode(),
        )
        comparison.status(exchange.status, answer.status)
        comparison.content_type(
            exchange.response.content_type, answer.headers.get("content-type", "")
        )
        comparison.body(exchange.response.kind, *self._pages.joined(exchange, answer.body))
        return comparison.drift

    # Events caused by people.

    def _add_missing_events(
        self, exchange: RecordedExchange, body: bytes, answer: Response
    ) -> bool:
        """Make the tracking events that the recording shows and the emulator lacks; return whether it made any."""
        root = soap_or_none(body)
        event = "" if root is None else first_text(root, "ObjectType")
        if root is None or event not in _EVENTS:
            return False
        recorded, own = _results(exchange.response.body), _results(answer.body)
        asked = _equals(root)
        happened = [
            self._emulator.make_happen(_kind(event, result), {**asked, **self._known(result)})
            for result in recorded[len(own) :]
        ]
        if any(happened):
            self._report.notes.append(f"{exchange.folder}: made to happen: {sum(happened)} {event}")
        return any(happened)

    def _known(self, result: etree._Element) -> dict[str, str]:
        """Return the values of a recorded event, with references replaced by the emulator's values."""
        leaves = {
            local_name(element): leaf_text(element) for element in result if leaf_text(element)
        }
        return {
            name: self._bindings.shown(value)
            for name, value in leaves.items()
            if all(self._bindings[reference] is not None for reference in REFERENCE.findall(value))
        }


@dataclass(frozen=True, slots=True)
class _Logins:
    """The credentials in a recording that the service accepted."""

    users: tuple[Login, ...]
    packages: tuple[Login, ...]
    mid: int | None
    lone_tokens: tuple[str, ...]
    """Tokens issued before the recording began."""

    @classmethod
    def of(cls, recording: Recording) -> _Logins:
        users: dict[str, Login] = {}
        packages: dict[str, Login] = {}
        given: set[str] = set()
        used: dict[str, None] = {}
        mid = None
        for exchange in recording.exchanges:
            if exchange.operation == TOKEN:
                asked = _fields(exchange.request)
                given.update(REFERENCE.findall(exchange.response.body.decode()))
                if exchange.status == 200:
                    client = asked.get("client_id") or asked.get("clientId") or ""
                    secret = asked.get("client_secret") or asked.get("clientSecret") or ""
                    packages.setdefault(client, Login(client, secret))
                    account = asked.get("account_id", "")
                    mid = int(account) if account.isascii() and account.isdigit() else mid
            elif (
                exchange.status == 200 and (root := soap_or_none(exchange.request.body)) is not None
            ):
                name, proof = first_text(root, "Username"), first_text(root, "Password")
                token = first_text(root, "fueloauth") or first_text(root, "oAuthToken")
                if token:
                    used[token] = None
                elif name and proof:
                    users.setdefault(name, Login(name, proof))
        lone = tuple(each for each in used if each not in given and is_reference(each))
        return cls(tuple(users.values()), tuple(packages.values()), mid, lone)


def call_name(operation: str, request: Said) -> str:
    """Return the name of a call in reports: the operation, and the type that it is about.

    The name of a token request is `token`.
    """
    root = soap_or_none(request.body) if request.kind == "xml" else None
    about = "" if root is None else _about(root)
    return f"{operation}/{about}" if about else operation


def _about(root: etree._Element) -> str:
    for element in root.iter(
        "{*}ObjectType", "{*}Objects", "{*}Configuration", "{*}Definition", "{*}Interaction"
    ):
        kind = leaf_text(element) or str(element.get(f"{{{XSI}}}type") or "").rpartition(":")[2]
        if kind:
            return kind.partition("[")[0]
    return next((leaf_text(name) for name in root.iterfind(".//{*}Requests/{*}Name")), "")


def _cannot_be_replayed(exchange: RecordedExchange) -> str:
    if exchange.method != "POST":
        return f"a {exchange.method}, which is not replayed"
    if exchange.request.left_out or not exchange.request.kind:
        return f"its request is not recorded ({exchange.request.left_out or 'no body'})"
    if exchange.status is None:
        return f"no answer was recorded ({exchange.failure or 'no reason given'})"
    return ""


def _polls(exchanges: Sequence[RecordedExchange]) -> dict[int, int]:
    """Return the exchanges that are repeated later with no write in between, with the number of the last repetition."""
    found: dict[int, int] = {}
    asked: dict[str, int] = {}
    for exchange in exchanges:
        if exchange.operation not in _READS:
            asked.clear()
        elif exchange.operation == "Retrieve" and (question := _question(exchange.request)):
            if question in asked:
                found[asked[question]] = exchange.number
            asked[question] = exchange.number
    # The last one is compared, however often it was repeated.
    for number in sorted(found, reverse=True):
        found[number] = found.get(found[number], found[number])
    return found


def _question(request: Said) -> str:
    """Return the body of a request, without the parts that differ in each call."""
    from lxml import etree

    root = soap_or_none(request.body)
    body = None if root is None else next(root.iterchildren("{*}Body"), None)
    if body is None or not len(body):
        return ""
    return str(etree.tostring(body[0], encoding="unicode"))


def _results(body: bytes) -> list[etree._Element]:
    root = soap_or_none(body)
    return [] if root is None else list(root.iter("{*}Results"))


def _equals(root: etree._Element) -> dict[str, str]:
    """Return the properties that a filter compares with `equals`, with their values."""
    parts = [element.getparent() for element in root.iter("{*}Property")]
    return {
        part.findtext("{*}Property", "").strip(): part.findtext("{*}Value", "").strip()
        for part in parts
        if part is not None and part.findtext("{*}SimpleOperator", "").strip() == "equals"
    }


def _kind(event: str, result: etree._Element) -> str:
    if event != "BounceEvent":
        return event
    return _BOUNCES.get(first_text(result, "EventType"), "hardbounce")


def _fields(request: Said) -> dict[str, str]:
    from urllib.parse import parse_qsl

    if request.kind == "form":
        return dict(parse_qsl(request.body.decode()))
    if request.kind != "json":
        return {}
    content = json.loads(request.body)
    return {str(name): str(value) for name, value in content.items()}


# The form of a value in a request, by its kind.
_WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "xml": escape,
    "json": lambda text: json.dumps(text)[1:-1],
    "form": quote,
}

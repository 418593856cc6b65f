"""The ledger of a run on a real tenant: its sends and objects, in a file that all its processes share."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_IDENTITIES: Final = (
    *("ObjectID", "ID", "PartnerKey"),
    *("CustomerKey", "SubscriberKey", "Name", "ListName", "EmailAddress"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """An object that the run made: its type, the operation that made it, and its identities."""

    type_name: str
    operation: str
    identities: Mapping[str, str]

    def is_named_by(self, identities: Mapping[str, str]) -> bool:
        """Whether an object with these identities is this one: at least one is given, and none differs."""
        return bool(identities) and all(
            self.identities.get(name) == value for name, value in identities.items()
        )

    def __str__(self) -> str:
        shown = (
            "CustomerKey",
            "SubscriberKey",
            "Name",
            "ListName",
            "ObjectID",
            "ID",
            "EmailAddress",
        )
        name = next((self.identities[key] for key in shown if key in self.identities), "?")
        return f"{self.type_name} {name}"


class Ledger:
    """A file of JSON lines about calls that write; all processes of a run append to it. It holds no secrets."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _add(self, **entry: object) -> None:
        # One write in append mode: processes do not cut each other's lines.
        line = json.dumps(entry).encode() + b"\n"
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def _entries(self, kind: str) -> list[dict[str, Any]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        # A reader may see the beginning of a line that another process is still writing.
        lines = content[: content.rfind(b"\n") + 1].splitlines()
        return [entry for entry in map(json.loads, lines) if entry["kind"] == kind]

    # Sends.

    def reserve(self, count: int, most: int) -> bool:
        """Reserve a number of messages; return whether the run may send so many in all.

        Reservations are granted in the order of their lines, so all processes agree. Refused ones do not count.
        """
        number = uuid.uuid4().hex
        self._add(kind="send", number=number, count=count)
        granted = 0
        for entry in self._entries("send"):
            wanted = int(entry["count"])
            fits = granted + wanted <= most
            if entry["number"] == number:
                return fits
            granted += wanted if fits else 0
        return False

    def sent(self, count: int) -> None:
        """Record a number of messages that were sent to the service."""
        self._add(kind="sent", count=count)

    @property
    def sends(self) -> int:
        """The number of messages that the run has sent."""
        return sum(int(entry["count"]) for entry in self._entries("sent"))

    # Objects that must be removed.

    @contextmanager
    def making(self, objects: Iterable[Made], *, seconds: float) -> Iterator[None]:
        """Announce objects that the block creates in the service; `seconds` is the longest that the block can take.

        Another process may see an object in the service before this one has its answer.
        """
        number = uuid.uuid4().hex
        until = time.time() + seconds
        for made in objects:
            self._add(kind="making", number=number, until=until, **_entry(made))
        try:
            yield
        finally:
            self._add(kind="decided", number=number)

    def making_now(self, type_name: str | None, names: Mapping[str, str]) -> set[str]:
        """Return the numbers of the Creates without an answer yet that may be of the object with a type and names."""
        now = time.time()
        return {
            entry["number"]
            for entry in self._undecided()
            if entry["type"] == type_name
            and entry["until"] > now
            and all(entry["identities"].get(name, value) == value for name, value in names.items())
        }

    @property
    def unfinished(self) -> list[Made]:
        """The objects that were announced by processes that ended before they had the service's answer."""
        return [_made(entry) for entry in self._undecided()]

    def _undecided(self) -> list[dict[str, Any]]:
        announced = self._entries("making")
        decided = {entry["number"] for entry in self._entries("decided")}
        return [entry for entry in announced if entry["number"] not in decided]

    def made(self, made: Made) -> None:
        """Record an object that the run made."""
        self._add(kind="made", **_entry(made))

    def removed(self, made: Made) -> None:
        """Record that an object was removed."""
        self._add(kind="removed", type=made.type_name, identities=dict(made.identities))

    def left(self, what: str) -> None:
        """Record something that the run made, or may have made, and cannot remove."""
        self._add(kind="left", what=what)

    @property
    def remaining(self) -> list[Made]:
        """The objects that the run made and has not removed, the latest first."""
        objects = [_made(entry) for entry in self._entries("made")]
        for entry in self._entries("removed"):
            named = (entry["type"], entry["identities"])
            gone = [made for made in objects if (made.type_name, made.identities) == named]
            if gone:
                objects.remove(gone[0])
        return objects[::-1]

    @property
    def leftovers(self) -> list[str]:
        """The things that the run cannot remove, each once."""
        return list(dict.fromkeys(entry["what"] for entry in self._entries("left")))

    # A dry run.

    def plan(self, call: str) -> None:
        """Record a call that would be made."""
        self._add(kind="planned", call=call)

    @property
    def planned(self) -> list[str]:
        """The calls that would be made, each once, in order."""
        return list(dict.fromkeys(entry["call"] for entry in self._entries("planned")))


def _entry(made: Made) -> dict[str, Any]:
    return {
        "type": made.type_name,
        "operation": made.operation,
        "identities": dict(made.identities),
    }


def _made(entry: Mapping[str, Any]) -> Made:
    return Made(entry["type"], entry["operation"], entry["identities"])


def identities_of(properties: Mapping[str, object]) -> dict[str, str]:
    """Return the properties of an object that identify it."""
    return {
        name: value
        for name in _IDENTITIES
        if isinstance(value := properties.get(name), str) and value
    }

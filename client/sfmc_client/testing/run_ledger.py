"""Record of what a run did on a real tenant, written at once and shared by all processes of the run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_IDENTITIES: Final = (
    *("ObjectID", "ID", "PartnerKey"),
    *("CustomerKey", "SubscriberKey", "Name", "ListName", "EmailAddress"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """An object that the run made: its type, the operation that made it, and all that it can be named by."""

    type_name: str
    operation: str
    identities: Mapping[str, str]

    def is_named_by(self, identities: Mapping[str, str]) -> bool:
        """Whether an object of this type with these identities is this one: one at least, and no other value."""
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
    """A file to which every process of a run appends, a line for each call that writes; nothing in it is secret."""

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
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [entry for entry in map(json.loads, lines) if entry["kind"] == kind]

    # Sends.

    def reserve(self, count: int, most: int) -> bool:
        """Write down that so many messages are about to be sent; return whether the run may send as many in all."""
        self._add(kind="send", count=count)
        return self._total("send") <= most

    def sent(self, count: int) -> None:
        """Write down that so many messages were handed to the service."""
        self._add(kind="sent", count=count)

    @property
    def sends(self) -> int:
        """How many messages the run has sent."""
        return self._total("sent")

    def _total(self, kind: str) -> int:
        return sum(int(entry["count"]) for entry in self._entries(kind))

    # What was made, and has to go.

    def made(self, made: Made) -> None:
        """Write down an object that the run made."""
        self._add(
            kind="made",
            type=made.type_name,
            operation=made.operation,
            identities=dict(made.identities),
        )

    def removed(self, made: Made) -> None:
        """Write down that an object is gone again."""
        self._add(kind="removed", type=made.type_name, identities=dict(made.identities))

    def left(self, what: str) -> None:
        """Write down something that the run made, or may have made, and cannot take away."""
        self._add(kind="left", what=what)

    @property
    def remaining(self) -> list[Made]:
        """What the run made and has not removed, the latest first."""
        objects = [
            Made(entry["type"], entry["operation"], entry["identities"])
            for entry in self._entries("made")
        ]
        for entry in self._entries("removed"):
            named = (entry["type"], entry["identities"])
            gone = [made for made in objects if (made.type_name, made.identities) == named]
            if gone:
                objects.remove(gone[0])
        return objects[::-1]

    @property
    def leftovers(self) -> list[str]:
        """What the run cannot take away, each once."""
        return list(dict.fromkeys(entry["what"] for entry in self._entries("left")))

    # A dry run.

    def plan(self, call: str) -> None:
        """Write down what would be done."""
        self._add(kind="planned", call=call)

    @property
    def planned(self) -> list[str]:
        """What would be done, each once, in order."""
        return list(dict.fromkeys(entry["call"] for entry in self._entries("planned")))


def identities_of(properties: Mapping[str, object]) -> dict[str, str]:
    """Return what of an object's properties names it."""
    return {
        name: value
        for name in _IDENTITIES
        if isinstance(value := properties.get(name), str) and value
    }

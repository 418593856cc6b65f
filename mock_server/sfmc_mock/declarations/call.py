"""A running call, and the outcome of one of its objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from sfmc_mock.account import Account
from sfmc_mock.diagnostics import CallWarnings, cut
from sfmc_mock.errors import Refused
from sfmc_mock.limits import MAX_OPERANDS
from sfmc_mock.wire.compression import decompressed
from sfmc_mock.wire.struct import Struct, names_and_values

# What each operation does, and the code that says that it does not do the rest (documented, with its text).
_SAVE_ACTIONS = {
    "Create": (68000, ("Default", "AddOnly", "UpdateAdd")),
    "Update": (68001, ("Default", "UpdateOnly", "UpdateAdd")),
}


@dataclass(slots=True)
class Call:
    """A running call: its account, its rules, and its warnings."""

    account: Account
    caller: str = ""
    request_id: str = ""
    page_size: int = 2_500
    most_operands: int = MAX_OPERANDS
    warnings: CallWarnings = field(default_factory=CallWarnings)
    save_actions: dict[str, str] = field(default_factory=dict)
    """SaveAction by PropertyName, from the call's options."""
    scopes: frozenset[str] | None = None
    """The scopes of the caller; None for a caller without any restriction."""
    origin: Account | None = None
    """The caller's own account, where the call works on another one."""
    schedule: Struct | None = None
    """The ScheduleDefinition of a Schedule."""
    sends: list[int] = field(default_factory=list)
    """The sends that the call made."""
    refused: Callable[[int], Refused | None] | None = None
    """Returns the refusal of an object by its place in the call, before any work on it; None without one."""
    seconds_to_count: float | None = None
    """The time after which counting of events may stop, None for no limit."""
    is_counted: bool = True
    """Whether the counters that the call reads include all events."""

    @property
    def strict(self) -> bool:
        return self.account.strict

    def count_events(self) -> None:
        """Update the counters; `is_counted` says whether `seconds_to_count` were enough."""
        self.is_counted = self.account.count_events(self.seconds_to_count)

    def may(self, scope: str) -> bool:
        """Say whether the caller has a scope; every caller has the empty one."""
        return self.scopes is None or not scope or scope in self.scopes

    def on(self, account: Account) -> Call:
        """Return the call as one on another account, with the same warnings."""
        if account is self.account:
            return self
        return replace(self, account=account, origin=self.origin or self.account)

    @property
    def home(self) -> Account:
        """The account that the caller belongs to."""
        return self.origin or self.account

    def warn(self, text: str) -> None:
        """Add a warning to the call, once."""
        self.warnings.append(text)

    def named_values(self, pairs: list[Struct]) -> dict[str, str]:
        """Return repeated `{Name, Value}` elements as a mapping; the last value of a name counts.

        Compressed values are decompressed.
        """
        values = names_and_values(pairs)
        for pair in pairs:
            if "Compression" in pair.values:
                values |= self._decompressed(pairs)
                break
        if len(pairs) > 1 and len({name.casefold() for name in values}) < len(pairs):
            names = Counter((pair.text("Name") or "").casefold() for pair in pairs)
            for name, count in names.items():
                if count > 1:
                    self.warn(
                        f"{cut(name, 50)} is given {count} times: the last value counts, the others have no effect"
                    )
        return values

    def _decompressed(self, pairs: list[Struct]) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in pairs:
            if not (pair.part("Compression") or pair).values.get("Type"):
                continue
            name = pair.text("Name") or ""
            value = decompressed(pair.text("Value") or "")
            if value is None:
                self.warn(
                    f"the value of {cut(name, 50)} is not base64 of gzip data, or is too long: it was used as sent"
                )
            else:
                found[name] = value
        return found

    def note_send(self, number: int | None) -> None:
        """Record a send that the call made, if there is one."""
        if number is not None:
            self.sends.append(number)

    def settle(self) -> None:
        """Run the due actions of the account, and warn of those that failed."""
        self.account.settle()
        for told in self.account.take_warnings():
            self.warn(told)

    def save_action(self, object_type: str, operation: str) -> str:
        """Return the SaveAction that the options give for a type; `Default` without one.

        Raises `Refused` for one that the operation (`Create` or `Update`) does not support.
        """
        if not self.save_actions:
            return "Default"
        action = self.save_actions[save_option_for(object_type, self.save_actions)]
        code, done = _SAVE_ACTIONS[operation]
        if action not in done:
            raise Refused(code, f"{operation}Single: SaveAction: {action} violation")
        return action


def save_option_for(object_type: str, names: Collection[str]) -> str:
    """Return which SaveOption counts for the objects of a type, of the PropertyNames of one or more options."""
    # Clients name a key property, or the class in another case: one option means the object (assumed).
    return next((name for name in (object_type, "*") if name in names), next(iter(names)))


@dataclass(slots=True)
class Outcome:
    """The outcome of an accepted object of a batch: the content of its result.

    `message` None leaves StatusMessage out; `echo` is the object as the result shows it; `extra` are further elements
    of the result.
    """

    message: str | None
    echo: Struct | None = None
    new_id: int = 0
    new_object_id: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
    refusal: Refused | None = None
    """Set when the object is refused although its changes are committed."""


def task_result(number: int | None = None, instance: str = "") -> Struct:
    """Return the Task of a successful result: its ID and the ObjectID of its run, where it has them."""
    values: dict[str, object] = {"StatusCode": "OK", "StatusMessage": "OK"}
    if number is not None:
        values["ID"] = str(number)
    if instance:
        values["InteractionObjectID"] = instance
    return Struct("TaskResult", values)


def echoed(sent: Struct, **changes: object) -> Struct:
    """Return the sent object with some fields set, as results echo it."""
    return Struct(sent.type, {**sent.values, **changes})

"""Chaos rules: the calls that they match, and their effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final

from sfmc_mock.chaos.effects import EFFECTS, Effect, Readers, parse_effect, read_table
from sfmc_mock.errors import SetupError
from sfmc_mock.terminal import printable
from sfmc_mock.wire.catalogue import catalogue

_MATCHES: Final = ("operation", "object", "to", "caller")
_COUNTS: Final = ("nth", "skip", "times")
KEYS: Final = ("name", *_MATCHES, *_COUNTS, "probability", "since", "until", *EFFECTS)
"""All keys of a rule."""

TOKEN = "Token"
"""The operation of a request for a token, beside the thirteen of the service."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule: a call must match all its conditions; patterns may have `*` and `?`, and ignore case.

    `operation` is one of the thirteen, or `Token` for a request for a token, which `*` does not mean. `object` is the
    type of an API object (`DataExtensionObject[Orders]` too), `to` a recipient's address or SubscriberKey, `caller` the
    caller, as the journal writes it. The first `skip` matching calls pass; the rule then acts on at most `times` calls,
    on each with `probability`. `since` and `until` bound it in the account's time.
    """

    name: str
    effect: Effect
    operation: str = "*"
    object: str = "*"
    to: str = "*"
    caller: str = "*"
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    since: datetime | None = None
    until: datetime | None = None
    table: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """The rule as it was written, in values of JSON."""

    def fits_call(self, operation: str, caller: str, now: datetime) -> bool:
        """Whether the rule matches a call, apart from its objects."""
        return (
            # A rule for every operation is one for the service's own: a request for a token must be named.
            _fits(self.operation, operation)
            and (operation != TOKEN or self.operation != "*")
            and _fits(self.caller, caller)
            and (self.since is None or now >= self.since)
            and (self.until is None or now < self.until)
        )

    def fits_object(self, object_type: str, recipients: Sequence[str]) -> bool:
        """Whether the rule matches an object of a type with recipients."""
        # `DataExtensionObject` means the rows of any.
        plain = object_type.partition("[")[0]
        return (_fits(self.object, object_type) or _fits(self.object, plain)) and (
            self.to == "*" or any(_fits(self.to, recipient) for recipient in recipients)
        )


def parse_rules(tables: object, where: str = "chaos") -> tuple[Rule, ...]:
    """Return rules from a list of tables. Raises `SetupError`."""
    if not isinstance(tables, list):
        raise SetupError(f"{where} must be a list of rules.")
    rules = [
        parse_rule(table, f"{where} rule {number}") for number, table in enumerate(tables, start=1)
    ]
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise SetupError(
                f"{where}: two rules are called {name!r}. Give each a name of its own."
            )
    return tuple(rules)


def parse_rule(table: object, where: str = "chaos rule") -> Rule:
    """Return the rule that a table (of TOML or JSON, or keyword arguments) describes. Raises `SetupError`."""
    if not isinstance(table, Mapping):
        raise SetupError(f"{where} must be a table such as {{operation = 'Create', status = 503}}.")
    for key in table:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(KEYS)}."
            raise SetupError(f"{where}: there is no key {key!r}.{hint}")
    table = {key: value for key, value in table.items() if value is not None}
    name = read_table({"name": _text}, table, where).get("name") or _default_name(table)
    where = f"{where} ({printable(name)})"
    said = read_table(_READERS, table, where)
    _check_operation(said.get("operation", "*"), where)
    _count_out(said, where)
    return Rule(
        name=name,
        effect=parse_effect(table, where),
        table={key: _plain(value) for key, value in {**table, "name": name}.items()},
        **said,
    )


def _check_operation(pattern: str, where: str) -> None:
    known = (*catalogue().operations, TOKEN)
    if not any(_fits(pattern, name) for name in known):
        near = get_close_matches(pattern, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
        raise SetupError(f"{where}: there is no operation {pattern!r}. {hint}")


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _default_name(table: Mapping[str, object]) -> str:
    parts = [str(table[key]) for key in _MATCHES if key in table]
    effect = next((key for key in reversed(EFFECTS) if key in table), "chaos")
    return "-".join([*parts, effect])


def _count_out(said: dict[str, Any], where: str) -> None:
    """Replace `nth` by `skip` and `times`."""
    nth = said.pop("nth", None)
    if nth is None:
        return
    if nth == 0 or "skip" in said or "times" in said:
        raise SetupError(
            f"{where}: nth counts from 1, and goes without skip and times, which say the same (skip = nth - 1, "
            "times = 1)."
        )
    said |= {"skip": nth - 1, "times": 1}


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= 200:
        return value
    raise ValueError("a text of 1 to 200 characters")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("a whole number")


def _probability(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError("a number from 0 to 1")


def _moment(value: object) -> datetime:
    with suppress(ValueError):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        if moment.tzinfo is None:
            return moment
    raise ValueError("a time of the account, as in 2026-01-31T13:45:00 (server time, no zone)")


_READERS: Final[Readers] = {
    **dict.fromkeys(_MATCHES, _text),
    **dict.fromkeys(_COUNTS, _count),
    "probability": _probability,
    "since": _moment,
    "until": _moment,
}


def _fits(pattern: str, text: str) -> bool:
    # The brackets of DataExtensionObject[key] are not a set of characters.
    escaped = pattern.lower().replace("[", "[[]")
    return pattern == "*" or fnmatchcase(text.lower(), escaped)

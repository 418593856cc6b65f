"""The effects of a chaos rule on a call: a delay, and at most one of the others.

* `delay`: the call waits before it is carried out: "2s", {min, max} or {median, spread}, in real time
* `status`: 400 to 599: that HTTP status and a plain text; nothing is done
* `fault`: a name of `FAULTS`, or {code, text}: that SOAP fault; nothing is done
* `error`: {code, text}: each object that matches the rule is refused; a Retrieve is answered `Error: text`
* `permission`: true: refused as `API Permission Failed`
* `rate`: "10/s", "100/m": calls beyond it get the fault `rate-limit`
* `connection`: `drop` or `reset`: nothing is done; `truncate` or `drip`: done, and the answer is damaged
* `lose`: `work`: answered, and not done; `answer`: done, and not answered
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from sfmc_mock.errors import (
    CallDenied,
    DatabaseTrouble,
    LoginFailed,
    ServerTrouble,
    SetupError,
    SoapFault,
    TokenExpired,
)
from sfmc_mock.simulator.durations import parse_duration
from sfmc_mock.simulator.keyed_random import KeyedRandom, lognormal
from sfmc_mock.terminal import as_written

Connection = Literal["drop", "reset", "truncate", "drip"]
Lose = Literal["work", "answer"]

LONGEST_DELAY = 300.0
"""Seconds: no client waits longer."""

FAULTS: Final[Mapping[str, tuple[int | None, str]]] = {
    "rate-limit": (17, "Rate Limited"),
    "outage": (ServerTrouble.detail_code, ServerTrouble.text),
    "maintenance": (9, "Member: [{mid}] is In Maintenance."),
    "authorization": (
        11,
        "Member: [{mid}] does not have AsyncAPI authorization. Request was denied",
    ),
    "database": (DatabaseTrouble.detail_code, DatabaseTrouble.text),
    "token-expired": (None, TokenExpired.text),
    "login-failed": (None, LoginFailed.text),
}
"""Codes and texts of the service's faults (documented; Token Expired: recorded; maintenance: its beginning)."""

# Those that the documentation calls Client faults.
_OF_CALLERS = frozenset({11, 13})

_RATE = re.compile(r"(\d{1,6})\s*/\s*(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Delay:
    """A time to wait: between `low` and `high`, or lognormal around `median`; all in seconds."""

    low: float = 0.0
    high: float = 0.0
    median: float | None = None
    spread: float = 0.0

    def seconds(self, draws: KeyedRandom) -> float:
        """Return the delay of a call in seconds; the same for the same draws."""
        unit = draws.unit("delay")
        if self.median is not None:
            return min(lognormal(unit, self.median, self.spread), LONGEST_DELAY)
        return self.low + unit * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """The effect on a call: a delay, and at most one of the others."""

    delay: Delay | None = None
    status: int | None = None
    fault: tuple[int | None, str] | None = None
    error: tuple[int, str] | None = None
    rate: Rate | None = None
    connection: Connection | None = None
    lose: Lose | None = None

    def soap_fault(self, mid: int) -> SoapFault:
        """Return the fault with which the call is answered."""
        code, text = self.fault or FAULTS["rate-limit"]
        text = text.replace("{mid}", str(mid))
        if code is not None:
            return (CallDenied if code in _OF_CALLERS else ServerTrouble)(text, code)
        kind = next((each for each in (TokenExpired, LoginFailed) if each.text == text), SoapFault)
        return kind(text)


PERMISSION = (0, "API Permission Failed.")
"""The beginning of the service's text for a missing permission (seen by SDKs; without a code: assumed)."""


def _seconds(value: object) -> float:
    if isinstance(value, str):
        seconds = parse_duration(value).total_seconds()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value)
    else:
        raise SetupError(f"a time is written 2s, 0.5s or 1m, not {as_written(value)}.")
    if not 0 <= seconds <= LONGEST_DELAY:
        raise SetupError(f"a delay is from 0 to {LONGEST_DELAY:g} s, not {as_written(value)}.")
    return seconds


Readers = Mapping[str, Callable[[object], object]]
"""The readers of values by key: they raise `ValueError` with the expected form, `SetupError` for a part."""


def _delay(value: object) -> Delay:
    if not isinstance(value, Mapping):
        seconds = _seconds(value)
        return Delay(seconds, seconds)
    if value.keys() == {"min", "max"}:
        low, high = _seconds(value["min"]), _seconds(value["max"])
        if low <= high:
            return Delay(low, high)
    elif value.keys() in ({"median"}, {"median", "spread"}):
        spread = value.get("spread", 0.5)
        if isinstance(spread, (int, float)) and 0 <= spread <= 5:
            return Delay(median=max(_seconds(value["median"]), 1e-9), spread=float(spread))
    raise ValueError('a time, {min = "1s", max = "3s"} or {median = "1s", spread = 0.5}')


def _status(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599:
        return value
    raise ValueError("an HTTP status from 400 to 599")


def _fault(value: object) -> tuple[int | None, str]:
    if not isinstance(value, str):
        return _code_and_text(value)
    if value not in FAULTS:
        raise ValueError(f"{{code, text}}, or one of {', '.join(FAULTS)}")
    return FAULTS[value]


def _code_and_text(value: object) -> tuple[int, str]:
    if isinstance(value, Mapping) and value.keys() == {"code", "text"}:
        code, text = value["code"], value["text"]
        if isinstance(code, int) and not isinstance(code, bool) and isinstance(text, str):
            return code, text
    raise ValueError('{code = 12014, text = "…"}')


def _permission(value: object) -> bool:
    if value not in (True, False):
        raise ValueError("true")
    return value is True


def _rate(value: object) -> Rate:
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) < 1:
        raise ValueError("calls in a time, as in 10/s, 100/m or 1000/h")
    return Rate(int(match[1]), _SECONDS[match[2]])


def _one_of(choices: object) -> Callable[[object], object]:
    def read(value: object) -> object:
        if value not in get_args(choices):
            raise ValueError(f"one of {', '.join(get_args(choices))}")
        return value

    return read


_READERS: Final[Readers] = {
    "delay": _delay,
    "status": _status,
    "fault": _fault,
    "error": _code_and_text,
    "permission": _permission,
    "rate": _rate,
    "connection": _one_of(Connection),
    "lose": _one_of(Lose),
}
EFFECTS: Final = tuple(_READERS)


def parse_effect(table: Mapping[str, object], where: str) -> Effect:
    """Return the effect that a rule's table describes. Raises `SetupError`, which names `where`."""
    given = [name for name in EFFECTS if name != "delay" and table.get(name) not in (None, False)]
    if len(given) > 1:
        raise SetupError(f"{where} has two effects, {' and '.join(given)}: make two rules of it.")
    if not given and "delay" not in table:
        raise SetupError(f"{where} has no effect. Give one of {', '.join(EFFECTS)}.")
    effect = read_table(_READERS, table, where)
    if effect.pop("permission", False):
        effect["error"] = PERMISSION
    return Effect(**effect)


def read_table(readers: Readers, table: Mapping[str, object], where: str) -> dict[str, Any]:
    """Return the values of a table, each read by the reader of its key. Raises `SetupError`, which names `where`."""
    said: dict[str, Any] = {}
    for name, read in readers.items():
        if (value := table.get(name)) is not None:
            try:
                said[name] = read(value)
            except ValueError as wanted:
                shown = as_written(value)
                raise SetupError(f"{where}: {name} must be {wanted}, not {shown}.") from None
            except SetupError as problem:
                raise SetupError(f"{where}: {problem}") from None
    return said

"""What a chaos rule does to a call: a delay, and at most one of the rest.

* `delay`: the call waits before it is carried out: "2s", {min, max} or {median, spread}, in real time
* `status`: 400 to 599: that HTTP status and a plain text; nothing is done
* `fault`: a name of `FAULTS`, or {code, text}: that SOAP fault; nothing is done
* `error`: {code, text}: each object that the rule fits is refused; a Retrieve is answered `Error: text`
* `permission`: true: refused as `API Permission Failed`
* `rate`: "10/s", "100/m": calls beyond it get the fault `rate-limit`
* `connection`: `drop` or `reset`: nothing is done; `truncate` or `drip`: done, and the answer suffers
* `lose`: `work`: answered, and not done; `answer`: done, and not answered
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sfmc_mock.errors import (
    CallDenied,
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
"""Seconds: a longer delay would outlast every client."""

FAULTS: Final[Mapping[str, tuple[int | None, str]]] = {
    "rate-limit": (17, "Rate Limited"),
    "outage": (2, "Unplanned Outage"),
    "maintenance": (9, "Member: [{mid}] is In Maintenance."),
    "authorization": (
        11,
        "Member: [{mid}] does not have AsyncAPI authorization. Request was denied",
    ),
    "database": (
        13,
        "Synchronous request cannot be completed at this time due to database problems. This request was not "
        "processed.",
    ),
    "token-expired": (None, "Token Expired"),
    "login-failed": (None, "Login Failed"),
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
        """Return how long a call waits; the same for the same draws."""
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
    """What happens to a call: a delay, and at most one of the rest."""

    delay: Delay | None = None
    status: int | None = None
    fault: tuple[int | None, str] | None = None
    error: tuple[int, str] | None = None
    rate: Rate | None = None
    connection: Connection | None = None
    lose: Lose | None = None

    def soap_fault(self, mid: int) -> SoapFault:
        """Return the fault that the call is answered with."""
        code, text = self.fault or FAULTS["rate-limit"]
        text = text.replace("{mid}", str(mid))
        if code is not None:
            return (CallDenied if code in _OF_CALLERS else ServerTrouble)(text, code)
        if text in ("Token Expired", "Login Failed"):
            return TokenExpired() if text == "Token Expired" else LoginFailed()
        return SoapFault(text)


PERMISSION = (0, "API Permission Failed.")
"""How the service begins what it says to a caller who may not do a thing (seen by SDKs; without a code: assumed)."""


def parse_effect(table: Mapping[str, object], where: str) -> Effect:
    """Return the effect that a rule's table describes. Raises `SetupError`, which names `where`."""
    reader = _Reader(table, where)
    given = [name for name in EFFECTS if name != "delay" and table.get(name) not in (None, False)]
    if len(given) > 1:
        raise SetupError(f"{where} has two effects, {' and '.join(given)}: make two rules of it.")
    if not given and "delay" not in table:
        raise SetupError(f"{where} has no effect. Give one of {', '.join(EFFECTS)}.")
    is_forbidden = reader.permission()
    return Effect(
        delay=reader.delay(),
        status=reader.status(),
        fault=reader.fault(),
        error=PERMISSION if is_forbidden else reader.error(),
        rate=reader.rate(),
        connection=reader.choice("connection", ("drop", "reset", "truncate", "drip")),  # type: ignore[arg-type]
        lose=reader.choice("lose", ("work", "answer")),  # type: ignore[arg-type]
    )


EFFECTS: Final = ("delay", "status", "fault", "error", "permission", "rate", "connection", "lose")


@dataclass(frozen=True, slots=True)
class _Reader:
    table: Mapping[str, object]
    where: str

    def _wrong(self, name: str, wanted: str) -> SetupError:
        return SetupError(
            f"{self.where}: {name} must be {wanted}, not {as_written(self.table[name])}."
        )

    def _seconds(self, value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        elif isinstance(value, str):
            seconds = self._parsed(value)
        else:
            raise SetupError(
                f"{self.where}: a time is written 2s, 0.5s or 1m, not {as_written(value)}."
            )
        if not 0 <= seconds <= LONGEST_DELAY:
            raise SetupError(
                f"{self.where}: a delay is from 0 to {LONGEST_DELAY:g} s, not {as_written(value)}."
            )
        return seconds

    def _parsed(self, value: str) -> float:
        try:
            return parse_duration(value).total_seconds()
        except SetupError as problem:
            raise SetupError(f"{self.where}: {problem}") from None

    def delay(self) -> Delay | None:
        value = self.table.get("delay")
        if value is None:
            return None
        if not isinstance(value, Mapping):
            seconds = self._seconds(value)
            return Delay(seconds, seconds)
        names = set(value)
        if names == {"min", "max"}:
            low, high = self._seconds(value["min"]), self._seconds(value["max"])
            if low <= high:
                return Delay(low, high)
        elif names in ({"median"}, {"median", "spread"}):
            spread = value.get("spread", 0.5)
            if isinstance(spread, (int, float)) and 0 <= spread <= 5:
                return Delay(median=max(self._seconds(value["median"]), 1e-9), spread=float(spread))
        raise self._wrong(
            "delay", 'a time, {min = "1s", max = "3s"} or {median = "1s", spread = 0.5}'
        )

    def status(self) -> int | None:
        value = self.table.get("status")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value <= 599:
            raise self._wrong("status", "an HTTP status from 400 to 599")
        return value

    def fault(self) -> tuple[int | None, str] | None:
        value = self.table.get("fault")
        if value is None:
            return None
        if isinstance(value, str):
            if value not in FAULTS:
                raise self._wrong("fault", f"{{code, text}}, or one of {', '.join(FAULTS)}")
            return FAULTS[value]
        return self._code_and_text("fault", value)

    def error(self) -> tuple[int, str] | None:
        value = self.table.get("error")
        return None if value is None else self._code_and_text("error", value)

    def _code_and_text(self, name: str, value: object) -> tuple[int, str]:
        if isinstance(value, Mapping) and set(value) == {"code", "text"}:
            code, text = value["code"], value["text"]
            if isinstance(code, int) and not isinstance(code, bool) and isinstance(text, str):
                return code, text
        raise self._wrong(name, '{code = 12014, text = "…"}')

    def permission(self) -> bool:
        value = self.table.get("permission")
        if value not in (None, True, False):
            raise self._wrong("permission", "true")
        return value is True

    def rate(self) -> Rate | None:
        value = self.table.get("rate")
        if value is None:
            return None
        match = _RATE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) < 1:
            raise self._wrong("rate", "calls in a time, as in 10/s, 100/m or 1000/h")
        return Rate(int(match[1]), _SECONDS[match[2]])

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        value = self.table.get(name)
        if value is not None and value not in choices:
            raise self._wrong(name, f"one of {', '.join(choices)}")
        return value if isinstance(value, str) else None

"""Apply the rules of an account to calls: matches are counted and drawn independently of the order of threads."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sfmc_mock.account import Account
from sfmc_mock.account.simulation_settings import keyed_random_of
from sfmc_mock.chaos.effects import Connection, Delay, Effect, Lose, Rate
from sfmc_mock.chaos.rules import Rule, parse_rule, parse_rules
from sfmc_mock.clock import pause, steady_time
from sfmc_mock.errors import Refused, SetupError, SfmcMockError
from sfmc_mock.http import HangUp
from sfmc_mock.simulator.keyed_random import KeyedRandom

SETTING = "chaos"
"""The account's setting with its rules as JSON, so that its file, checkpoints and exports have them."""

MOST_RULES = 100
_MOST_CONTENTS = 10_000


class ChaosStatus(SfmcMockError):
    """A rule answers a call with an HTTP status instead of carrying it out."""

    def __init__(self, status: int, rule: str) -> None:
        super().__init__(f"HTTP {status} by the chaos rule {rule!r}")
        self.status = status


class Interruption(SfmcMockError):
    """A rule ends the connection instead of carrying the call out."""

    def __init__(self, how: Connection, rule: str) -> None:
        super().__init__(f"connection {how} by the chaos rule {rule!r}")
        self.how = how


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The facts that rules match: the operation, the caller, the time, and each object with its type and recipients.

    `content` returns the call without the ids and times of its envelope; it is the key of draws.
    """

    operation: str
    caller: str
    now: datetime
    objects: Sequence[tuple[str, Sequence[str]]] = ()
    content: Callable[[], bytes] = bytes


@dataclass(slots=True)
class Plan:
    """The effects of rules on one call. `hits` are the names of the rules that act, in order."""

    mid: int = 0
    hits: list[str] = field(default_factory=list)
    delay: float = 0.0
    ending: tuple[str, Effect] | None = None
    """The rule that decides the end of the call, with its effect: the first that is more than a delay."""
    refusals: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Code and text for the objects that are refused, by their place in the call."""

    @property
    def lose(self) -> Lose | None:
        """Whether the work or the answer is lost."""
        return self.ending[1].lose if self.ending else None

    @property
    def connection(self) -> Connection | None:
        """The effect on the connection while the answer is sent."""
        return self.ending[1].connection if self.ending else None

    def wait(self) -> None:
        """Wait for the delay, in real time."""
        # What drips takes its time while the answer is sent.
        if self.delay and self.connection != "drip":
            pause(self.delay)

    def refused(self, ordinal: int) -> Refused | None:
        """Return the refusal of the object at a place of the call, None where no rule refuses it."""
        refusal = self.refusals.get(ordinal)
        return Refused(*refusal) if refusal else None

    def stop(self) -> None:
        """End the call before any work, if a rule says so, or return.

        Raises `SoapFault`, `ChaosStatus` or `Interruption`.
        """
        if self.ending is None:
            return
        rule, effect = self.ending
        if effect.fault is not None or effect.rate is not None:
            raise effect.soap_fault(self.mid)
        if effect.status is not None:
            raise ChaosStatus(effect.status, rule)
        if effect.connection in ("drop", "reset"):
            raise Interruption(effect.connection, rule)


@dataclass(slots=True)
class _Active:
    """An active rule, with its counts."""

    rule: Rule
    seen: int = 0
    hits: int = 0
    contents: dict[bytes, int] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=deque)

    def as_json(self) -> dict[str, Any]:
        return {**self.rule.table, "seen": self.seen, "hits": self.hits}


class Chaos:
    """The rules of one account. Safe to use from several threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        kept = json.loads(account.setting(SETTING) or "[]")
        self._active = [_Active(rule) for rule in parse_rules(kept)]

    def __bool__(self) -> bool:
        return bool(self._active)

    def __iter__(self) -> Iterator[Rule]:
        return iter([active.rule for active in self._active])

    def as_json(self) -> list[dict[str, Any]]:
        """Return each rule as it was written, with its numbers of calls matched (`seen`) and changed (`hits`)."""
        with self._lock:
            return [active.as_json() for active in self._active]

    def add(self, **table: object) -> Rule:
        """Add a rule, described as in a seed file; one of the same name is replaced. Raises `SetupError`."""
        rule = parse_rule(table)
        with self._account.db.lock, self._lock:
            active = [each for each in self._active if each.rule.name != rule.name]
            if len(active) >= MOST_RULES:
                raise SetupError(f"An account has at most {MOST_RULES} chaos rules. Remove some.")
            self._change([*active, _Active(rule)])
        return rule

    def remove(self, name: str) -> None:
        """Remove a rule. Raises `SetupError` for an unknown name."""
        with self._account.db.lock, self._lock:
            active = [each for each in self._active if each.rule.name != name]
            if len(active) == len(self._active):
                names = ", ".join(each.rule.name for each in active) or "none"
                raise SetupError(f"There is no chaos rule {name!r}. There are: {names}.")
            self._change(active)

    def clear(self) -> None:
        """Remove all rules."""
        with self._account.db.lock, self._lock:
            self._change([])

    def _change(self, active: list[_Active]) -> None:
        keep_rules(self._account, [each.rule for each in active])
        self._active = active

    def plan(self, facts: CallFacts) -> Plan:
        """Return the effects of the rules on a call, and count it."""
        plan = Plan(self._account.mid)
        for active in self._active:
            rule = active.rule
            if not rule.fits_call(facts.operation, facts.caller, facts.now):
                continue
            places = [
                place
                for place, (kind, recipients) in enumerate(facts.objects)
                if rule.fits_object(kind, recipients)
            ]
            if not places and (facts.objects or (rule.object, rule.to) != ("*", "*")):
                continue
            if not places and rule.effect.error is not None:
                # Nothing that could be refused.
                continue
            chances = self._acts(active, facts)
            if chances is not None:
                _apply(plan, rule, places, chances)
        return plan

    def _acts(self, active: _Active, facts: CallFacts) -> KeyedRandom | None:
        """Count a call that matches; return its draws if the rule acts on it."""
        rule = active.rule
        with self._lock:
            active.seen += 1
            if active.seen <= rule.skip or (rule.times is not None and active.hits >= rule.times):
                return None
            chances = keyed_random_of(self._account).scope(
                "chaos", rule.name, *_turn(active, facts)
            )
            if not chances.below(rule.probability, "acts"):
                return None
            if rule.effect.rate is not None and not _is_over(active.recent, rule.effect.rate):
                return None
            active.hits += 1
            return chances


def chaos_of(account: Account) -> Chaos:
    """Return the rules of an account."""
    rules = account.memory.get(SETTING)
    if not isinstance(rules, Chaos):
        rules = account.memory.setdefault(SETTING, Chaos(account))
    assert isinstance(rules, Chaos)
    return rules


def keep_rules(account: Account, rules: Sequence[Rule]) -> None:
    """Store rules with the account; earlier results of `chaos_of` do not have them."""
    account.change_setting(SETTING, json.dumps([dict(rule.table) for rule in rules]))


def _turn(active: _Active, facts: CallFacts) -> tuple[str | int, ...]:
    """Return the key of a draw: the call's content, and the number of earlier matches of the same content.

    So a repeated call has a new draw, and the order of different calls does not matter.
    """
    if active.rule.probability >= 1.0 and active.rule.effect.delay is None:
        return ()
    digest = blake2b(facts.content(), digest_size=16).digest()
    turn = active.contents.get(digest, 0)
    if len(active.contents) >= _MOST_CONTENTS:
        active.contents.clear()
    active.contents[digest] = turn + 1
    return digest.hex(), turn


def _is_over(recent: deque[float], rate: Rate) -> bool:
    """Return whether a call exceeds the rate; if not, count it."""
    now = steady_time()
    while recent and recent[0] <= now - rate.seconds:
        recent.popleft()
    if len(recent) >= rate.calls:
        return True
    recent.append(now)
    return False


def _apply(plan: Plan, rule: Rule, places: Sequence[int], chances: KeyedRandom) -> None:
    effect = rule.effect
    delay: Delay | None = effect.delay
    if delay is not None:
        plan.delay += delay.seconds(chances)
    if effect.error is not None:
        for place in places:
            plan.refusals.setdefault(place, effect.error)
    elif effect != Effect(delay=delay) and plan.ending is None:
        plan.ending = rule.name, effect
    plan.hits.append(rule.name)


# Answers that arrive badly.


_DROPS = 20
_DRIP_SECONDS = 2.0


def spoilt(body: bytes, plan: Plan) -> bytes | Iterator[bytes]:
    """Return the body of an answer as the rules change it. Raises `HangUp` where no answer arrives."""
    if plan.lose == "answer":
        raise HangUp
    if plan.connection == "truncate":
        return _truncated(body)
    if plan.connection == "drip":
        return _dripping(body, plan.delay or _DRIP_SECONDS)
    return body


def _truncated(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise HangUp


def _dripping(body: bytes, seconds: float) -> Iterator[bytes]:
    size = max(1, -(-len(body) // _DROPS))
    for start in range(0, len(body), size):
        if start:
            pause(seconds / _DROPS)
        yield body[start : start + size]

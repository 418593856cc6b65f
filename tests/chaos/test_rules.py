"""Which calls a chaos rule matches, when it applies, and errors of invalid rules."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from sfmc_mock.accounts import Accounts
from sfmc_mock.chaos import CallFacts, Chaos, parse_rule, parse_rules
from sfmc_mock.errors import SetupError

NOW = datetime(2026, 1, 31, 12)
SEND = ("TriggeredSend", ("ada@mock.test", "ada"))


@pytest.fixture
def chaos() -> Chaos:
    return Chaos(Accounts().fresh())


def facts(operation: str = "Create", *objects: Any, **more: Any) -> CallFacts:
    return CallFacts(
        operation,
        more.pop("caller", "mock-user"),
        more.pop("now", NOW),
        objects or (SEND,),
        lambda: repr(more.get("content", 0)).encode(),
    )


@pytest.mark.parametrize(
    ("rule", "call", "fits"),
    [
        ({}, facts(), True),
        ({"operation": "create"}, facts(), True),
        ({"operation": "Retrieve"}, facts(), False),
        ({"operation": "*e"}, facts("Retrieve"), True),
        ({"object": "TriggeredSend"}, facts(), True),
        ({"object": "Email"}, facts(), False),
        ({"object": "Email"}, facts("Create", ("Email", ()), SEND), True),
        ({"object": "DataExtensionObject"}, facts("Create", ("DataExtensionObject[A]", ())), True),
        (
            {"object": "DataExtensionObject[A]"},
            facts("Create", ("DataExtensionObject[A]", ())),
            True,
        ),
        (
            {"object": "DataExtensionObject[B]"},
            facts("Create", ("DataExtensionObject[A]", ())),
            False,
        ),
        ({"to": "*@mock.test"}, facts(), True),
        ({"to": "ADA"}, facts(), True),
        ({"to": "eve*"}, facts(), False),
        ({"to": "*"}, facts("VersionInfo", ("", ())), True),
        ({"caller": "mock-*"}, facts(), True),
        ({"caller": "client *"}, facts(), False),
        ({"since": "2026-01-31T12:00:00"}, facts(), True),
        ({"since": "2026-01-31T12:00:01"}, facts(), False),
        ({"until": "2026-01-31T12:00:00"}, facts(), False),
        ({"until": "2026-01-31T12:00:01"}, facts(), True),
    ],
)
def test_a_rule_fits_by_all_that_it_names(
    chaos: Chaos, rule: dict[str, Any], call: CallFacts, fits: bool
) -> None:
    chaos.add(name="slow", delay=0, **rule)

    assert chaos.plan(call).hits == (["slow"] if fits else [])


@pytest.mark.parametrize(
    ("counts", "acting"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"nth": 3}, [3]),
        ({"skip": 2}, [3, 4, 5]),
        ({"times": 2}, [1, 2]),
        ({"skip": 1, "times": 2}, [2, 3]),
        ({"times": 0}, []),
    ],
)
def test_a_rule_acts_on_the_calls_that_it_counts(
    chaos: Chaos, counts: dict[str, int], acting: list[int]
) -> None:
    chaos.add(status=503, **counts)

    hits = [number for number in range(1, 6) if chaos.plan(facts()).hits]

    assert hits == acting
    assert [(rule["seen"], rule["hits"]) for rule in chaos.as_json()] == [(5, len(acting))]


def test_an_object_is_refused_by_its_place(chaos: Chaos) -> None:
    chaos.add(object="TriggeredSend", to="ada", error={"code": 12014, "text": "No."})

    plan = chaos.plan(facts("Create", ("Email", ()), SEND, ("TriggeredSend", ("eve",))))

    assert plan.refused(0) is None
    refused = plan.refused(1)
    assert refused is not None
    assert (refused.error_code, refused.message) == (12014, "No.")
    assert plan.refused(2) is None


def test_delays_add_up_and_the_first_other_effect_counts(chaos: Chaos) -> None:
    chaos.add(name="a", delay="1s")
    chaos.add(name="b", delay="2s", status=503)
    chaos.add(name="c", fault="outage")

    plan = chaos.plan(facts())

    assert plan.delay == 3
    assert plan.hits == ["a", "b", "c"]
    assert plan.ending is not None
    assert plan.ending[0] == "b"


def _outcomes(order: list[int], seed_of: Chaos) -> dict[int, bool]:
    return {content: bool(seed_of.plan(facts(content=content)).hits) for content in order}


def test_chances_belong_to_the_call_and_not_to_its_turn() -> None:
    one, other = (Chaos(Accounts().fresh()) for _ in range(2))
    for chaos in (one, other):
        chaos.add(name="now and then", status=503, probability=0.3)
    calls = list(range(200))

    forward = _outcomes(calls, one)
    with ThreadPoolExecutor(4) as threads:
        found = dict(
            zip(
                calls,
                threads.map(lambda c: bool(other.plan(facts(content=c)).hits), calls),
                strict=True,
            )
        )

    assert forward == found
    assert 30 <= sum(forward.values()) <= 90


def test_a_call_that_is_tried_again_has_another_chance(chaos: Chaos) -> None:
    chaos.add(status=503, probability=0.5)

    tries = [bool(chaos.plan(facts()).hits) for _ in range(40)]

    assert {True, False} == set(tries)


def test_a_rate_is_one_of_throughput(chaos: Chaos, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count()
    times = [0.0, 0.1, 0.2, 0.9, 1.05, 1.15]
    monkeypatch.setattr("sfmc_mock.chaos.engine.steady_time", lambda: times[next(clock)])
    chaos.add(rate="2/s")

    refused = [bool(chaos.plan(facts()).hits) for _ in times]

    assert refused == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("delay", "low", "high"),
    [
        ("2s", 2, 2),
        (0.5, 0.5, 0.5),
        ({"min": "1s", "max": "3s"}, 1, 3),
        ({"median": "1s", "spread": 1}, 0, 300),
    ],
)
def test_delays_have_a_distribution(chaos: Chaos, delay: Any, low: float, high: float) -> None:
    chaos.add(delay=delay)

    found = [chaos.plan(facts(content=number)).delay for number in range(50)]

    assert all(low <= seconds <= high for seconds in found)
    assert (len(set(found)) > 1) == (low != high)


def test_a_lognormal_delay_has_its_median(chaos: Chaos) -> None:
    chaos.add(delay={"median": "1s", "spread": 0.5})

    found = sorted(chaos.plan(facts(content=number)).delay for number in range(501))

    assert 0.9 < found[250] < 1.1


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({}, "has no effect. Give one of delay, status"),
        ({"status": 200}, "status must be an HTTP status from 400 to 599, not 200"),
        ({"status": True}, "status must be an HTTP status"),
        ({"status": 503, "fault": "outage"}, "two effects, status and fault"),
        ({"stauts": 503}, "there is no key 'stauts'. Did you mean 'status'?"),
        ({"fault": "flood"}, "fault must be .* one of rate-limit, outage"),
        ({"error": 5}, r"error must be \{code = 12014"),
        ({"delay": "2 parsecs"}, "is not a valid duration"),
        ({"delay": "1h"}, "a delay is from 0 to 300 s"),
        ({"delay": {"min": "3s", "max": "1s"}}, "delay must be a time,"),
        ({"rate": "fast"}, "rate must be calls in a time, as in 10/s"),
        ({"connection": "melt"}, "connection must be one of drop, reset"),
        ({"lose": "all"}, "lose must be one of work, answer"),
        ({"status": 503, "nth": 0}, "nth counts from 1"),
        ({"status": 503, "nth": 1, "times": 2}, "nth counts from 1, and goes without"),
        ({"status": 503, "skip": -1}, "skip must be a whole number, not -1"),
        ({"status": 503, "probability": 2}, "probability must be a number from 0 to 1"),
        ({"status": 503, "since": "noon"}, "since must be a time of the account"),
        ({"status": 503, "until": "2026-01-01T00:00:00Z"}, "no zone"),
        ({"status": 503, "operation": ""}, "operation must be a text of 1 to 200 characters"),
        ({"status": 503, "operation": "Creat"}, "no operation 'Creat'. Did you mean 'Create'?"),
        ({"status": 503, "operation": "x*"}, "no operation 'x.'. There are: Create, .*Token"),
        ({"status": 503, "name": 7}, "name must be a text"),
        (["status"], "must be a table"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_is_wrong(rule: Any, problem: str) -> None:
    with pytest.raises(SetupError, match=f"chaos rule.*{problem}"):
        parse_rule(rule)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(SetupError, match="two rules are called 'status'"):
        parse_rules([{"status": 503}, {"status": 504}])


def test_an_account_has_no_more_rules_than_it_may(chaos: Chaos) -> None:
    for number in range(100):
        chaos.add(name=str(number), delay=0)

    with pytest.raises(SetupError, match="at most 100 chaos rules"):
        chaos.add(name="one too many", delay=0)


def test_a_rule_is_replaced_by_its_name_and_removed(chaos: Chaos) -> None:
    chaos.add(name="a", status=503)
    chaos.add(name="a", status=504)

    assert [rule["status"] for rule in chaos.as_json()] == [504]
    with pytest.raises(SetupError, match=r"no chaos rule 'b'\. There are: a"):
        chaos.remove("b")
    chaos.remove("a")
    assert not chaos


def test_rules_go_with_the_account(chaos: Chaos) -> None:
    account = chaos._account
    chaos.add(name="late", status=503, since=NOW + timedelta(days=1))

    assert [rule.name for rule in Chaos(account)] == ["late"]
    assert next(iter(Chaos(account))).since == NOW + timedelta(days=1)

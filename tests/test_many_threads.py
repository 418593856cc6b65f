"""The same calls give the same events and IDs, for any number of threads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace

import pytest
from tests.support.sending import (
    advance,
    log_rows,
    make_attribute,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
)
from tests.support.soap_app import SoapApp, element

from sfmc_mock.account import simulation_settings
from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import Seed, default_seed
from sfmc_mock.settings import Settings

KEYS = ("welcome", "news", "receipt")


@pytest.fixture(scope="module")
def frozen_seed() -> Seed:
    seed = default_seed()
    return replace(seed, account=replace(seed.account, clock="2026-01-01T12:00:00"))


@contextmanager
def fresh_app(seed: Seed) -> Iterator[SoapApp]:
    """An application with a new account, three active definitions, and a realistic engagement profile."""
    accounts = Accounts(seed=seed)
    account = accounts.open()
    # Kept on record, it would be that of whichever call came first.
    make_attribute(account, "UniqueID", max_length=200, is_send_time=1)
    make_log(account, "UniqueID")
    for key in KEYS:
        make_definition(
            account,
            key,
            list_id=make_list(account, "News") if key == "news" else None,
            auto_add_subscribers=1,
            classification="Default Transactional" if key == "receipt" else "Default Commercial",
        )
    make_subscriber(account, "held@mail.example", "held@mail.example", status="Held")
    simulation_settings.choose_engagement(account, "typical")
    simulation_settings.choose_lag(account, "realistic")
    yield SoapApp(accounts, account, Settings())
    accounts.close()


def calls() -> list[str]:
    """Return sixty requests: new and known subscribers, some in many requests, some that cannot be sent to."""
    chance = random.Random(7)
    regular = [f"regular{number}@mail.example" for number in range(12)]
    found = []
    for number in range(60):
        new = [f"new{number}-{each}@mail.example" for each in range(chance.randrange(3))]
        magic = [f"ada{number}+{chance.choice(('click', 'hardbounce', 'unsub'))}@mock.test"]
        bad = chance.choice([[], ["nobody at home"], ["held@mail.example"]])
        people = chance.sample(regular, chance.randrange(1, 5)) + new + magic + bad
        found.append(request(KEYS[number % len(KEYS)], people, f"u-{number}"))
    # A call that is made twice is two calls.
    return [*found, *found[:10]]


def request(key: str, people: list[str], unique_id: str) -> str:
    unique = element("Name", "UniqueID") + element("Value", unique_id)
    subscribers = "".join(
        f"<Subscribers>{element('EmailAddress', each)}<Attributes>{unique}</Attributes></Subscribers>"
        for each in people
    )
    definition = f"<TriggeredSendDefinition>{element('CustomerKey', key)}</TriggeredSendDefinition>"
    return f'<Objects xsi:type="TriggeredSend">{definition}{subscribers}</Objects>'


@dataclass(frozen=True)
class Outcome:
    """All results of the calls, independent of their order."""

    request_ids: list[str]
    answers: list[str]
    events: list[str]
    messages: list[str]
    log: list[str]
    unique_ids: list[str]
    subscribers: list[str]
    members: list[str]


def outcome(seed: Seed, threads: int, order: int) -> Outcome:
    """Make the calls with several threads, in random order, and advance the clock by four days."""
    wanted = calls()
    random.Random(order).shuffle(wanted)
    with fresh_app(seed) as app:
        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(lambda each: app.call("Create", each), wanted))
        advance(app.account, days=4)
        assert app.problems == []
        return Outcome(
            sorted(each.request_id for each in answers),
            sorted(each.overall for each in answers),
            rows(app, "event"),
            rows(app, "message", "send_id", "ordinal", "attributes"),
            sorted(map(repr, log_rows(app.account, "JobID", "BatchID", "SubID", "ErrorCode"))),
            sorted(map(repr, log_rows(app.account, "JobID", "SubID", "UniqueID"))),
            rows(app, "subscriber"),
            rows(app, "list_subscriber"),
        )


def rows(app: SoapApp, table: str, *but: str) -> list[str]:
    """Return the rows of a table without their numbers, and without columns that depend on the order of calls."""
    left_out = {*but} if table == "subscriber" else {"id", *but}
    found = app.account.db.find_all(table)
    return sorted(
        repr({name: value for name, value in row.items() if name not in left_out}) for row in found
    )


def test_one_thread_and_eight_give_the_same_result(frozen_seed: Seed) -> None:
    alone = outcome(frozen_seed, threads=1, order=0)

    together = outcome(frozen_seed, threads=8, order=1)

    for each in fields(Outcome):
        assert getattr(together, each.name) == getattr(alone, each.name), each.name
    assert len(alone.events) > 400
    assert len(set(alone.request_ids)) == len(alone.request_ids) == 70

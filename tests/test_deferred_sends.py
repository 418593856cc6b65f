"""Sends with deferred rows are reported and found like those written at once."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from tests.support.sending import (
    make_attribute,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
)
from tests.support.soap_app import Answer, SoapApp, element, fueloauth, simple

from sfmc_mock.account import simulation_settings
from sfmc_mock.account.data_extension_fields import FieldChange
from sfmc_mock.account.data_extensions import DataExtensionChange, change, send_log
from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import Seed, default_seed
from sfmc_mock.settings import Settings
from sfmc_mock.store import deferred_writes

NOON = "2026-01-01T12:00:00"
LOCAL = "http://localhost"
Step = Callable[[SoapApp], Answer]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account's file with definitions of several kinds, a send log and known subscribers."""
    path = tmp_path_factory.mktemp("prepared") / "a.db"
    accounts = Accounts(durability="process")
    account = accounts.open(path, f'[account]\nclock = "{NOON}"\n')
    make_attribute(account, "UniqueID", max_length=200, is_send_time=1)
    make_attribute(account, "FirstName", max_length=50)
    make_log(account, "UniqueID")
    news = make_list(account, "News")
    make_definition(account, "welcome", auto_add_subscribers=1)
    make_definition(
        account, "news", list_id=news, auto_add_subscribers=1, auto_update_subscribers=1
    )
    make_definition(account, "quiet", is_send_logging=0, priority="3")
    make_definition(account, "paused", status="Inactive")
    make_subscriber(account, "known", "known@mail.example")
    make_subscriber(account, "held", "held@mail.example", status="Held")
    accounts.close()
    return path


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Defer rows however often they are needed, and however slow the machine is."""
    over = threading.Event()
    monkeypatch.setattr(deferred_writes, "WORTHWHILE", 0)
    monkeypatch.setattr(deferred_writes, "pause", lambda seconds: over.wait(60))
    yield
    over.set()


@contextmanager
def opened(path: Path, seed: Seed | None = None) -> Iterator[SoapApp]:
    accounts = Accounts(durability="process", seed=seed or default_seed())
    app = SoapApp(accounts, accounts.open(path), Settings())
    try:
        yield app
        assert app.problems == []
    finally:
        accounts.close()


@pytest.fixture
def app(prepared: Path, tmp_path: Path) -> Iterator[SoapApp]:
    path = shutil.copyfile(prepared, tmp_path / "a.db")
    with opened(path) as app:
        yield app


@pytest.fixture
def warm(app: SoapApp) -> SoapApp:
    """The application after a send: the first send of a definition reads what later ones share."""
    send(app, "first@mail.example")
    send(app, "first@mail.example", definition="news")
    app.account.db.count("message")
    return app


def send(app: SoapApp, *people: str, definition: str = "welcome", unique: str = "u") -> Answer:
    """Send to addresses, or to keys with their address after a colon."""
    name = element("Name", "UniqueID") + element("Value", unique)
    subscribers = ""
    for each in people:
        key, _, address = each.rpartition(":")
        named = element("EmailAddress", address) + (element("SubscriberKey", key) if key else "")
        subscribers += f"<Subscribers>{named}<Attributes>{name}</Attributes></Subscribers>"
    key = f"<TriggeredSendDefinition>{element('CustomerKey', definition)}</TriggeredSendDefinition>"
    return app.call("Create", f'<Objects xsi:type="TriggeredSend">{key}{subscribers}</Objects>')


def to(address: str, definition: str = "<CustomerKey>welcome</CustomerKey>") -> str:
    """Return a send as the one object of a Create."""
    return (
        f'<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>{definition}</TriggeredSendDefinition>'
        f"<Subscribers>{element('EmailAddress', address)}</Subscribers></Objects>"
    )


def in_file(app: SoapApp) -> tuple[int, int]:
    """Return what another program finds: the number of deferred calls and of messages."""
    with closing(sqlite3.connect(app.account.db.path)) as other:
        (waiting,) = other.execute("SELECT count(*) FROM deferred_write").fetchone()
        (messages,) = other.execute("SELECT count(*) FROM message").fetchone()
    return waiting, messages


def ask(app: SoapApp, method: str, path: str, body: object = None) -> Answer:
    return app.open(method, f"/_mock{path}", json=body, base_url=LOCAL)


def test_a_send_waits_in_the_log(warm: SoapApp) -> None:
    send(warm, "ada@mail.example")
    send(warm, "cy@mail.example", "eve@mail.example")

    assert in_file(warm) == (2, 2)


Sender = Callable[[int], Answer]


def with_a_token(app: SoapApp) -> Sender:
    own = {"client_id": app.own.client_id, "client_secret": app.own.client_secret}
    asked = {"grant_type": "client_credentials", **own}
    header = fueloauth(app.open("POST", "/v2/token", json=asked).json["access_token"])
    return lambda number: app.call("Create", to(f"n{number}@mail.example"), header=header)


def by_object_id(app: SoapApp) -> Sender:
    (found,) = app.account.db.rows("SELECT object_id FROM triggered_send_definition WHERE id = 1")
    named = element("ObjectID", str(found[0]))
    return lambda number: app.call("Create", to(f"n{number}@mail.example", named))


def with_events_to_come(app: SoapApp) -> Sender:
    simulation_settings.choose_engagement(app.account, "typical")
    return lambda number: send(app, f"n{number}@mail.example")


def to_known_ones(app: SoapApp) -> Sender:
    for number in range(20):
        make_subscriber(app.account, f"n{number}")
    return lambda number: send(app, f"n{number}:n{number}@mail.example", definition="news")


@pytest.mark.parametrize("kind", [with_a_token, by_object_id, with_events_to_come, to_known_ones])
def test_sends_of_other_kinds_wait_too(app: SoapApp, kind: Callable[[SoapApp], Sender]) -> None:
    sender = kind(app)

    answers = [sender(number) for number in range(20)]

    assert {answer.overall for answer in answers} == {"OK"}
    assert in_file(app)[0] == 20


def test_those_whose_log_has_columns_of_other_names_wait_too(app: SoapApp) -> None:
    log = send_log(app.account)
    assert log is not None
    with app.account.db.atomic():
        column = FieldChange(name="emailaddr", max_length=200)
        change(app.account, log, DataExtensionChange(fields=(column,)))
    for number in range(20):
        send(app, f"n{number}@mail.example")

    assert in_file(app)[0] == 20
    rows = app.retrieve("DataExtensionObject[SendLog]", ["emailaddr"]).rows
    assert rows[7] == {"emailaddr": "n7@mail.example"}


def test_a_send_considers_deferred_rows_of_its_subscriber(app: SoapApp) -> None:
    send(app, "Ada:ada@mail.example")
    send(app, "ADA:other@mail.example")

    db = app.account.db
    rows = db.rows("SELECT subscriber_id, batch_id, repeat FROM message ORDER BY id")
    (number,) = db.rows("SELECT id FROM subscriber WHERE subscriber_key = 'ada'")[0]
    assert rows == [(number, 1, 0), (number, 2, 1)]


# Readers find them.

READERS: dict[str, tuple[Step, bytes]] = {
    "rows of the log": (
        lambda app: app.retrieve("DataExtensionObject[SendLog]", ["UniqueID"]),
        b"u-ada",
    ),
    "a row of the log by its key": (
        lambda app: app.retrieve(
            "DataExtensionObject[SendLog]", ["SubID"], simple("UniqueID", "equals", "u-ada")
        ),
        b"<Name>SubID</Name>",
    ),
    "Subscriber": (
        lambda app: app.retrieve("Subscriber", ["SubscriberKey"]),
        b"ada@mail.example",
    ),
    "SentEvent": (
        lambda app: app.retrieve("SentEvent", ["SubscriberKey"]),
        b"ada@mail.example",
    ),
    "TriggeredSendSummary": (
        lambda app: app.retrieve("TriggeredSendSummary", ["Sent"]),
        b"<Sent>1</Sent>",
    ),
    "a query": (
        lambda app: app.call(
            "Retrieve",
            "<RetrieveRequest><ObjectType>ListSubscriber</ObjectType><Properties>SubscriberKey</Properties>"
            "</RetrieveRequest>",
        ),
        b"ada@mail.example",
    ),
    "the sends": (lambda app: ask(app, "GET", "/sends"), b"ada@mail.example"),
    "one send": (lambda app: ask(app, "GET", "/sends/1"), b"ada@mail.example"),
    "its explanation": (lambda app: ask(app, "GET", "/sends/1/explain"), b"ada@mail.example"),
    "the events": (lambda app: ask(app, "GET", "/events"), b"ada@mail.example"),
    "the accounts": (lambda app: ask(app, "GET", "/accounts"), b'"send":1'),
    "an export": (lambda app: ask(app, "GET", "/export"), b"ada@mail.example"),
    "the page of sends": (
        lambda app: app.open("GET", f"/_mock/ui/{app.account.mid}/sends", base_url=LOCAL),
        b"ada@mail.example",
    ),
    "what makes an event": (
        lambda app: ask(app, "POST", "/events", {"send": 1, "kind": "Open"}),
        b"Open",
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_finds_deferred_sends(app: SoapApp, reader: str) -> None:
    read, shown = READERS[reader]
    send(app, "ada@mail.example", definition="news", unique="u-ada")

    answer = read(app)

    assert answer.status in (200, 201)
    assert shown in answer.body.replace(b": ", b":")
    assert in_file(app) == (0, 1)


def test_a_checkpoint_holds_them(app: SoapApp) -> None:
    send(app, "ada@mail.example")
    ask(app, "POST", "/checkpoint", {"name": "one"})
    send(app, "cy@mail.example")

    ask(app, "POST", "/restore", {"name": "one"})

    send(app, "eve@mail.example")
    rows = app.account.db.rows("SELECT subscriber_key FROM message ORDER BY id")
    assert rows == [("ada@mail.example",), ("eve@mail.example",)]


def test_a_reset_forgets_them(app: SoapApp) -> None:
    send(app, "ada@mail.example")

    ask(app, "POST", "/reset", {})

    assert in_file(app) == (0, 0)
    assert app.account.db.count("message") == 0


def test_a_call_that_is_answered_and_not_done_leaves_none(app: SoapApp) -> None:
    send(app, "ada@mail.example")
    ask(app, "POST", "/chaos", {"name": "lost", "lose": "work"})
    send(app, "cy@mail.example")
    ask(app, "DELETE", "/chaos")
    send(app, "eve@mail.example")

    rows = app.account.db.rows("SELECT subscriber_key FROM message ORDER BY id")
    assert rows == [("ada@mail.example",), ("eve@mail.example",)]


def test_a_batch_keeps_what_was_not_refused(app: SoapApp) -> None:
    named = "<TriggeredSendDefinition><CustomerKey>{}</CustomerKey></TriggeredSendDefinition>"
    objects = "".join(
        f'<Objects xsi:type="TriggeredSend">{named.format(definition)}<Subscribers>'
        f"{element('EmailAddress', f'n{number}@mail.example')}</Subscribers></Objects>"
        for number, definition in enumerate(["welcome", "nothing", "news", "draft"])
    )

    answer = app.call("Create", objects)

    assert answer.texts("Results", "StatusCode") == ["OK", "Error", "OK", "Error"]
    rows = app.account.db.rows("SELECT subscriber_key FROM message ORDER BY id")
    assert rows == [("n0@mail.example",), ("n2@mail.example",)]


# Comparison with an account without deferred rows.

PEOPLE = (
    *("known:known@mail.example", "held:held@mail.example", "Ada:ada@mail.example"),
    *("ADA:ada@mail.example", "cy@mail.example", "eve@mail.example", "nobody at home"),
    *("bo+hardbounce@mock.test", "di+click@mock.test", "ed+unsub@mock.test"),
)


def some_step(chance: random.Random, number: int) -> Step:
    """Return a random call: mostly a send to a new or known subscriber, else one that reads or changes the account."""
    if chance.random() < 0.75:
        new = [f"n{number}-{each}@mail.example" for each in range(chance.choice((0, 1, 1, 1, 2)))]
        known = chance.sample(PEOPLE, chance.choice((0, 0, 1, 2)))
        definition = chance.choice(("welcome", "welcome", "news", "quiet", "paused", "nothing"))
        return partial(send_to, new + known, definition, f"u-{number}")
    return chance.choice(OTHERS)


def send_to(people: list[str], definition: str, unique: str, app: SoapApp) -> Answer:
    return send(app, *people, definition=definition, unique=unique)


def update(content: str, app: SoapApp) -> Answer:
    return app.call("Update", content)


ADA = '<Objects xsi:type="Subscriber"><SubscriberKey>Ada</SubscriberKey>{}</Objects>'
OTHERS: tuple[Step, ...] = (
    *(read for read, _ in READERS.values()),
    lambda app: ask(app, "POST", "/clock", {"advance": "1h"}),
    lambda app: ask(app, "POST", "/clock", {"advance": "1ms"}),
    lambda app: ask(app, "POST", "/checkpoint", {"name": "one"}),
    lambda app: ask(app, "POST", "/restore", {"name": "one"}),
    lambda app: app.call("Delete", ADA.format("")),
    partial(update, ADA.format("<Status>Unsubscribed</Status>")),
    partial(
        update, ADA.format("<Status>Active</Status><EmailAddress>a@mail.example</EmailAddress>")
    ),
    partial(
        update,
        '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>paused</CustomerKey>'
        "<TriggeredSendStatus>Active</TriggeredSendStatus></Objects>",
    ),
    partial(
        update,
        '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>paused</CustomerKey>'
        "<TriggeredSendStatus>Inactive</TriggeredSendStatus></Objects>",
    ),
)


def whole(app: SoapApp) -> str:
    """Return the account as SQL, without generated numbers and data of the file."""
    lines = app.content().splitlines()
    drawn = re.compile(r"INSERT INTO \"?(clock|counter|sqlite_\w+|_sqlite_migrations)\"?\b")
    return "\n".join(line for line in lines if not drawn.match(line))


@pytest.mark.parametrize("seed", range(4))
def test_answers_and_account_are_those_of_one_in_which_nothing_waits(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    steps = [some_step(chance, number) for number in range(120)]
    profile, most = chance.choice(("quiet", "typical")), chance.choice((5, 256))
    monkeypatch.setattr(deferred_writes, "WORTHWHILE", chance.choice((0, 3)))

    def outcome(name: str, calls: int) -> tuple[list[bytes], str]:
        path = shutil.copyfile(prepared, tmp_path / f"{name}.db")
        monkeypatch.setattr(deferred_writes, "MOST_CALLS", calls)
        with opened(path) as app:
            simulation_settings.choose_engagement(app.account, profile)
            answers = [without_header(step(app)) for step in steps]
            return answers, whole(app)

    answers, account = outcome("deferred", most)
    at_once, other = outcome("at once", 0)

    assert answers == at_once
    assert account == other


def without_header(answer: Answer) -> bytes:
    """Return an answer without the parts that depend on real time and on the file."""
    body = re.sub(rb"<soap:Header>.*?</soap:Header>", b"", answer.body)
    return re.sub(rb'"kept_in": "[^"]*"', b"", body)

"""Damaged files: an error in one sentence at the start, the service's fault while serving, and no traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.support.sending_client import SendingClient
from tests.support.soap_app import SoapApp, element
from tests.torture.conftest import Torture

from sfmc_mock.accounts import Accounts
from sfmc_mock.errors import SetupError
from sfmc_mock.server_setup import open_accounts
from sfmc_mock.settings import Settings

SENDS = 40
KINDS = (
    "bytes", "bits", "page", "zeros", "cut", "swap", "header", "schema", "letter", "empty pages",
)  # fmt: skip

# In this order: its content, a failed export, not found, the service's fault, the control API's error.
ANSWERS = {200, 302, 400, 404, 500, 503}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of an account with sends and events."""
    path = tmp_path_factory.mktemp("whole") / "account.db"
    accounts = Accounts(durability="none")
    app = SoapApp(accounts, accounts.open(path, SendingClient.SEED), Settings())
    for number in range(SENDS):
        assert send(app, f"reader{number}@mail.example") == (200, None)
    accounts.close()
    return path.read_bytes()


def send(app: SoapApp, address: str) -> tuple[int, str | None]:
    """Send, and return the status and the fault of the answer."""
    answer = app.call(
        "Create",
        f'<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>{element("CustomerKey", "hello")}'
        f"</TriggeredSendDefinition><Subscribers>{element('EmailAddress', address)}</Subscribers></Objects>",
    )
    return answer.status, answer.fault


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Return the file as a failing disk, a bad copy or another program may leave it."""
    found = bytearray(whole)
    kind = chance.choice(KINDS)
    at = chance.randrange(len(found))
    page = at // 4096 * 4096
    if kind == "bytes":
        for _ in range(chance.randrange(1, 50)):
            found[chance.randrange(len(found))] = chance.randrange(256)
    elif kind == "bits":
        for _ in range(chance.randrange(1, 10)):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    elif kind == "page":
        found[page : page + 4096] = chance.randbytes(4096)
    elif kind == "zeros":
        found[page : page + 4096] = bytes(4096)
    elif kind == "cut":
        del found[at:]
    elif kind == "swap":
        other = chance.randrange(len(found)) // 4096 * 4096
        one, two = found[page : page + 4096], found[other : other + 4096]
        found[page : page + 4096], found[other : other + 4096] = two, one
    elif kind == "header":
        found[chance.randrange(100)] = chance.randrange(256)
    elif kind == "schema":
        near = chance.choice([each.start() for each in re.finditer(b"CREATE ", whole)])
        for _ in range(chance.randrange(1, 3)):
            found[near + chance.randrange(600)] ^= 1 << chance.randrange(8)
    elif kind == "letter":
        near = chance.choice([each.start() for each in re.finditer(rb"\w{4}", whole)])
        found[near + chance.randrange(4)] = ord(chance.choice('aZ_0 "{'))
    else:
        found.extend(bytes(chance.randrange(1, 3) * 4096))
    return bytes(found)


def opened(path: Path) -> Accounts | None:
    """Open a file like a server; return None if it is refused, which is the only accepted error."""
    with suppress(SetupError):
        return open_accounts(Settings(accounts=(str(path),), durability="none"))
    return None


def asked(app: SoapApp) -> Iterator[int]:
    """Request everything that an account has, and yield the statuses of the answers."""
    yield send(app, "somebody@mail.example")[0]
    for object_type, names in (
        ("Subscriber", ("ID", "SubscriberKey")),
        ("TriggeredSendDefinition", ("CustomerKey",)),
        ("SentEvent", ("SendID", "SubscriberKey", "EventDate")),
        ("DataExtensionObject[SendLog]", ("UniqueID", "JobID")),
        ("DataExtension", ("CustomerKey",)),
        ("List", ("ID", "ListName")),
        ("TriggeredSendSummary", ("CustomerKey", "Sent")),
        ("Send", ("ID", "UniqueOpens")),
        ("Email", ("ID", "Subject")),
        ("SenderProfile", ("CustomerKey", "FromAddress")),
        ("SubscriberSendResult", ("SentDate",)),
    ):
        yield app.retrieve(object_type, names).status
    for address in (
        "/_mock/sends", "/_mock/sends/1", "/_mock/due", "/_mock/export", "/_mock/ui/", "/_mock/ui/sends/1"
    ):  # fmt: skip
        yield app.open("GET", address, base_url="http://localhost").status


def broken(app: SoapApp) -> list[str]:
    """Return the internal errors of the emulator, with their places."""
    problems = (*app.problems, *app.wsgi.control.problems)
    return [text for each in problems for text in each.__notes__]


def test_a_damaged_file_is_refused_in_a_sentence_or_answers(
    whole: bytes, tmp_path: Path, torture: Torture
) -> None:
    refused = answered = 0
    for number in torture.rounds(60, most=10_000):
        path = tmp_path / f"{number}.db"
        before = damaged(whole, random.Random(number))
        path.write_bytes(before)
        accounts = opened(path)
        if accounts is None:
            refused += 1
            assert path.read_bytes() == before
        else:
            app = SoapApp(accounts, next(iter(accounts)), Settings())
            assert set(asked(app)) <= ANSWERS, number
            assert broken(app) == [], number
            answered += 1
            accounts.close()
        for each in tmp_path.glob(f"{number}.db*"):
            each.unlink()

    assert refused > 20
    assert answered > 5


def test_a_file_that_is_damaged_while_it_is_served_is_answered_with_a_fault(
    whole: bytes, tmp_path: Path, torture: Torture
) -> None:
    faults = 0
    for number in torture.rounds(10, most=2_000):
        path = tmp_path / f"{number}.db"
        path.write_bytes(whole)
        accounts = Accounts(durability="none")
        app = SoapApp(accounts, accounts.open(path), Settings())
        # Without a page cache, SQLite reads the damaged file again.
        app.account.db.run("PRAGMA cache_size = 0")
        chance = random.Random(number)
        with path.open("r+b") as file:
            for page in range(2, len(whole) // 4096):
                if chance.random() < 0.5:
                    file.seek(page * 4096)
                    file.write(chance.randbytes(4096))
        statuses = list(asked(app))
        assert set(statuses) <= ANSWERS
        faults += statuses.count(500)
        assert broken(app) == [], number
        accounts.close()

    assert faults > 10

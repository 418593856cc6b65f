"""Changes by calls in a business unit are there when its file is opened again, however they were stored."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.sending import make_definition, make_log
from tests.support.soap_app import SoapApp, element

from sfmc_mock.account import Account
from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings
from sfmc_mock.store import business_unit_databases

SEED = """
[account]
mid = 7000001
clock = "2026-01-01T12:00:00"
[[business_unit]]
name = "Germany"
mid = 7000002
"""
UNIT = 7000002
CLIENT = f"<Client>{element('ID', str(UNIT))}</Client>"
Step = Callable[[SoapApp, int], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def shop(path: Path) -> Iterator[SoapApp]:
    """An enterprise in a file, with a definition and a send log in its unit and in itself."""
    accounts = Accounts(durability="process", seed=parse_seed(SEED))
    account = accounts.open(path)
    for each in (account, account.units[UNIT]):
        make_log(each)
        make_definition(each)
    shop = SoapApp(accounts, account, Settings())
    yield shop
    assert shop.problems == []
    accounts.close()


def sent(*people: str, client: str = CLIENT) -> str:
    """Return a send of the unit, or of the enterprise."""
    key = f"<TriggeredSendDefinition>{element('CustomerKey', 'welcome')}</TriggeredSendDefinition>"
    to = "".join(f"<Subscribers>{element('EmailAddress', each)}</Subscribers>" for each in people)
    return f'<Objects xsi:type="TriggeredSend">{client}{key}{to}</Objects>'


def changed(inner: str) -> str:
    return f'<Objects xsi:type="Subscriber">{CLIENT}<SubscriberKey>ada@mail.example</SubscriberKey>{inner}</Objects>'


def ask(shop: SoapApp, what: str) -> object:
    return shop.open("POST", f"/_mock/{what}", json={"name": "one"}, base_url="http://localhost")


STEPS: tuple[Step, ...] = (
    *[lambda shop, number: shop.call("Create", sent(f"n{number}@mail.example"))] * 5,
    lambda shop, number: shop.call("Create", sent("ada@mail.example")),
    lambda shop, number: shop.call("Create", sent("ada@mail.example", client="")),
    lambda shop, number: shop.call("Create", sent(f"m{number}@mail.example", "no address")),
    lambda shop, number: shop.call("Create", sent(f"o{number}@mail.example") + sent("none")),
    lambda shop, number: shop.call("Create", sent() + sent(f"p{number}+click@mock.test")),
    lambda shop, number: shop.call("Update", changed("<Status>Unsubscribed</Status>")),
    lambda shop, number: shop.call("Delete", changed("")),
    lambda shop, number: ask(shop, "checkpoint"),
    lambda shop, number: ask(shop, "restore"),
)


def whole(account: Account) -> list[str]:
    """Return the content of the unit as SQL."""
    return list(account.units[UNIT].db.tools.conn.iterdump())


def found_again(path: Path, copy: Path) -> list[str]:
    """Return the content of the unit in a copy of the file, as a killed process leaves it."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for each in path.parent.glob(f"{path.name}*"):
        if not each.name.endswith("-shm"):
            shutil.copyfile(each, copy / each.name)
    with closing(Accounts(durability="process")) as accounts:
        return whole(accounts.open(copy / path.name))


@pytest.mark.parametrize("seed", range(2))
def test_a_unit_is_found_again_as_it_was(
    shop: SoapApp, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(business_unit_databases, "MOST_WRITES", chance.choice((3, 256)))
    for number in range(60):
        chance.choice(STEPS)(shop, number)
        if number % 20 == 19:
            assert found_again(path, tmp_path / "copy") == whole(shop.account)


def test_sends_are_kept_as_their_rows(shop: SoapApp) -> None:
    shop.call("Create", sent("ada@mail.example"))
    shop.call("Create", sent("ada@mail.example", "bo@mail.example"))

    assert shop.account.db.count("unit_write") == 2
    assert shop.account.units[UNIT].db.count("message") == 3

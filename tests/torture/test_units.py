"""Random enterprises and calls: no caller reads or changes data of an account that the caller cannot see."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest
from tests.support.soap_app import SoapApp, element, fueloauth, simple
from tests.torture.conftest import Torture

from sfmc_mock.account import Account
from sfmc_mock.accounts import Accounts
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings

MARK = re.compile(r"zq([0-9]+)zq")
TYPES = sorted(name for name, handler in HANDLERS.items() if handler.properties)
FILLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("List", ("ListName", "CustomerKey")),
    ("Subscriber", ("SubscriberKey", "EmailAddress")),
    ("Email", ("Name", "Subject")),
    ("DataExtension", ("Name", "CustomerKey")),
    ("ListSubscriber", ("SubscriberKey",)),
)
CALLS = 15
# Data that the emulator itself changes, and an enterprise's data about its units.
OWN_TABLES = ("counter", "token", "setting", "async_", "sqlite_", "_sqlite", "unit")


def mark(mid: int) -> str:
    return f"zq{mid}zq"


def content(mid: int, table: str) -> str:
    """Return the content of an account, with its mark in every object."""
    own = mark(mid)
    return f"""
[[{table}list]]
name = "{own}"
key = "{own}"
[[{table}subscriber]]
email = "{own}@mock.test"
[[{table}email]]
name = "{own}"
subject = "{own}"
html_body = "{own}"
[[{table}data_extension]]
name = "{own}"
key = "{own}"
fields = [{{name = "Key", is_primary_key = true, max_length = 50}}]
rows = [{{Key = "{own}"}}]
"""


class World:
    """Two enterprises with units in random places, on one server."""

    def __init__(self, draw: random.Random) -> None:
        self.accounts = Accounts()
        self.above: dict[int, int | None] = {}
        self.apps: dict[int, SoapApp] = {}
        self.request_ids: list[str] = []
        for top in (1_000_000, 2_000_000):
            seed = [f"[account]\nmid = {top}\n{content(top, '')}"]
            seed.append(
                f'[[api_user]]\nusername = "u{top}"\npassword = "p"\n[[package]]\nclient_id = "c{top}"\n'
                'client_secret = "s"\n'
            )
            mids = [top]
            self.above[top] = None
            for mid in range(top + 1, top + 1 + draw.randint(1, 4)):
                parent = draw.choice(mids)
                above = "" if parent == top else f'parent = "n{parent}"\n'
                seed.append(f'[[business_unit]]\nname = "n{mid}"\nmid = {mid}\n{above}')
                seed.append(content(mid, "business_unit."))
                mids.append(mid)
                self.above[mid] = parent
            account = self.accounts.open(seed=parse_seed("".join(seed)))
            app = SoapApp(self.accounts, account, Settings(page_size=2))
            self.apps |= dict.fromkeys(mids, app)

    def seen(self, mid: int) -> set[int]:
        """Return an account and those below it."""
        found = {mid}
        for each, above in self.above.items():
            if above in found:
                found.add(each)
        return found

    def account(self, mid: int) -> Account:
        found = self.accounts.by_mid(mid)
        assert found is not None
        return found

    def state(self, mid: int) -> dict[str, list[tuple[object, ...]]]:
        """Return the content of an account by table."""
        db = self.account(mid).db
        names = db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = [name for (name,) in names if not name.startswith(OWN_TABLES)]
        return {name: db.rows(f'SELECT * FROM "{name}"') for name in tables}  # noqa: S608 - names of the schema

    def header(self, mid: int) -> str:
        app = self.apps[mid]
        credentials = {"client_id": app.own.client_id, "client_secret": app.own.client_secret}
        asked = {"grant_type": "client_credentials", "account_id": mid, **credentials}
        return fueloauth(app.open("POST", "/v2/token", json=asked).json["access_token"])

    def close(self) -> None:
        problems = {id(app): app.problems for app in self.apps.values()}
        assert [*problems.values()] == [[], []]
        self.accounts.close()


@pytest.fixture
def draw_world() -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for each in made:
        each.close()


def client(mid: int) -> str:
    return f"<Client><ID>{mid}</ID></Client>"


def a_retrieve(world: World, draw: random.Random) -> tuple[str, str]:
    mids = [*world.above]
    if world.request_ids and draw.random() < 0.2:
        resumed = element("ContinueRequest", draw.choice(world.request_ids))
        return "Retrieve", f"<RetrieveRequest>{resumed}</RetrieveRequest>"
    if draw.random() < 0.7:
        name, asked = draw.choice(FILLED)
    else:
        name = draw.choice(TYPES)
        names = [each.name for each in HANDLERS[name].properties]
        asked = tuple(draw.sample(names, min(len(names), 3)))
    if draw.random() < 0.2:
        name, asked = f"DataExtensionObject[{mark(draw.choice(mids))}]", ("Key",)
    rest = ""
    if draw.random() < 0.4:
        rest += "<QueryAllAccounts>true</QueryAllAccounts>"
    if draw.random() < 0.4:
        chosen = draw.choices(mids, k=draw.randint(1, 3))
        rest += "".join(f"<ClientIDs><ID>{mid}</ID></ClientIDs>" for mid in chosen)
    if draw.random() < 0.2:
        rest += f"<Options>{client(draw.choice(mids))}</Options>"
    if draw.random() < 0.3:
        rest += simple("Client.ID", "equals", str(draw.choice(mids)))
    properties = "".join(element("Properties", each) for each in asked)
    message = f"{element('ObjectType', name)}{properties}{rest}"
    return "Retrieve", f"<RetrieveRequest>{message}</RetrieveRequest>"


def a_change(world: World, draw: random.Random) -> tuple[str, str]:
    mids = [*world.above]
    operation, number = draw.choice(("Create", "Update", "Delete")), draw.randint(1, 40)
    # Objects that callers create have no mark, which would look like data of another account.
    own, other = (
        draw.choice(mids),
        f"k{number}" if operation == "Create" else mark(draw.choice(mids)),
    )
    objects = (
        f'<Objects xsi:type="List">{{}}<CustomerKey>{other}</CustomerKey><ListName>x{number}</ListName></Objects>',
        f'<Objects xsi:type="List">{{}}<ID>{number}</ID><ListName>x{number}</ListName></Objects>',
        f'<Objects xsi:type="Subscriber">{{}}<SubscriberKey>{other}@mock.test</SubscriberKey><EmailAddress>'
        f"{other}@mock.test</EmailAddress><Status>Unsubscribed</Status></Objects>",
        f'<Objects xsi:type="DataExtensionObject">{{}}<CustomerKey>{other}</CustomerKey><Properties><Property>'
        f"<Name>Key</Name><Value>v{number}</Value></Property></Properties></Objects>",
        f'<Objects xsi:type="DataExtension">{{}}<CustomerKey>{other}</CustomerKey><Name>d{number}</Name></Objects>',
        f'<Objects xsi:type="Email">{{}}<Name>{other}</Name><Subject>s{number}</Subject></Objects>',
    )
    wanted = client(own) if draw.random() < 0.6 else ""
    options = f"<Options>{client(draw.choice(mids))}</Options>" if draw.random() < 0.2 else ""
    content = draw.choice(objects).format(wanted)
    return operation, options + content


def an_unsubscribe(world: World, draw: random.Random) -> tuple[str, str]:
    mids = [*world.above]
    who = f"{mark(draw.choice(mids))}@mock.test"
    parameter = f"<Parameters><Name>SubscriberKey</Name><Value>{who}</Value></Parameters>"
    return (
        "Execute",
        f"<Requests><Name>LogUnsubEvent</Name>{client(draw.choice(mids))}{parameter}</Requests>",
    )


def test_no_account_is_read_or_changed_by_who_does_not_see_it(
    torture: Torture, draw_world: list[World]
) -> None:
    for number in torture.rounds(5, most=10_000):
        draw = random.Random(number)
        world = World(draw)
        draw_world.append(world)
        for _ in range(3):
            caller = draw.choice([*world.above])
            seen = world.seen(caller)
            others = [mid for mid in world.above if mid not in seen]
            before = {mid: world.state(mid) for mid in others}
            header = world.header(caller)
            for _ in range(CALLS):
                make = draw.choice((a_retrieve, a_retrieve, a_change, an_unsubscribe))
                operation, message = make(world, draw)
                answer = world.apps[caller].call(operation, message, header=header)
                world.request_ids += re.findall(r"<RequestID>([^<]+)<", answer.body.decode())[-1:]

                shown = {int(mid) for mid in MARK.findall(answer.body.decode())}
                said = {int(mid) for mid in MARK.findall(message)}
                assert shown <= seen | said, (number, caller, operation, message)
            assert {mid: world.state(mid) for mid in others} == before, (number, caller)
        draw_world.remove(world)
        world.close()

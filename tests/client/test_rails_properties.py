"""Random calls with repeated, nested and misplaced properties change no object that the run did not create."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.tenants import ENDPOINT, RECIPE, Emulator, Tenant

from sfmc_client import APIObject, Client, TrackingFlow, row
from sfmc_client.envelope import OPERATIONS, PARTNER
from sfmc_client.testing import RailsRefused
from sfmc_client.testing.configuration import RailSettings
from sfmc_client.testing.rails import Rails
from sfmc_client.testing.run_ledger import Ledger

ON_THE_LIST = "ada@mock.test"
STRANGER = "eve@example.com"
SETTINGS = RailSettings(recipients=("*@mock.test",), max_sends=1_000)

# The compared properties of each foreign object.
SHOWN = {
    "DataExtension": ("ObjectID", "CustomerKey", "Name", "Description", "ModifiedDate"),
    "DataExtensionField": ("ObjectID", "Name", "MaxLength", "DataExtension.CustomerKey"),
    "TriggeredSendDefinition": (
        *("ObjectID", "CustomerKey", "Name", "Description", "TriggeredSendStatus", "ModifiedDate"),
        *("Email.ID", "BccEmail", "SendClassification.CustomerKey", "IsSendLogging"),
    ),
    "Email": ("ID", "CustomerKey", "Name", "Subject", "HTMLBody", "ModifiedDate"),
    "List": ("ID", "CustomerKey", "ListName", "Description", "ModifiedDate"),
    "ListSubscriber": ("ListID", "SubscriberKey", "Status"),
    "Subscriber": ("ID", "SubscriberKey", "EmailAddress", "Status"),
    "SenderProfile": ("ObjectID", "CustomerKey", "Name", "FromName", "FromAddress"),
    "DataFolder": ("ID", "CustomerKey", "Name", "ParentFolder.ID"),
    "SendClassification": ("ObjectID", "CustomerKey", "Name", "SenderProfile.CustomerKey"),
}


def _extension(key: str) -> APIObject:
    fields = [
        APIObject(None, Name="Key", FieldType="Text", MaxLength=50, IsPrimaryKey=True),
        APIObject(None, Name="Note", FieldType="Text", MaxLength=50),
    ]
    return APIObject("DataExtension", CustomerKey=key, Name=key, Fields={"Field": fields})


def _fill(client: Client, flow: TrackingFlow, mark: str, address: str) -> None:
    """Create one object of each type."""
    client.create(_extension(f"{mark} orders"))
    client.create(row(f"{mark} orders", {"Key": "1", "Note": "as it was"}))
    client.create(
        APIObject(
            "Email", CustomerKey=f"{mark} email", Name=f"{mark} email", Subject="S", HTMLBody="B"
        )
    )
    client.create(APIObject("List", CustomerKey=f"{mark} list", ListName=f"{mark} list"))
    client.create(APIObject("Subscriber", SubscriberKey=f"{mark} person", EmailAddress=address))
    client.create(
        APIObject(
            "SenderProfile",
            CustomerKey=f"{mark} sender",
            Name=f"{mark} sender",
            FromName="N",
            FromAddress="n@example.com",
        )
    )
    flow.set_up(f"{mark} welcome")


class Stage:
    """An account with foreign objects and objects of the run, and rails around it."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.tenant = tenant
        _fill(tenant.client, tenant.flow(), "foreign", STRANGER)
        definition = APIObject("TriggeredSendDefinition", CustomerKey="foreign welcome")
        tenant.client.update(definition.replace(TriggeredSendStatus="Inactive"))
        tenant.flow().trigger("foreign welcome", STRANGER, subscriber_key="foreign person")
        self.foreign = {kind: self._keys(kind) for kind in SHOWN}
        self.before = self.snapshot()
        rails = Rails(
            SETTINGS, path=Path("tenant.toml"), ledger=Ledger(folder / "ledger"), mid=tenant.mid
        )
        self.transport = rails.around(tenant.transport)
        client = Client(ENDPOINT, auth=tenant.client._auth, transport=self.transport)
        rails.check_account(client)
        _fill(client, TrackingFlow(client, recipe=RECIPE), "own", ON_THE_LIST)
        self.honest = tenant.transport.requests[-1]
        self.numbers = self._numbers()

    def _keys(self, kind: str) -> set[str]:
        return {str(item[SHOWN[kind][0]]) for item in self._retrieve(kind)}

    def _retrieve(self, kind: str) -> list[APIObject]:
        return self.tenant.client.retrieve(kind, SHOWN[kind]).all()

    def _numbers(self) -> dict[str, list[str]]:
        """Return the ID and ObjectID of all objects, under `foreign` and `own`."""
        found: dict[str, list[str]] = {"foreign": [], "own": []}
        for kind in SHOWN:
            for item in self._retrieve(kind):
                number = str(item[SHOWN[kind][0]])
                found["foreign" if number in self.foreign[kind] else "own"].append(number)
        return found

    def snapshot(self) -> dict[str, Any]:
        """Return the foreign objects as Retrieve shows them."""
        seen: dict[str, Any] = {}
        for kind, names in SHOWN.items():
            seen[kind] = sorted(
                str([item.get(name) for name in names])
                for item in self._retrieve(kind)
                if str(item[names[0]]) in self.foreign[kind]
            )
        # The run's own people are on All Subscribers, too.
        seen["ListSubscriber"] = [
            item
            for item in seen["ListSubscriber"]
            if "own person" not in item and ON_THE_LIST not in item
        ]
        rows = self.tenant.client.retrieve_rows("foreign orders", ["Key", "Note"])
        seen["rows"] = [dict(found) for found in rows]
        sent = self.tenant.client.retrieve("SentEvent", ["SubscriberKey"])
        seen["sent to"] = {item["SubscriberKey"] for item in sent} - {ON_THE_LIST, "own person"}
        return seen

    def send(self, action: str, message: str) -> bool:
        """Send a message with the credentials of the run; return whether it left the process."""
        operation = OPERATIONS[action]
        written = f'<{operation.message} xmlns="{PARTNER}">{message}</{operation.message}>'
        body = re.sub(
            rb"(<soap:Body>).*(</soap:Body>)",
            lambda found: found[1] + written.encode() + found[2],
            self.honest.body,
            flags=re.DOTALL,
        )
        body = re.sub(rb"(<wsa:Action>)\w+", lambda found: found[1] + action.encode(), body)
        headers = {**self.honest.headers, "SOAPAction": f'"{action}"'}
        try:
            self.transport.send(replace(self.honest, body=body, headers=headers))
        except RailsRefused:
            return False
        return True


@contextmanager
def stage() -> Iterator[Stage]:
    with TemporaryDirectory() as folder, Emulator(strict=False).tenant() as tenant:
        yield Stage(tenant, Path(folder))


# Keys are drawn as words; {own} and {foreign} numbers are put in when the account is there.

KINDS = st.sampled_from(
    [*SHOWN, "DataExtensionObject", "TriggeredSend", "PropertyDefinition", "Send"]
)
WORDS = st.sampled_from(
    [
        *(
            f"{mark} {what}"
            for mark in ("own", "foreign")
            for what in ("orders", "email", "list", "person", "sender", "welcome")
        ),
        *("SendLog", "UniqueID", "1", "new", "", ON_THE_LIST, STRANGER),
        *(f"{{own:{number}}}" for number in range(12)),
        *(f"{{foreign:{number}}}" for number in range(25)),
    ]
)
NAMES = st.sampled_from(
    [
        *("CustomerKey", "ObjectID", "ID", "Name", "SubscriberKey", "EmailAddress", "PartnerKey"),
        *("ListName", "Description", "Subject", "FromName", "FromAddress", "CategoryID"),
        *("customerkey", "Value", "BccEmail", "HTMLBody"),
    ]
)
FIXED = st.sampled_from(
    [
        "<TriggeredSendStatus>Active</TriggeredSendStatus>",
        "<TriggeredSendStatus>Canceled</TriggeredSendStatus>",
        "<TriggeredSendStatus>Inactive</TriggeredSendStatus>",
        "<Status>Unsubscribed</Status>",
        "<Status>Held</Status>",
        "<Fields><Field><Name>Note</Name><MaxLength>99</MaxLength></Field></Fields>",
        "<Client><ID>7654321</ID></Client>",
        "<Client><CustomerKey>other</CustomerKey></Client>",
        "<Properties><Property><Name>Key</Name><Value>1</Value></Property>"
        "<Property><Name>Note</Name><Value>changed</Value></Property></Properties>",
        "<Keys><Key><Name>Key</Name><Value>1</Value></Key></Keys>",
    ]
)


def _leaf(name: str, word: str) -> str:
    return f"<{name}>{word}</{name}>"


def _wrapped(name: str, parts: list[str]) -> str:
    return f"<{name}>{''.join(parts)}</{name}>"


LEAVES = st.builds(_leaf, NAMES, WORDS)
OUTER = st.sampled_from(
    [
        *("Lists", "List", "Subscribers", "TriggeredSendDefinition", "Email", "Attributes"),
        *(
            "SendSourceDataExtension",
            "PartnerProperties",
            "ParentFolder",
            "SenderProfile",
            "Client",
        ),
    ]
)
NESTED = st.builds(_wrapped, OUTER, st.lists(LEAVES | FIXED, min_size=1, max_size=3))
CHANGES = st.sampled_from(
    ["<Description>changed</Description>", "<Name>changed</Name>", "<Subject>changed</Subject>"]
)
PROPERTIES = st.lists(CHANGES | LEAVES | FIXED | NESTED, min_size=0, max_size=3)

# Some objects begin as something that the rails let through.
OWN_OBJECTS = [
    ("DataExtension", ["<CustomerKey>own orders</CustomerKey>"]),
    ("DataExtensionObject", ["<CustomerKey>own orders</CustomerKey>"]),
    ("TriggeredSendDefinition", ["<CustomerKey>own welcome</CustomerKey>"]),
    ("Email", ["<CustomerKey>own email</CustomerKey>"]),
    ("List", ["<CustomerKey>own list</CustomerKey>"]),
    ("Subscriber", ["<SubscriberKey>own person</SubscriberKey>"]),
    ("Subscriber", [f"<SubscriberKey>{ON_THE_LIST}</SubscriberKey>"]),
    ("SenderProfile", ["<CustomerKey>own sender</CustomerKey>"]),
    (
        "TriggeredSend",
        [
            "<TriggeredSendDefinition><CustomerKey>own welcome</CustomerKey>"
            "</TriggeredSendDefinition>",
            f"<Subscribers><EmailAddress>{ON_THE_LIST}</EmailAddress></Subscribers>",
        ],
    ),
]
OWN = st.sampled_from(OWN_OBJECTS)
# Others begin as something that a call could change, if the rails let it.
FOREIGN = st.sampled_from(
    [
        (kind, [part.replace("own ", "foreign ").replace(ON_THE_LIST, STRANGER) for part in parts])
        for kind, parts in OWN_OBJECTS
    ]
)
BY_NUMBER = st.builds(
    lambda base, name, number: (base[0], [f"<{name}>{{foreign:{number}}}</{name}>"]),
    OWN,
    st.sampled_from(["ObjectID", "ID"]),
    st.integers(0, 24),
)


def _object(base: tuple[str, list[str]], more: list[str], is_first: bool) -> str:
    kind, parts = base
    inside = "".join([*more, *parts] if is_first else [*parts, *more])
    return f'<{{element}} xsi:type="{kind}">{inside}</{{element}}>'


ITEMS = st.builds(
    _object, OWN | FOREIGN | BY_NUMBER | st.tuples(KINDS, st.just([])), PROPERTIES, st.booleans()
)
SAVE_OPTIONS = st.sampled_from(
    [*[""] * 5, *("UpdateAdd", "UpdateOnly", "AddOnly", "Delete", "Nothing")]
)
ACTIONS = st.sampled_from(
    [*["Create"] * 2, *["Update"] * 6, *["Delete"] * 2, "Configure", "Perform", "Schedule"]
)


def _message(action: str, items: list[str], save_action: str, numbers: dict[str, list[str]]) -> str:
    text = "".join(items)
    text = re.sub(
        r"\{(own|foreign):(\d+)\}",
        lambda found: numbers[found[1]][int(found[2]) % len(numbers[found[1]])],
        text,
    )
    options = (
        f"<Options><SaveOptions><SaveOption><PropertyName>*</PropertyName><SaveAction>{save_action}</SaveAction>"
        "</SaveOption></SaveOptions></Options>"
        if save_action
        else ""
    )
    if action == "Configure":
        inside = text.replace("{element}", "Configuration")
        return f"{options}<Action>Update</Action><Configurations>{inside}</Configurations>"
    if action in ("Perform", "Schedule"):
        inside = text.replace("{element}", "Definition")
        return f"{options}<Action>start</Action><Definitions>{inside}</Definitions>"
    return options + text.replace("{element}", "Objects")


@pytest.fixture(scope="module")
def stages() -> Iterator[Iterator[Stage]]:
    """Return a function that resets the account; it makes a new one after a call passed the rails."""

    def fresh() -> Generator[Stage]:
        while True:
            with stage() as staged:
                sent = len(staged.tenant.transport.requests)
                while len(staged.tenant.transport.requests) == sent:
                    yield staged

    given_out = fresh()
    yield given_out
    given_out.close()


@pytest.mark.slow
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
@given(ACTIONS, st.lists(ITEMS, min_size=1, max_size=2), SAVE_OPTIONS)
def test_nothing_foreign_is_touched(
    stages: Iterator[Stage], action: str, items: list[str], save_action: str
) -> None:
    staged = next(stages)

    if staged.send(action, _message(action, items, save_action, staged.numbers)):
        assert staged.snapshot() == staged.before


@pytest.mark.parametrize("kind", [kind for kind, _ in OWN_OBJECTS if kind != "TriggeredSend"])
def test_objects_of_the_run_may_be_changed(kind: str) -> None:
    """Rails that refuse every call would pass the test above."""
    base = next(base for base in OWN_OBJECTS if base[0] == kind)
    written = _object(base, ["<Description>new</Description>"] if kind == "List" else [], False)
    with stage() as staged:
        assert staged.send("Update", _message("Update", [written], "", staged.numbers))


@pytest.mark.parametrize(
    "item",
    [
        "<CustomerKey>own welcome</CustomerKey><CustomerKey>foreign welcome</CustomerKey>",
        "<CustomerKey>own welcome</CustomerKey><ObjectID>{foreign:0}</ObjectID>",
        "<ObjectID>{foreign:0}</ObjectID>",
        "<CustomerKey>foreign welcome</CustomerKey><TriggeredSendStatus>Active</TriggeredSendStatus>",
        "<CustomerKey>foreign welcome</CustomerKey><TriggeredSendStatus>Canceled</TriggeredSendStatus>",
        "<CustomerKey>own welcome</CustomerKey><Email><Client><ID>1</ID></Client></Email>",
        "<CustomerKey>own welcome</CustomerKey><List><CustomerKey>foreign list</CustomerKey></List>",
        '<x:CustomerKey xmlns:x="urn:x">foreign welcome</x:CustomerKey>'
        "<CustomerKey>own welcome</CustomerKey>",
        "<customerKey>foreign welcome</customerKey><CustomerKey>own welcome</CustomerKey>",
    ],
)
def test_ways_around_are_closed(item: str) -> None:
    written = _object(("TriggeredSendDefinition", [item]), [], False)
    with stage() as staged:
        assert not staged.send("Update", _message("Update", [written], "", staged.numbers))

"""An enterprise with business units: the objects that each caller can see and change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.soap_app import SoapApp, element, fueloauth, simple, username_token

from sfmc_mock.accounts import Accounts
from sfmc_mock.control.clock_handle import ClockHandle
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import dump, parse_seed
from sfmc_mock.settings import Settings

SEED = """
[account]
mid = 7000001
name = "Shop"
clock = "2026-01-01T12:00:00"

[[folder]]
name = "Shared"
content_type = "shared_dataextension"
parent = "shared_dataextension_default"
key = "shared"

[[data_extension]]
name = "Prices"
key = "prices"
folder = "shared"
fields = [{name = "Article", is_primary_key = true, max_length = 20}, {name = "Price"}]
rows = [{Article = "a", Price = "1"}]

[[data_extension]]
name = "Secrets"
key = "secrets"
fields = [{name = "A"}]

[[business_unit]]
name = "Germany"
mid = 7000002
key = "de"

[[business_unit.list]]
name = "Leser"

[[business_unit.data_extension]]
name = "Kunden"
key = "kunden"
fields = [{name = "Nummer", is_primary_key = true, max_length = 20}]
rows = [{Nummer = "1"}, {Nummer = "2"}]

[[business_unit.api_user]]
username = "hans"
password = "geheim"

[[business_unit]]
name = "Bavaria"
mid = 7000003
parent = "Germany"

[[business_unit]]
name = "France"
mid = 7000004
"""
SHOP, GERMANY, BAVARIA, FRANCE = 7000001, 7000002, 7000003, 7000004
OTHER = 7654321


class Enterprise(SoapApp):
    """An application with an enterprise, and with an account that is not related to it."""

    def token(self, mid: int | None = None, scope: str = "") -> str:
        """Return the header of a caller of one of its accounts."""
        body = {
            "grant_type": "client_credentials",
            "client_id": self.own.client_id,
            "client_secret": self.own.client_secret,
            "account_id": mid,
            "scope": scope,
        }
        answer = self.open("POST", "/v2/token", json=body)
        return fueloauth(answer.json["access_token"])

    def ask(
        self,
        object_type: str,
        properties: list[str],
        rest: str = "",
        *,
        of: int = SHOP,
        filter_: str = "",
    ) -> list[str] | str:
        """Return the values of the last property, or the OverallStatus of a refusal."""
        asked = "".join(element("Properties", each) for each in properties)
        answer = self.call(
            "Retrieve",
            f"<RetrieveRequest>{element('ObjectType', object_type)}{asked}{filter_}{rest}</RetrieveRequest>",
            header=self.token(of),
        )
        if answer.overall != "OK":
            return answer.overall
        return answer.texts("Results", *properties[-1].split("."))

    def write(self, operation: str, content: str, *, of: int = SHOP, options: str = "") -> str:
        answer = self.call(operation, options + content, header=self.token(of))
        return answer.text("Results", "StatusMessage")

    def refused(self, operation: str, content: str, *, of: int = SHOP) -> int:
        """Return the ErrorCode of a refusal."""
        answer = self.call(operation, content, header=self.token(of))
        return int(answer.text("Results", "ErrorCode"))


UNRELATED = """
[account]
mid = 7654321
[[api_user]]
username = "other"
password = "other"
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Accounts]:
    """The accounts of a server, with one that is not related to any other."""
    accounts = Accounts()
    accounts.open(seed=parse_seed(UNRELATED))
    yield accounts
    accounts.close()


@pytest.fixture
def shop(place: Accounts) -> Iterator[Enterprise]:
    account = place.open(seed=parse_seed(SEED))
    made = Enterprise(place, account, Settings())
    yield made
    place.remove(account)
    assert made.problems == []


ALL = "<QueryAllAccounts>true</QueryAllAccounts>"


def clients(*mids: int) -> str:
    return "".join(f"<ClientIDs><ID>{mid}</ID></ClientIDs>" for mid in mids)


def named(mid: int) -> str:
    return f"<Client><ID>{mid}</ID></Client>"


def a_list(name: str, client: str = "") -> str:
    return f'<Objects xsi:type="List">{client}<ListName>{name}</ListName></Objects>'


LISTS = ["Client.ID", "ListName"]


# Who calls.


def test_a_token_is_for_the_account_that_it_is_asked_for(shop: Enterprise) -> None:
    assert shop.ask("List", LISTS) == ["All Subscribers"]
    assert shop.ask("List", LISTS, of=GERMANY) == ["All Subscribers", "Leser"]
    assert shop.ask("List", ["Client.ID"], of=BAVARIA) == [str(BAVARIA)]


@pytest.mark.parametrize("account_id", [OTHER, 1, "x", 7000009])
def test_no_token_is_given_for_an_account_that_is_not_related(
    shop: Enterprise, account_id: object
) -> None:
    body = {
        "grant_type": "client_credentials",
        "client_id": shop.own.client_id,
        "client_secret": shop.own.client_secret,
        "account_id": account_id,
    }
    answer = shop.open("POST", "/v2/token", json=body)

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_a_unit_can_have_users_of_its_own(shop: Enterprise) -> None:
    answer = shop.call(
        "Retrieve",
        "<RetrieveRequest><ObjectType>List</ObjectType><Properties>ListName</Properties></RetrieveRequest>",
        header=username_token("hans", "geheim"),
    )

    assert answer.texts("Results", "ListName") == ["All Subscribers", "Leser"]


# Reading.


def test_query_all_accounts_looks_into_the_account_and_those_below(shop: Enterprise) -> None:
    everywhere = shop.ask("List", ["ListName", "Client.ID"], ALL)
    below_germany = shop.ask("List", ["ListName", "Client.ID"], ALL, of=GERMANY)

    assert sorted(set(everywhere)) == [str(mid) for mid in (SHOP, GERMANY, BAVARIA, FRANCE)]
    assert sorted(set(below_germany)) == [str(GERMANY), str(BAVARIA)]


def test_client_ids_choose_among_the_accounts_that_are_seen(shop: Enterprise) -> None:
    assert shop.ask("List", LISTS, clients(GERMANY)) == ["All Subscribers", "Leser"]
    assert shop.ask("List", ["Client.ID"], clients(FRANCE, SHOP)) == [str(FRANCE), str(SHOP)]
    assert shop.ask("List", ["Client.ID"], clients(FRANCE, OTHER)) == [str(FRANCE)]
    assert "ClientIDs names accounts" in shop.warnings[0]


def lists_queried(shop: Enterprise, asked: str, *, of: int = SHOP) -> str | list[str]:
    answer = shop.call(
        "Query",
        f"<QueryRequest>{asked}<Query><Object><ObjectType>List</ObjectType><Properties>Client.ID</Properties>"
        "</Object></Query></QueryRequest>",
        header=shop.token(of),
    )
    return answer.texts("Results", "Client", "ID") if answer.overall == "OK" else answer.overall


def test_a_query_looks_into_the_same_accounts_as_a_retrieve(shop: Enterprise) -> None:
    below_germany = lists_queried(shop, "<QueryAllAccounts>true</QueryAllAccounts>", of=GERMANY)

    assert sorted(set(below_germany)) == [str(GERMANY), str(BAVARIA)]
    assert lists_queried(shop, clients(FRANCE)) == [str(FRANCE)]
    assert lists_queried(shop, clients(FRANCE), of=GERMANY) == "Error: API Permission Failed"


@pytest.mark.parametrize(
    ("of", "asked"),
    [(SHOP, OTHER), (GERMANY, FRANCE), (BAVARIA, GERMANY), (FRANCE, BAVARIA), (GERMANY, SHOP)],
)
def test_callers_see_no_sibling_or_parent_accounts(shop: Enterprise, of: int, asked: int) -> None:
    assert shop.ask("List", LISTS, clients(asked), of=of) == "Error: API Permission Failed"
    answer = shop.write("Create", a_list("Mine", named(asked)), of=of)
    assert answer == "API Permission Failed"


def test_a_filter_on_the_account_goes_with_query_all_accounts(shop: Enterprise) -> None:
    of_germany = simple("Client.ID", "equals", str(GERMANY))

    assert shop.ask("List", LISTS, ALL, filter_=of_germany) == ["All Subscribers", "Leser"]
    assert shop.ask("DataExtension", ["CustomerKey"], ALL, filter_=of_germany) == ["kunden"]


def test_pages_go_from_one_account_to_the_next(shop: Enterprise) -> None:
    for mid in (SHOP, GERMANY, FRANCE):
        for number in range(3):
            shop.write("Create", a_list(f"{mid} {number}", named(mid)))
    asked = (
        f"<RetrieveRequest>{ALL}<ObjectType>List</ObjectType><Properties>ListName</Properties>"
        "<Options><BatchSize>4</BatchSize></Options></RetrieveRequest>"
    )
    header = shop.token()
    answer = shop.call("Retrieve", asked, header=header)
    found, pages = answer.texts("Results", "ListName"), 1
    while answer.overall == "MoreDataAvailable":
        more = f"<RetrieveRequest>{element('ContinueRequest', answer.request_id)}</RetrieveRequest>"
        answer = shop.call("Retrieve", more, header=header)
        found += answer.texts("Results", "ListName")
        pages += 1

    # All Subscribers of each of the four, Leser, and the nine.
    assert (len(found), pages) == (14, 4)
    assert [each.split()[0] for each in found if each[0] == "7"] == [
        str(mid) for mid in (SHOP, GERMANY, FRANCE) for _ in range(3)
    ]


def test_rows_are_found_in_the_account_that_has_them(shop: Enterprise) -> None:
    rows = ["Nummer"]
    of_all = shop.call(
        "Retrieve",
        f"<RetrieveRequest>{ALL}<ObjectType>DataExtensionObject[kunden]</ObjectType>"
        f"{element('Properties', rows[0])}</RetrieveRequest>",
        header=shop.token(),
    )

    assert of_all.rows == [{"Nummer": "1"}, {"Nummer": "2"}]
    missing = shop.ask("DataExtensionObject[nothing]", rows, ALL)
    assert missing == "Error: Data extension does not exist: nothing"


# Writing.


def test_an_object_is_made_in_the_account_that_it_names(shop: Enterprise) -> None:
    assert shop.write("Create", a_list("News", named(FRANCE))) == "Created List."

    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "News"]
    assert shop.ask("List", LISTS) == ["All Subscribers"]


def test_options_name_the_account_for_a_whole_call(shop: Enterprise) -> None:
    options = f"<Options>{named(FRANCE)}</Options>"
    foreign = f"<Options>{named(OTHER)}</Options>"

    assert shop.write("Create", a_list("News"), options=options) == "Created List."
    assert shop.write("Create", a_list("News"), options=foreign) == "API Permission Failed"
    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "News"]
    assert shop.ask("List", LISTS) == ["All Subscribers"]
    retrieved = shop.ask("List", LISTS, options)
    assert retrieved == ["All Subscribers", "News"]


def test_a_refused_object_leaves_nothing_in_the_other_account(shop: Enterprise) -> None:
    batch = a_list("Good", named(FRANCE)) + a_list("", named(FRANCE))
    answer = shop.call("Create", batch, header=shop.token())

    assert answer.texts("Results", "StatusCode") == ["OK", "Error"]
    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "Good"]


def test_refusals_around_it_leave_what_was_done_in_the_other_account(shop: Enterprise) -> None:
    batch = a_list("") + a_list("Good", named(FRANCE)) + a_list("")
    answer = shop.call("Create", batch, header=shop.token())

    assert answer.texts("Results", "StatusCode") == ["Error", "OK", "Error"]
    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "Good"]


def test_execute_works_in_the_account_that_it_names(shop: Enterprise) -> None:
    person = (
        f'<Objects xsi:type="Subscriber">{named(FRANCE)}<SubscriberKey>ada</SubscriberKey>'
        "<EmailAddress>ada@mock.test</EmailAddress></Objects>"
    )
    shop.write("Create", person)
    parameters = "<Parameters><Name>SubscriberKey</Name><Value>ada</Value></Parameters>"
    request = f"<Requests>{named(FRANCE)}<Name>LogUnsubEvent</Name>{parameters}</Requests>"
    refused = "<Requests><Name>LogUnsubEvent</Name></Requests>"
    answer = shop.call("Execute", refused + request + refused, header=shop.token())

    assert answer.texts("Results", "StatusCode") == ["Error", "OK", "Error"]
    assert shop.ask("Subscriber", ["Status"], of=FRANCE) == ["Unsubscribed"]


# Shared objects.


def test_a_unit_sees_the_shared_folders_and_data_extensions_of_its_enterprise(
    shop: Enterprise,
) -> None:
    of_shop = simple("Client.ID", "equals", str(SHOP))
    folders = shop.ask("DataFolder", ["Client.ID", "ContentType"], ALL, of=FRANCE, filter_=of_shop)
    extensions = shop.ask("DataExtension", ["CustomerKey"], ALL, of=FRANCE, filter_=of_shop)
    fields = shop.ask("DataExtensionField", ["Name"], clients(SHOP), of=FRANCE)

    assert "shared_dataextension" in folders
    assert all(each.startswith("shared_") for each in folders)
    assert extensions == ["prices"]
    assert sorted(fields) == ["Article", "Price"]


def test_without_asking_for_it_a_unit_sees_its_own_alone(shop: Enterprise) -> None:
    assert shop.ask("DataExtension", ["CustomerKey"], of=FRANCE) == []
    refused = shop.ask("DataExtensionObject[prices]", ["Price"], of=FRANCE)
    assert refused == "Error: Data extension does not exist: prices"


def row(key: str, client: str = "") -> str:
    return (
        f'<Objects xsi:type="DataExtensionObject">{client}<CustomerKey>{key}</CustomerKey><Properties><Property>'
        "<Name>Article</Name><Value>b</Value></Property></Properties></Objects>"
    )


def test_a_unit_reads_and_writes_rows_of_a_shared_data_extension(shop: Enterprise) -> None:
    made = shop.write("Create", row("prices", named(SHOP)), of=FRANCE)
    rows = shop.call(
        "Retrieve",
        f"<RetrieveRequest>{clients(SHOP)}<ObjectType>DataExtensionObject[prices]</ObjectType>"
        "<Properties>Article</Properties></RetrieveRequest>",
        header=shop.token(FRANCE),
    )

    assert made == "Created DataExtensionObject"
    assert rows.rows == [{"Article": "a"}, {"Article": "b"}]


def unshare(shop: Enterprise, key: str) -> None:
    folder = shop.call(
        "Retrieve",
        "<RetrieveRequest><ObjectType>DataFolder</ObjectType><Properties>ID</Properties>"
        f"{simple('ContentType', 'equals', 'dataextension')}</RetrieveRequest>",
        header=shop.token(),
    ).text("Results", "ID")
    moved = (
        f'<Objects xsi:type="DataExtension"><CustomerKey>{key}</CustomerKey>'
        f"<CategoryID>{folder}</CategoryID></Objects>"
    )
    assert shop.call("Update", moved, header=shop.token()).overall == "OK"


def first_page(shop: Enterprise, object_type: str, name: str, rest: str) -> str:
    """Return the RetrieveRequest for a first page of one result."""
    answer = shop.call(
        "Retrieve",
        f"<RetrieveRequest>{rest}<ObjectType>{object_type}</ObjectType>{element('Properties', name)}"
        "<Options><BatchSize>1</BatchSize></Options></RetrieveRequest>",
        header=shop.token(FRANCE),
    )
    assert answer.overall == "MoreDataAvailable"
    return f"<RetrieveRequest>{element('ContinueRequest', answer.request_id)}</RetrieveRequest>"


@pytest.mark.parametrize(
    ("object_type", "name", "then"),
    [
        (
            "DataExtensionObject[prices]",
            "Article",
            "Error: Data extension does not exist: prices",
        ),
        ("DataExtensionField", "Name", "OK"),
    ],
)
def test_a_unit_gets_no_further_page_of_what_is_shared_no_more(
    shop: Enterprise, object_type: str, name: str, then: str
) -> None:
    assert shop.write("Create", row("prices", named(SHOP)), of=FRANCE)
    more = first_page(shop, object_type, name, clients(SHOP))

    shared = shop.call("Retrieve", more, header=shop.token(FRANCE))
    unshare(shop, "prices")
    refused = shop.call("Retrieve", more, header=shop.token(FRANCE))

    assert len(shared.results) == 1
    assert (refused.overall, refused.results) == (then, [])


def test_a_unit_does_nothing_else_with_its_enterprise(shop: Enterprise) -> None:
    assert shop.write("Create", row("secrets", named(SHOP)), of=FRANCE) == "API Permission Failed"
    refused = shop.ask("DataExtensionObject[secrets]", ["A"], clients(SHOP), of=FRANCE)
    assert refused == "Error: Data extension does not exist: secrets"
    deleted = f'<Objects xsi:type="DataExtension">{named(SHOP)}<CustomerKey>prices</CustomerKey></Objects>'
    assert shop.write("Delete", deleted, of=FRANCE) == "API Permission Failed"
    assert shop.ask("Subscriber", ["SubscriberKey"], clients(SHOP), of=FRANCE) == (
        "Error: API Permission Failed"
    )


# The accounts themselves.


def test_business_units_are_reported_with_their_places(shop: Enterprise) -> None:
    properties = ["ID", "Name", "CustomerKey", "ParentID"]
    assert shop.ask("BusinessUnit", properties) == ["0"]
    assert shop.ask("BusinessUnit", properties, ALL) == ["0", str(SHOP), str(GERMANY), str(SHOP)]
    assert shop.ask("BusinessUnit", ["CustomerKey"], of=GERMANY) == ["de"]
    assert shop.ask("Account", ["Client.EnterpriseID"], of=BAVARIA) == [str(SHOP)]


def test_units_share_the_clock_of_their_enterprise(shop: Enterprise) -> None:
    unit = shop.account.units[GERMANY]
    ClockHandle(unit).advance("2h")

    assert shop.account.now() == unit.now() == shop.account.units[FRANCE].now()


def test_identifiers_of_units_differ(shop: Enterprise) -> None:
    for mid in (SHOP, GERMANY, FRANCE):
        shop.write("Create", a_list("News", named(mid)))
    news = simple("ListName", "equals", "News")

    numbers = shop.ask("List", ["ID"], ALL, filter_=news)
    assert len(set(numbers)) == 3


# One file holds everything.


def test_a_file_holds_the_units_and_what_happened_in_them(tmp_path: Path) -> None:
    accounts = Accounts()
    path = tmp_path / "shop.db"
    shop = Enterprise(accounts, accounts.open(path, parse_seed(SEED)), Settings())
    shop.write("Create", a_list("News", named(FRANCE)))
    accounts.close()
    accounts = Accounts()
    again = Enterprise(accounts, accounts.open(path), Settings())

    assert again.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "News"]
    assert again.ask("BusinessUnit", ["ID", "ParentID"], clients(BAVARIA)) == [str(GERMANY)]
    accounts.close()


def test_going_back_takes_the_units_along(shop: Enterprise) -> None:
    content = shop.account.db.content()
    header = shop.token(FRANCE)
    shop.write("Create", a_list("News", named(FRANCE)))
    shop.accounts.restore(shop.account, content)
    restored = shop.call(
        "Retrieve",
        "<RetrieveRequest><ObjectType>List</ObjectType><Properties>ListName</Properties></RetrieveRequest>",
        header=header,
    )
    shop.write("Create", a_list("Old", named(FRANCE)))
    shop.accounts.reset(shop.account)

    # Tokens issued since then stay valid.
    assert restored.texts("Results", "ListName") == ["All Subscribers"]
    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers"]
    assert shop.ask("List", LISTS, of=GERMANY) == ["All Subscribers", "Leser"]


def test_a_rollback_in_the_enterprise_is_one_in_the_unit_too(
    shop: Enterprise,
) -> None:
    unit = shop.account.units[FRANCE]

    def change_and_fail() -> None:
        with shop.account.db.atomic():
            unit.change_setting("name", "Other")
            raise KeyError

    with pytest.raises(KeyError):
        change_and_fail()
    with unit.db.lock:
        assert unit.setting("name") == "France"


def test_an_exported_enterprise_makes_the_same_one_again(shop: Enterprise) -> None:
    exported = dump(shop.account)
    again = parse_seed(exported)

    assert [(unit.name, unit.key, unit.parent) for unit in again.units] == [
        ("Germany", "de", None),
        ("Bavaria", None, "Germany"),
        ("France", None, None),
    ]
    accounts = Accounts()
    assert dump(accounts.open(seed=again)) == exported
    accounts.close()


def test_a_fresh_enterprise_has_mids_of_its_own(shop: Enterprise) -> None:
    fresh = shop.accounts.fresh(parse_seed(SEED))
    mids = [fresh.mid, *fresh.units]

    assert len({*mids, SHOP, GERMANY, BAVARIA, FRANCE}) == 8
    assert fresh.units[mids[2]].parent_mid == mids[1]
    shop.accounts.reset(fresh)
    assert [fresh.mid, *fresh.units] == mids
    shop.accounts.remove(fresh)
    assert all(shop.accounts.by_mid(mid) is None for mid in mids)


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ("[[business_unit]]\nmid = 2", "name"),
        ('[[business_unit]]\nname = "A"\nparent = "B"', "there is no business unit 'B'"),
        ('[[business_unit]]\nname = "A"\nparent = "A"', "below itself"),
        ('[[business_unit]]\nname = "A"\n[[business_unit]]\nname = "a"', "name or key"),
        ('[[business_unit]]\nname = "A"\nmid = 1234567', "MID 1234567"),
        ('[[business_unit]]\nname = "A"\ncolour = 1', "colour"),
        (
            '[[business_unit]]\nname = "A"\n[[business_unit.list]]\ntype = "x"',
            "[[business_unit]] 1 (A)",
        ),
        ("business_unit = 3", "write business units as tables"),
        (
            '[[business_unit]]\nname = "A"\n[[business_unit.role]]\nname = "Editors"\nkey = "e"',
            "each Role belongs to the enterprise",
        ),
        (
            '[[account_user]]\nuser_id = "e"\nname = "E"\nemail = "e@mock.test"\nbusiness_units = ["B"]',
            "there is no business unit 'B'",
        ),
    ],
)
def test_invalid_units_in_a_seed_are_reported(seed: str, sentence: str) -> None:
    with pytest.raises(SetupError) as refused:
        parse_seed(seed)
    assert sentence in str(refused.value)


# Users, with access by account.


def user(name: str, client: str = "", more: str = "") -> str:
    return (
        f'<Objects xsi:type="AccountUser">{client}<CustomerKey>{name}</CustomerKey><UserID>{name}</UserID>'
        f"<Name>{name}</Name><Email>{name}@mock.test</Email>{more}</Objects>"
    )


def assign(shop: Enterprise, name: str, *mids: int, take: bool = False, of: int = SHOP) -> str:
    units = "".join(f"<BusinessUnitId>{mid}</BusinessUnitId>" for mid in mids)
    answer = shop.call(
        "Configure",
        f'<Action>assign</Action><Configurations><Configuration xsi:type="AccountUser"><CustomerKey>{name}'
        f"</CustomerKey><BusinessUnitAssignmentConfiguration><BusinessUnitIds>{units}</BusinessUnitIds>"
        f"<IsDelete>{str(take).lower()}</IsDelete></BusinessUnitAssignmentConfiguration></Configuration></Configurations>",
        header=shop.token(of),
    )
    return answer.text("Results", "Result", "StatusMessage")


USERS = ["UserID"]


def test_users_are_seen_where_they_have_access(shop: Enterprise) -> None:
    for name, client in (("eve", ""), ("hans", named(GERMANY))):
        shop.write("Create", user(name, client))
    shop.write("Create", user("jean"), of=FRANCE)

    assert shop.ask("AccountUser", USERS) == ["eve"]
    assert shop.ask("AccountUser", USERS, of=GERMANY) == ["hans"]
    assert shop.ask("AccountUser", USERS, of=FRANCE) == ["jean"]
    assert sorted(shop.ask("AccountUser", USERS, ALL)) == ["eve", "hans", "jean"]
    assert shop.ask("AccountUser", USERS, clients(GERMANY)) == ["hans"]
    assert shop.ask("AccountUser", USERS, ALL, of=GERMANY) == ["hans"]


def test_configure_assigns_users_to_accounts(shop: Enterprise) -> None:
    shop.write("Create", user("eve"))
    said = assign(shop, "eve", FRANCE, BAVARIA)
    given = shop.ask("AccountUserAccount", ["AccountUser.UserID", "Account.ID"], ALL)
    assign(shop, "eve", FRANCE, take=True)

    assert said == "User Business Unit assignments successfully updated"
    assert sorted(given) == sorted(map(str, (SHOP, FRANCE, BAVARIA)))
    assert shop.ask("AccountUser", USERS, of=FRANCE) == []
    assert shop.ask("AccountUser", USERS, of=BAVARIA) == ["eve"]


def test_the_answer_to_an_assignment_has_the_recorded_form(shop: Enterprise) -> None:
    shop.write("Create", user("eve"))
    assign(shop, "eve", FRANCE)
    # The last call asked for the token.
    (found,) = [each for each in shop.wsgi.journal if each.operation == "Configure"]

    assert (
        "<Delete>0</Delete><BusinessUnitAssignmentConfiguration><BusinessUnitIds><BusinessUnitId>7000004"
        "</BusinessUnitId></BusinessUnitIds><IsDelete>false</IsDelete></BusinessUnitAssignmentConfiguration></Object>"
        in found.answer
    )


@pytest.mark.parametrize(
    ("of", "client", "code"),
    [
        (FRANCE, named(SHOP), 11001),
        (FRANCE, named(GERMANY), 11001),
        (SHOP, named(OTHER), 11002),
        (
            SHOP,
            "<Client><PartnerClientKey>x</PartnerClientKey></Client>",
            11000,
        ),
    ],
)
def test_users_are_made_only_where_the_caller_is_seen(
    shop: Enterprise, of: int, client: str, code: int
) -> None:
    assert shop.refused("Create", user("eve", client), of=of) == code


def test_a_unit_changes_its_own_users_alone(shop: Enterprise) -> None:
    shop.write("Create", user("eve"))
    shop.write("Create", user("jean"), of=FRANCE)

    assert shop.write("Update", user("eve"), of=FRANCE) == "AccountUser Does Not Belong to Account"
    assert shop.write("Update", user("jean"), of=FRANCE) == "Account User Updated / Created"
    assert assign(shop, "jean", SHOP, of=FRANCE) == "Account Invalid ID Specified"
    assert assign(shop, "jean", OTHER) == "Account Invalid ID Specified"


def test_permissions_of_a_user_are_reported(shop: Enterprise) -> None:
    given = "<UserPermissions><ID>{}</ID><Name>Send</Name><Delete>{}</Delete></UserPermissions>"
    nameless = "<UserPermissions><Name>Send</Name></UserPermissions>"
    refused = shop.refused("Create", user("eve", more=nameless))
    shop.write("Create", user("eve", more=given.format(9, 0) + given.format(5, 0)))
    shop.write("Update", user("eve", more=given.format(5, 1)))

    assert refused == 54001
    assert shop.ask("UserAccess", ["ID"]) == ["9"]
    assert shop.ask("UserAccess", ["ID"], of=FRANCE) == []


def test_a_unit_changes_no_permissions_that_reach_beyond_it(shop: Enterprise) -> None:
    given = "<UserPermissions><ID>9</ID></UserPermissions>"
    shop.write("Create", user("jean"), of=FRANCE)
    own = shop.write("Update", user("jean", more=given), of=FRANCE)
    assign(shop, "jean", SHOP)

    assert own == "Account User Updated / Created"
    assert shop.refused("Update", user("jean", more=given), of=FRANCE) == 54000


def test_roles_are_those_of_the_enterprise(shop: Enterprise) -> None:
    role = (
        '<Objects xsi:type="Role"><CustomerKey>editors</CustomerKey><Name>Editors</Name></Objects>'
    )
    shop.write("Create", role, of=FRANCE)

    assert shop.ask("Role", ["Name"]) == ["Editors"]
    assert shop.ask("Role", ["Name"], of=GERMANY) == ["Editors"]


# Units that a call makes.


def unit(more: str, object_type: str = "BusinessUnit") -> str:
    return f'<Objects xsi:type="{object_type}">{more}</Objects>'


def test_a_unit_can_be_made_and_used(shop: Enterprise) -> None:
    content = unit("<CustomerKey>es</CustomerKey><ParentID>7000002</ParentID><Name>Spain</Name>")
    answer = shop.call("Create", content, header=shop.token())
    mid = int(answer.text("Results", "NewID"))
    shop.write("Create", a_list("Noticias", named(mid)))

    assert answer.text("Results", "StatusMessage") == "Account Updated / Created"
    assert shop.ask("List", LISTS, of=mid) == ["All Subscribers", "Noticias"]
    assert shop.ask("BusinessUnit", ["CustomerKey", "ParentID"], clients(mid)) == [str(GERMANY)]
    assert shop.ask("BusinessUnit", ["CustomerKey"], of=mid) == ["es"]
    shop.accounts.reset(shop.account)
    assert mid not in shop.account.units


@pytest.mark.parametrize(
    ("of", "content", "code"),
    [
        (FRANCE, "<ParentID>7000004</ParentID><Name>X</Name>", 1000),
        (SHOP, "<ParentID>7000001</ParentID>", 1005),
        (SHOP, "<ParentID>7654321</ParentID><Name>X</Name>", 1009),
        (SHOP, "<Name>X</Name>", 1011),
        (
            SHOP,
            "<AccountType>CONNECT</AccountType><ParentID>7000001</ParentID><Name>X</Name>",
            1017,
        ),
        (
            SHOP,
            "<CustomerKey>DE</CustomerKey><ParentID>7000001</ParentID><Name>X</Name>",
            1015,
        ),
    ],
)
def test_an_invalid_unit_is_refused(shop: Enterprise, of: int, content: str, code: int) -> None:
    assert shop.refused("Create", unit(content), of=of) == code
    assert len(shop.account.units) == 3


def test_an_enterprise_changes_its_units_and_a_unit_itself(shop: Enterprise) -> None:
    by_key = unit("<CustomerKey>de</CustomerKey><Email>de@mock.test</Email>")
    by_id = unit("<ID>7000003</ID><Name>Bayern</Name>", "Account")
    foreign = unit("<ID>7000001</ID><Name>Mine</Name>", "Account")

    assert shop.write("Update", by_key) == "Account Updated / Created"
    assert shop.write("Update", by_id, of=GERMANY) == "Account Updated / Created"
    assert shop.write("Update", foreign, of=GERMANY) == "Account Invalid ID Specified"
    assert shop.ask("BusinessUnit", ["Name", "Email"], of=GERMANY) == ["de@mock.test"]
    assert shop.ask("BusinessUnit", ["Name"], of=BAVARIA) == ["Bayern"]


# Queries.


def query(source: str) -> str:
    text = f"SELECT Article AS Nummer FROM {source}"  # noqa: S608 - for the emulator
    return (
        '<Objects xsi:type="QueryDefinition"><CustomerKey>q</CustomerKey><Name>q</Name>'
        f"<QueryText>{text}</QueryText><TargetUpdateType>Append</TargetUpdateType>"
        "<DataExtensionTarget><CustomerKey>kunden</CustomerKey></DataExtensionTarget></Objects>"
    )


def test_a_query_of_a_unit_reads_shared_data_extensions(shop: Enterprise) -> None:
    made = shop.write("Create", query("ENT.Prices"), of=GERMANY)
    start = '<Action>start</Action><Definitions><Definition xsi:type="QueryDefinition"><CustomerKey>q</CustomerKey>'
    shop.call("Perform", f"{start}</Definition></Definitions>", header=shop.token(GERMANY))
    rows = shop.call(
        "Retrieve",
        "<RetrieveRequest><ObjectType>DataExtensionObject[kunden]</ObjectType><Properties>Nummer</Properties>"
        "</RetrieveRequest>",
        header=shop.token(GERMANY),
    )

    assert made == "QueryDefinition created"
    assert rows.rows == [{"Nummer": "1"}, {"Nummer": "2"}, {"Nummer": "a"}]


@pytest.mark.parametrize("source", ["Prices", "ENT.Secrets", "ENT.Kunden"])
def test_a_query_of_a_unit_reads_nothing_else_of_its_enterprise(
    shop: Enterprise, source: str
) -> None:
    assert "Exception occurred" in shop.write("Create", query(source), of=GERMANY)


def test_a_call_of_a_unit_is_in_the_file_when_it_is_answered(tmp_path: Path) -> None:
    accounts = Accounts()
    path = tmp_path / "shop.db"
    shop = Enterprise(accounts, accounts.open(path, parse_seed(SEED)), Settings())
    shop.write("Create", a_list("News", named(FRANCE)))
    # As after a crash: the file with its log, without a word to the server.
    copy = tmp_path / "copy.db"
    for tail in ("", "-wal"):
        copy.with_name(f"copy.db{tail}").write_bytes(path.with_name(f"shop.db{tail}").read_bytes())
    others = Accounts()
    unit = others.open(copy).units[FRANCE]

    assert unit.db.count("list", name="News") == 1
    others.close()
    accounts.close()


WITH_USERS = f"""{SEED}
[[account_user]]
user_id = "eve"
name = "Eve"
email = "eve@mock.test"
business_units = ["France", "de"]
"""


def test_a_seed_file_gives_users_access_to_units(place: Accounts) -> None:
    account = place.open(seed=parse_seed(WITH_USERS))
    shop = Enterprise(place, account, Settings())

    assert shop.ask("AccountUser", USERS, of=FRANCE) == ["eve"]
    assert shop.ask("AccountUser", USERS, of=BAVARIA) == []
    again = parse_seed(dump(account))
    assert again.of("account_user")[0]["business_units"] == ["Germany", "France"]
    place.remove(account)
    fresh = place.fresh(parse_seed(WITH_USERS))
    rows = fresh.db.find_all("account_user_account", "mid")
    germany, _, france = fresh.units
    assert [row["mid"] for row in rows] == [germany, france]
    place.remove(fresh)


# Accounts by their PartnerKey.


def test_a_partner_client_key_names_the_account_that_has_it(shop: Enterprise) -> None:
    shop.write("Update", unit("<ID>7000004</ID><PartnerKey>fr</PartnerKey>"))
    client = "<Client><PartnerClientKey>{}</PartnerClientKey></Client>"

    assert shop.write("Create", a_list("News", client.format("fr"))) == "Created List."
    assert shop.ask("List", LISTS, of=FRANCE) == ["All Subscribers", "News"]
    assert shop.write("Create", a_list("Other", client.format("none"))) == "Created List."
    assert "no account has the PartnerKey 'none'" in shop.warnings[0]
    assert shop.ask("List", LISTS) == ["All Subscribers", "Other"]


# In the fixtures.


def test_the_fixture_shows_the_units(shop: Enterprise) -> None:
    answer = shop.open("GET", "/_mock/accounts", base_url="http://localhost")

    units = {each["name"]: each["mid"] for each in answer.json["accounts"] if "name" in each}
    assert units == {"Germany": GERMANY, "Bavaria": BAVARIA, "France": FRANCE}


# A master unsubscribe.


def person(client: str) -> str:
    return (
        f'<Objects xsi:type="Subscriber">{client}<SubscriberKey>ada</SubscriberKey>'
        "<EmailAddress>ada@mock.test</EmailAddress></Objects>"
    )


@pytest.mark.parametrize(
    ("behaviour", "elsewhere"),
    [("ENTIRE_ENTERPRISE", "Unsubscribed"), ("BUSINESS_UNIT_ONLY", "Active")],
)
def test_a_master_unsubscribe_is_one_from_the_enterprise_unless_the_unit_keeps_it(
    shop: Enterprise, behaviour: str, elsewhere: str
) -> None:
    said = f"<ID>{FRANCE}</ID><MasterUnsubscribeBehavior>{behaviour}</MasterUnsubscribeBehavior>"
    shop.write("Update", unit(said))
    for mid in (SHOP, GERMANY, FRANCE):
        shop.write("Create", person(named(mid)))
    parameters = "<Parameters><Name>SubscriberKey</Name><Value>ada</Value></Parameters>"
    request = f"<Requests><Name>LogUnsubEvent</Name>{parameters}</Requests>"
    shop.call("Execute", request, header=shop.token(FRANCE))

    assert shop.ask("Subscriber", ["Status"], of=FRANCE) == ["Unsubscribed"]
    assert shop.ask("Subscriber", ["Status"], of=GERMANY) == [elsewhere]
    assert shop.ask("Subscriber", ["Status"]) == [elsewhere]


@pytest.mark.parametrize(
    ("behaviour", "status", "not_sent"),
    [("ENTIRE_ENTERPRISE", "Unsubscribed", ["ada"]), ("BUSINESS_UNIT_ONLY", "Active", [])],
)
def test_an_enterprise_unsubscribe_applies_to_units_that_add_the_subscriber_later(
    shop: Enterprise, behaviour: str, status: str, not_sent: list[str]
) -> None:
    said = f"<ID>{FRANCE}</ID><MasterUnsubscribeBehavior>{behaviour}</MasterUnsubscribeBehavior>"
    shop.write("Update", unit(said))
    gone = person(named(FRANCE)).replace("</Objects>", "<Status>Unsubscribed</Status></Objects>")
    shop.write("Create", gone)
    classification = "<SendClassification><CustomerKey>2239</CustomerKey></SendClassification>"
    email = "<Email><ID>3099626</ID></Email>"
    definition = f"<CustomerKey>w</CustomerKey><Name>W</Name>{classification}{email}"
    start = "<CustomerKey>w</CustomerKey><TriggeredSendStatus>Active</TriggeredSendStatus>"
    for operation, content in (("Create", definition), ("Update", start)):
        made = f'<Objects xsi:type="TriggeredSendDefinition">{content}</Objects>'
        shop.write(operation, made, of=GERMANY)
    ada = "<SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress>"
    bob = ada.replace("ada", "bob")
    to = f"<Subscribers>{ada}</Subscribers><Subscribers>{bob}</Subscribers>"
    named_definition = (
        "<TriggeredSendDefinition><CustomerKey>w</CustomerKey></TriggeredSendDefinition>"
    )

    shop.write("Create", person(""))
    send = f'<Objects xsi:type="TriggeredSend">{named_definition}{to}</Objects>'
    assert shop.write("Create", send, of=GERMANY) == "Created TriggeredSend"

    assert shop.ask("Subscriber", ["Status"]) == [status]
    of_both = shop.ask("Subscriber", ["SubscriberKey", "Status"], of=GERMANY)
    assert sorted(of_both) == sorted([status, "Active"])
    assert shop.ask("NotSentEvent", ["SubscriberKey"], of=GERMANY) == not_sent


def test_an_enterprise_closes_a_unit_that_none_is_below(shop: Enterprise) -> None:
    def delete(mid: int, of: int = SHOP) -> str:
        return shop.write("Delete", f'<Objects xsi:type="Account"><ID>{mid}</ID></Objects>', of=of)

    assert delete(FRANCE) == "Account deleted"
    assert delete(FRANCE) == "Account Invalid ID Specified"
    assert delete(SHOP) == delete(GERMANY) == "Account Invalid Permissions"
    assert delete(BAVARIA, of=BAVARIA) == "Account Invalid Permissions"
    update = f'<Objects xsi:type="Account"><ID>{FRANCE}</ID><IsActive>1</IsActive></Objects>'
    assert shop.write("Update", update) == "Account In Read only State"
    assert shop.ask("Account", ["IsActive"], of=FRANCE) == ["0"]
    assert shop.ask("Account", ["DeletedDate"], of=FRANCE) == ["2026-01-01T12:00:00"]


@pytest.mark.parametrize("object_type", ["Asset", "Category"])
def test_content_of_a_unit_names_its_enterprise(shop: Enterprise, object_type: str) -> None:
    made = f'<Objects xsi:type="{object_type}"><Name>Banner</Name></Objects>'
    shop.write("Create", made, of=GERMANY)

    assert shop.ask(object_type, ["MemberId"], of=GERMANY) == [str(GERMANY)]
    assert shop.ask(object_type, ["EnterpriseId"], of=GERMANY) == [str(SHOP)]


def test_an_import_adds_who_unsubscribed_from_the_enterprise_as_unsubscribed(
    shop: Enterprise,
) -> None:
    gone = person(named(FRANCE)).replace("</Objects>", "<Status>Unsubscribed</Status></Objects>")
    shop.write("Create", gone)
    people = b"Email Address,Subscriber Key\nada@mock.test,ada\nbob@mock.test,bob\n"
    shop.account.units[GERMANY].files.write("import/people.csv", people)
    number = shop.account.units[GERMANY].db.find("list", name="Leser") or {}
    destination = f'<DestinationObject xsi:type="List"><ID>{number["id"]}</ID></DestinationObject>'
    named_import = "<CustomerKey>i</CustomerKey>"
    definition = f"{named_import}<Name>I</Name>{destination}<FileSpec>people.csv</FileSpec>"
    shop.write("Create", f'<Objects xsi:type="ImportDefinition">{definition}</Objects>', of=GERMANY)

    shop.call(
        "Perform",
        f'<Action>start</Action><Definitions><Definition xsi:type="ImportDefinition">{named_import}</Definition>'
        "</Definitions>",
        header=shop.token(GERMANY),
    )

    asked = ["SubscriberKey"]
    unsubscribed = simple("Status", "equals", "Unsubscribed")
    assert shop.ask("Subscriber", asked, of=GERMANY, filter_=unsubscribed) == ["ada"]
    assert sorted(shop.ask("Subscriber", asked, of=GERMANY)) == ["ada", "bob"]

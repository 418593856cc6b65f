"""Operations that a caller's scopes allow, and the answers to others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.soap_app import Answer, SoapApp, fueloauth, username_token

from sfmc_mock.account.tokens import SCOPE
from sfmc_mock.accounts import Accounts
from sfmc_mock.errors import SetupError
from sfmc_mock.objects import HANDLERS
from sfmc_mock.seeds import parse_seed
from sfmc_mock.settings import Settings

SEED = """
[[api_user]]
username = "all"
password = "all"

[[api_user]]
username = "reader"
password = "reader"
scope = "email_read list_and_subscribers_read"

[[package]]
client_id = "id"
client_secret = "secret"
scope = "email_read email_send automations_execute list_and_subscribers_read"
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Accounts]:
    accounts = Accounts(seed=parse_seed(SEED))
    yield accounts
    accounts.close()


@pytest.fixture
def app(place: Accounts) -> Iterator[SoapApp]:
    account = place.open()
    yield SoapApp(place, account, Settings())
    place.remove(account)


READER = username_token("reader", "reader")
REFUSED = "API Permission Failed"
LIST = '<Objects xsi:type="List"><ListName>News</ListName></Objects>'


def retrieve(app: SoapApp, object_type: str, header: str) -> str:
    return app.call(
        "Retrieve",
        f"<RetrieveRequest><ObjectType>{object_type}</ObjectType><Properties>ID</Properties></RetrieveRequest>",
        header=header,
    ).overall


def create(app: SoapApp, header: str, content: str = LIST, operation: str = "Create") -> str:
    return app.call(operation, content, header=header).text("Results", "StatusMessage")


def token(app: SoapApp, scope: str = "") -> Answer:
    body = {
        "grant_type": "client_credentials",
        "client_id": "id",
        "client_secret": "secret",
        "scope": scope,
    }
    return app.open("POST", "/v2/token", json=body)


def test_without_scopes_a_user_may_do_everything(app: SoapApp) -> None:
    everything = username_token("all", "all")

    assert retrieve(app, "SentEvent", everything) == "OK"
    assert create(app, everything) == "Created List."


def test_a_user_does_what_the_scopes_allow_and_no_more(app: SoapApp) -> None:
    assert retrieve(app, "List", READER) == "OK"
    assert retrieve(app, "Email", READER) == "OK"
    assert retrieve(app, "SentEvent", READER) == f"Error: {REFUSED}"
    assert "takes the scope tracking_events_read" in app.warnings[0]
    assert create(app, READER) == REFUSED
    assert create(app, READER, operation="Delete") == REFUSED
    assert "News" not in app.content()


def test_a_query_takes_the_scope_of_a_retrieve(app: SoapApp) -> None:
    def query(object_type: str) -> str:
        return app.call(
            "Query",
            f"<QueryRequest><Query><Object><ObjectType>{object_type}</ObjectType><Properties>ID</Properties></Object>"
            "</Query></QueryRequest>",
            header=READER,
        ).overall

    assert query("List") == "OK"
    assert query("SentEvent") == f"Error: {REFUSED}"


def test_the_next_page_takes_the_scope_of_the_first(app: SoapApp) -> None:
    everything = username_token("all", "all")
    assert create(app, everything) == "Created List."
    content = (
        "<RetrieveRequest><ObjectType>List</ObjectType><Properties>ID</Properties>"
        "<Options><BatchSize>1</BatchSize></Options></RetrieveRequest>"
    )
    first = app.call("Retrieve", content, header=everything)
    more = (
        f"<RetrieveRequest><ContinueRequest>{first.request_id}</ContinueRequest></RetrieveRequest>"
    )
    allowed = token(app, "email_read list_and_subscribers_read").json["access_token"]
    other = token(app, "email_send").json["access_token"]

    assert first.overall == "MoreDataAvailable"
    assert app.call("Retrieve", more, header=fueloauth(other)).overall == f"Error: {REFUSED}"
    assert app.call("Retrieve", more, header=fueloauth(allowed)).overall == "OK"


def test_a_forbidden_object_leaves_the_rest_of_the_batch_alone(app: SoapApp) -> None:
    header = fueloauth(token(app, "email_send").json["access_token"])
    send = (
        '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>none</CustomerKey>'
        "</TriggeredSendDefinition></Objects>"
    )
    answer = app.call("Create", LIST + send, header=header)

    assert answer.texts("Results", "StatusMessage") == [
        REFUSED,
        "Invalid Customer Key",
    ]
    assert answer.overall == "Error"


@pytest.mark.parametrize(
    ("operation", "content"),
    [
        ("Perform", '<Definitions><Definition xsi:type="QueryDefinition"/></Definitions>'),
        (
            "Configure",
            '<Configurations><Configuration xsi:type="PropertyDefinition"/></Configurations>',
        ),
    ],
)
def test_perform_and_configure_have_scopes_too(app: SoapApp, operation: str, content: str) -> None:
    answer = app.call(operation, f"<Action>start</Action>{content}", header=READER)

    assert answer.text("Results", "Result", "StatusMessage") == REFUSED


def test_execute_takes_the_scope_of_subscribers(app: SoapApp) -> None:
    content = "<Requests><Name>LogUnsubEvent</Name></Requests>"

    assert create(app, READER, content, "Execute") == REFUSED


def test_an_asynchronous_request_is_looked_at_before_it_is_queued(app: SoapApp) -> None:
    later = f"<Options><RequestType>Asynchronous</RequestType></Options>{LIST}"

    assert create(app, READER, later) == REFUSED


def test_describe_takes_no_scope(app: SoapApp) -> None:
    answer = app.call(
        "Describe",
        "<DescribeRequests><ObjectDefinitionRequest><ObjectType>SentEvent</ObjectType></ObjectDefinitionRequest>"
        "</DescribeRequests>",
        header=READER,
    )

    assert answer.texts("ObjectDefinition", "ObjectType") == ["SentEvent"]


def test_a_token_has_the_scopes_of_its_package(app: SoapApp) -> None:
    answer = token(app)
    header = fueloauth(answer.json["access_token"])

    assert (
        answer.json["scope"]
        == "email_read email_send automations_execute list_and_subscribers_read"
    )
    assert retrieve(app, "Email", header) == "OK"
    assert create(app, header) == REFUSED


def test_a_token_can_be_asked_for_with_fewer_scopes(app: SoapApp) -> None:
    answer = token(app, "email_read")
    header = fueloauth(answer.json["access_token"])

    assert answer.json["scope"] == "email_read"
    assert retrieve(app, "Email", header) == "OK"
    assert retrieve(app, "List", header) == f"Error: {REFUSED}"


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("email_write", "The package does not have the scope email_write."),
        ("email_paint", "The scope email_paint is not known."),
    ],
)
def test_a_token_is_not_given_for_more(app: SoapApp, scope: str, sentence: str) -> None:
    answer = token(app, scope)

    assert (answer.status, answer.json["error"]) == (400, "invalid_scope")
    assert answer.json["error_description"] == sentence


def test_a_scope_that_there_is_not_is_refused_in_a_seed_file() -> None:
    seed = '[[api_user]]\nusername = "u"\npassword = "p"\nscope = "email_reed"'

    with pytest.raises(SetupError, match=r"no scope 'email_reed'\. Did you mean email_read"):
        parse_seed(seed)


def test_each_object_takes_scopes_that_there_are() -> None:
    written = ("Create", "Update", "Delete", "Perform", "Schedule", "Configure")
    for object_type, handler in HANDLERS.items():
        operations = ["Retrieve", *filter(handler.takes, written)]

        taken = set(map(handler.scope_for, operations))

        assert taken <= {*SCOPE.split(), ""}, object_type
        assert ("" in taken) is not bool(handler.scope), object_type


# Roles of the user that a caller is.


def denying(permission: str, *, sets: bool = False) -> str:
    permissions = f"<Permissions><Permission>{permission}</Permission></Permissions>"
    if sets:
        inner = f"<IsDenied>true</IsDenied>{permissions}"
        permissions = f"<PermissionSets><PermissionSet>{inner}</PermissionSet></PermissionSets>"
    return f'<Objects xsi:type="Role"><CustomerKey>r</CustomerKey><Name>R</Name>{permissions}</Objects>'


USER = (
    '<Objects xsi:type="AccountUser"><CustomerKey>all</CustomerKey><UserID>ALL</UserID><Name>All</Name>'
    "<Email>all@mock.test</Email><Roles><Role><CustomerKey>r</CustomerKey></Role></Roles></Objects>"
)
EVERYTHING = username_token("all", "all")
NO_LISTS = "<ObjectType>List</ObjectType><Operation>{}</Operation>"


@pytest.mark.parametrize("operation", ["create", "Manage"])
@pytest.mark.parametrize("sets", [False, True])
def test_a_role_denies_operations_to_its_user(app: SoapApp, operation: str, sets: bool) -> None:
    denied = NO_LISTS.format(operation) + ("" if sets else "<IsDenied>true</IsDenied>")
    create(app, EVERYTHING, denying(denied, sets=sets))
    before = create(app, EVERYTHING)
    create(app, EVERYTHING, USER)

    after = create(app, EVERYTHING, LIST.replace("News", "Later"))
    (warning,) = app.warnings

    assert (before, after) == ("Created List.", REFUSED)
    assert warning.startswith("a role of the user 'all' denies Create of List")
    reads = retrieve(app, "List", EVERYTHING)
    assert reads == ("OK" if operation == "create" else f"Error: {REFUSED}")


def test_a_role_that_is_changed_or_taken_away_denies_no_more(app: SoapApp) -> None:
    denied = NO_LISTS.format("create") + "<IsDenied>true</IsDenied>"
    create(app, EVERYTHING, denying(denied))
    create(app, EVERYTHING, USER)
    assert create(app, EVERYTHING) == REFUSED

    create(app, EVERYTHING, denying(NO_LISTS.format("create")), operation="Update")

    assert create(app, EVERYTHING) == "Created List."


def test_a_role_that_denies_sending_denies_triggered_sends(app: SoapApp) -> None:
    denied = "<ObjectType>TriggeredSend</ObjectType><Operation>send</Operation>"
    create(app, EVERYTHING, denying(denied + "<IsDenied>true</IsDenied>"))
    create(app, EVERYTHING, USER)

    answer = create(app, EVERYTHING, '<Objects xsi:type="TriggeredSend"/>')

    assert answer == REFUSED


def test_a_denial_that_was_taken_back_does_not_count(app: SoapApp) -> None:
    denied = NO_LISTS.format("create") + "<IsDenied>true</IsDenied>"
    create(app, EVERYTHING, denying(denied))
    # A user that is refused, after its roles were looked at.
    wrong = USER.replace("all@mock.test", "nowhere")

    create(app, EVERYTHING, wrong)

    assert create(app, EVERYTHING) == "Created List."

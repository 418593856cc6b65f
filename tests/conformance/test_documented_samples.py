"""The seven documented requests, as printed: accepted in the default mode, and the answers in strict mode.

`docs/differences.md` lists where the samples and the live service disagree; the tests of the strict mode follow it.
"""

from __future__ import annotations

import pytest
import urllib3
from lxml import etree
from tests.support.own_samples import OWN_SAMPLES
from tests.support.samples import (
    ACTIONS,
    CONFIGURE,
    CREATE_DEFINITION,
    CREATE_SEND_LOG,
    DOCUMENTED,
    RETRIEVE_SEND_LOG,
    RETRIEVE_SENT_EVENT,
    SEND,
    START,
    UPDATE_SEND_LOG,
    sample,
    with_ids,
)
from tests.support.soap_app import PARTNER, XSI, Answer, SoapApp, simple

from sfmc_mock import MockServer

UNIQUE_ID = "111-111-2323123-21312321-213213"


def post(app: SoapApp, name: str) -> Answer:
    """Post a sample as printed."""
    return app.post(sample(name, app.own.username, app.own.password), ACTIONS[name])


def set_up(app: SoapApp, *names: str) -> None:
    """Post samples that must succeed."""
    for name in names:
        assert post(app, name).overall == "OK", name


def start(app: SoapApp) -> None:
    assert app.call("Update", START).overall == "OK"


@pytest.fixture
def sent(app: SoapApp) -> SoapApp:
    """An application to which the samples up to the send were posted."""
    set_up(app, CONFIGURE, CREATE_SEND_LOG, UPDATE_SEND_LOG, CREATE_DEFINITION)
    start(app)
    set_up(app, SEND)
    return app


# As printed, or in this project's words.


@pytest.mark.skipif(not DOCUMENTED.exists(), reason="needs ../shared/seed, which is not here")
def test_own_samples_match_the_printed_ones() -> None:
    for name in ACTIONS:
        printed = (DOCUMENTED / f"{name}.xml").read_bytes()

        assert facts_of(OWN_SAMPLES[name].encode()) == facts_of(printed), name


def facts_of(document: bytes) -> list[object]:
    """Return the SOAP version, the action in the header, and the message with its types, nil elements and texts."""
    root = etree.fromstring(document, etree.XMLParser(remove_comments=True))
    actions = [
        (each.text or "").strip() for each in root.iter("{*}Action") if "wsdl" not in each.tag
    ]
    (body,) = root.iter("{*}Body")
    message = [
        (
            each.tag,
            each.get(f"{{{XSI}}}type", "").rpartition(":")[2],
            each.get(f"{{{XSI}}}nil"),
            (each.text or "").strip(),
            len(each),
        )
        for each in body.iter()
    ]
    return [root.tag, actions, message]


def test_step_1_makes_the_profile_attribute(app: SoapApp) -> None:
    answer = post(app, CONFIGURE)

    assert answer.overall == "OK"
    assert answer.text("Results", "Result", "StatusMessage") == "Success"
    assert answer.headers["content-type"].startswith("application/soap+xml")
    assert app.warnings == ()


def test_step_2b_makes_the_send_log_from_its_template(app: SoapApp) -> None:
    answer = post(app, CREATE_SEND_LOG)

    assert answer.text("Results", "StatusMessage") == "Data Extension created."
    columns = app.retrieve(
        "DataExtensionField", ["Name"], simple("DataExtension.CustomerKey", "equals", _key(answer))
    )
    assert set(columns.texts("Results", "Name")) == {
        "JobID",
        "ListID",
        "BatchID",
        "SubID",
        "TriggeredSendID",
        "ErrorCode",
        "SubscriberKey",
        "EmailAddress",
        "UniqueID",
    }


def _key(answer: Answer) -> str:
    return answer.text("Results", "Object", "CustomerKey")


def test_step_2_finds_the_send_log_by_its_name(app: SoapApp) -> None:
    key = _key(post(app, CREATE_SEND_LOG))

    answer = post(app, UPDATE_SEND_LOG)

    assert answer.text("Results", "StatusMessage") == "Data Extension updated."
    assert app.warnings == (
        f"no data extension has the CustomerKey 'SendLog'; taken as the Name of the one with the CustomerKey '{key}', "
        "which the live service does not do",
    )


def test_step_3_makes_the_definition(app: SoapApp) -> None:
    answer = post(app, CREATE_DEFINITION)

    assert answer.text("Results", "StatusMessage") == "TriggeredSendDefinition created"
    assert app.warnings == ()


def test_a_send_before_the_definition_is_started_is_refused(app: SoapApp) -> None:
    set_up(app, CREATE_DEFINITION)

    answer = post(app, SEND)

    assert answer.overall == "Error"
    assert answer.text("Results", "ErrorCode") == "18001"


def test_step_4_sends(app: SoapApp) -> None:
    set_up(app, CREATE_DEFINITION)
    start(app)

    answer = post(app, SEND)

    assert answer.text("Results", "StatusMessage") == "Created TriggeredSend"
    assert answer.results[0].get(f"{{{XSI}}}type") == "TriggeredSendCreateResult"
    assert app.warnings == (
        "no triggered send definition has the key 'API Example for Send Logging'; the one of that name "
        "(key 'API Example for SendLogging') was taken: the live service answers 18002",
        "the account has no profile attribute 'UniqueID': it was taken all the same, for columns of that name; the "
        "live service ignores it, and a column of that name stays empty. Create it with Configure",
        "help@example.com: taken, but List Detective of the live service blocks such addresses "
        "(example.com is reserved for examples and tests)",
    )


def test_step_5_finds_the_row_of_the_send_under_the_names_asked_for(sent: SoapApp) -> None:
    answer = post(sent, RETRIEVE_SEND_LOG)

    (row,) = answer.rows
    assert list(row) == ["JobID", "BatchID", "SubscriberID"]
    assert all(value.isdigit() for value in row.values())
    assert sent.warnings == (
        f"DateValue holds '{UNIQUE_ID}', which is not a date: taken as the value; the live service refuses the request",
        "send logs have no column 'SubscriberID', but SubID: taken as that; the live service refuses the retrieve",
    )


def test_step_6_finds_the_event_by_the_ids_of_step_5(sent: SoapApp) -> None:
    (row,) = post(sent, RETRIEVE_SEND_LOG).rows
    document = sample(RETRIEVE_SENT_EVENT, sent.own.username, sent.own.password)

    answer = sent.post(with_ids(document, *row.values()))

    assert answer.texts("Results", "SubscriberKey") == ["help@example.com"]
    assert answer.texts("Results", "EventDate") == ["2026-01-01T12:00:00"]
    assert sent.warnings == ()


def test_step_6_with_the_ids_as_printed_finds_nothing(sent: SoapApp) -> None:
    answer = post(sent, RETRIEVE_SENT_EVENT)

    assert (answer.overall, answer.results) == ("OK", [])


def test_the_subscriber_of_the_log_is_that_of_the_account(sent: SoapApp) -> None:
    (row,) = post(sent, RETRIEVE_SEND_LOG).rows

    found = sent.retrieve(
        "Subscriber", ["SubscriberKey"], simple("ID", "equals", row["SubscriberID"])
    )

    assert found.texts("Results", "SubscriberKey") == ["help@example.com"]


def test_the_samples_work_over_http() -> None:
    """All of them, in the documented order, against a server as it starts."""
    with MockServer() as server, urllib3.PoolManager(retries=False) as http:
        user = [server.account.credentials[name] for name in ("username", "password")]

        def send(document: bytes, action: str | None = None) -> Answer:
            headers = {"Content-Type": "text/xml"}
            if action is not None:
                headers["SOAPAction"] = f'"{action}"'
            found = http.request("POST", server.url, body=document, headers=headers)
            return Answer(found.status, {}, found.data)

        set_up = [
            send(sample(name, *user), ACTIONS[name])
            for name in (CONFIGURE, CREATE_SEND_LOG, UPDATE_SEND_LOG, CREATE_DEFINITION)
        ]
        too_early = send(sample(SEND, *user))
        started = send(_with_objects(sample(UPDATE_SEND_LOG, *user), START), "Update")
        sent = send(sample(SEND, *user))
        (row,) = send(sample(RETRIEVE_SEND_LOG, *user)).rows
        event = send(with_ids(sample(RETRIEVE_SENT_EVENT, *user), *row.values()))

    assert {each.overall for each in (*set_up, started, sent, event)} == {"OK"}
    assert too_early.text("Results", "ErrorCode") == "18001"
    assert event.texts("Results", "SubscriberKey") == ["help@example.com"]
    assert server.problems == []


def _with_objects(document: bytes, objects: str) -> bytes:
    start, rest = document.split(b"<Objects", 1)
    return start + objects.encode() + rest.split(b"</Objects>", 1)[1]


# Answers of the strict mode.


def test_strictly_the_documented_template_is_unknown(strict_app: SoapApp) -> None:
    answer = post(strict_app, CREATE_SEND_LOG)

    assert answer.overall == "Error"
    assert answer.text("Results", "ErrorCode") == "310007"
    assert "c3af0d64-1867-de11-8767-001e0bcf2c98" in answer.text("Results", "StatusMessage")


def _strict_send_log(app: SoapApp, key: str = "SendLog") -> Answer:
    """Make the send log from the account's own template, with the field of the samples."""
    templates = app.retrieve(
        "DataExtensionTemplate", ["ObjectID"], simple("Name", "equals", "SendLog")
    )
    template = templates.text("Results", "ObjectID")
    return app.call(
        "Create",
        f'<Objects xsi:type="DataExtension"><CustomerKey>{key}</CustomerKey><Name>SendLog</Name><Template>'
        f"<ObjectID>{template}</ObjectID></Template><Fields><Field><Name>UniqueID</Name>"
        "<FieldType>Text</FieldType></Field></Fields></Objects>",
    )


def test_strictly_the_accounts_own_template_makes_the_send_log(strict_app: SoapApp) -> None:
    answer = _strict_send_log(strict_app)

    assert answer.overall == "OK"
    asked = ["JobID", "ListID", "BatchID", "SubID", "TriggeredSendID", "ErrorCode", "UniqueID"]
    assert strict_app.retrieve("DataExtensionObject[SendLog]", asked).overall == "OK"


def test_strictly_a_send_log_has_no_subscriber_id(strict_app: SoapApp) -> None:
    _strict_send_log(strict_app)

    answer = strict_app.retrieve("DataExtensionObject[SendLog]", ["JobID", "SubscriberID"])

    assert answer.overall == "Error: Invalid column name 'SubscriberID'."


def test_strictly_a_text_in_a_date_value_is_a_fault(strict_app: SoapApp) -> None:
    _strict_send_log(strict_app)

    answer = post(strict_app, RETRIEVE_SEND_LOG)

    assert answer.status == 500
    assert answer.fault == (
        "Server was unable to read request. ---> There is an error in the XML document. ---> "
        f"The string '{UNIQUE_ID}' is not a valid AllXsd value."
    )


def test_strictly_rows_are_found_by_the_name_of_their_data_extension_too(
    strict_app: SoapApp,
) -> None:
    _strict_send_log(strict_app, key="another-key")

    assert strict_app.retrieve("DataExtensionObject[SendLog]", ["JobID"]).overall == "OK"


_EVENTS = ["OpenEvent", "ClickEvent", "BounceEvent", "UnsubEvent", "NotSentEvent"]


@pytest.mark.parametrize("event", _EVENTS)
def test_strictly_only_sent_events_are_filtered_by_subscriber_id(
    strict_app: SoapApp, event: str
) -> None:
    wanted = simple("SubscriberID", "equals", "1")

    assert strict_app.retrieve("SentEvent", ["SendID"], wanted).overall == "OK"
    assert strict_app.retrieve(event, ["SendID"], wanted).overall == (
        "Error: The Filter Property 'SubscriberID' is not a retrievable property."
    )


@pytest.mark.parametrize("event", _EVENTS)
def test_by_default_all_events_are_filtered_by_subscriber_id_with_a_warning(
    app: SoapApp, event: str
) -> None:
    answer = app.retrieve(event, ["SendID"], simple("SubscriberID", "equals", "1"))

    assert answer.overall == "OK"
    assert app.warnings == (
        f"SubscriberID is not a property of {event} in the live service, which refuses it; filter by SendID, BatchID "
        "and SubscriberKey",
    )


def _strict_send(app: SoapApp) -> Answer:
    """Send as the sample does, by the key that the definition has."""
    document = sample(SEND, app.own.username, app.own.password)
    named = b"<CustomerKey>API Example for Send Logging</CustomerKey>"
    assert named in document
    return app.post(document.replace(named, named.replace(b"Send L", b"SendL")))


def test_strictly_list_detective_blocks_the_samples_subscriber(strict_app: SoapApp) -> None:
    set_up(strict_app, CONFIGURE, CREATE_DEFINITION)
    start(strict_app)

    answer = _strict_send(strict_app)

    assert answer.text("Results", "ErrorCode") == "180008"
    assert answer.text("Results", "SubscriberFailures", "ErrorDescription") == (
        "Error Code: 24 - Subscriber was excluded by List Detective."
    )
    assert answer.message.find(f"{PARTNER}Results/{PARTNER}Object") is None


def test_strictly_a_definition_is_not_found_by_its_name(strict_app: SoapApp) -> None:
    set_up(strict_app, CONFIGURE, CREATE_DEFINITION)
    start(strict_app)

    answer = post(strict_app, SEND)

    assert answer.text("Results", "ErrorCode") == "18002"
    assert answer.text("Results", "StatusMessage") == "Invalid Customer Key"


def test_strictly_a_data_extension_is_not_found_by_its_name_to_be_updated(
    strict_app: SoapApp,
) -> None:
    _strict_send_log(strict_app, key="another-key")

    answer = post(strict_app, UPDATE_SEND_LOG)

    assert answer.text("Results", "ErrorCode") == "310004"


def test_strictly_nothing_is_let_through_with_a_warning(strict_app: SoapApp) -> None:
    for name in ACTIONS:
        post(strict_app, name)

    assert [each.warnings for each in strict_app.wsgi.journal] == [()] * len(ACTIONS)

"""TriggeredSend: the effects of requests, and their results."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest
from tests.support.messages import as_element, only_result, shape, status, struct, write_objects
from tests.support.sending import (
    change,
    column,
    event_types,
    give_status,
    log_rows,
    make_attribute,
    make_definition,
    make_log,
    make_subscriber,
    messages,
    outcomes,
)

from sfmc_mock.account.setup import EXCLUDED, AccountSetup, set_up
from sfmc_mock.account.triggered_send_definitions import delete_definition, find_definition
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import SetupError
from sfmc_mock.wire.struct import Struct

ADA = {"SubscriberKey": "ada", "EmailAddress": "ada@mock.test"}
BAD = {"SubscriberKey": "bob", "EmailAddress": "bob at home"}


def request(*subscribers: dict[str, Any], attributes: Any = None, **definition: str) -> Struct:
    """Return a send to subscribers with the given definition, by default `welcome`."""
    said: dict[str, Any] = {"TriggeredSendDefinition": definition or {"CustomerKey": "welcome"}}
    if subscribers:
        said["Subscribers"] = list(subscribers)
    if attributes:
        said["Attributes"] = pairs(attributes)
    return struct("TriggeredSend", said)


def pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def send(call: Call, *requests: Struct) -> Struct:
    return write_objects(call, "Create", *requests)


@pytest.fixture
def welcome(call: Call) -> Call:
    """A call on an account with an active definition `welcome`, called `Welcome mail`."""
    make_definition(call.account, name="Welcome mail")
    return call


def test_the_result_of_a_send_has_no_object(welcome: Call) -> None:
    """As clients show the results of the live service."""
    answer = send(welcome, request(ADA))

    assert only_result(answer).type == "TriggeredSendCreateResult"
    assert shape(as_element(answer))[:6] == [
        "CreateResponse",
        "CreateResponse/Results",
        "CreateResponse/Results/StatusCode",
        "CreateResponse/Results/StatusMessage",
        "CreateResponse/Results/OrdinalID",
        "CreateResponse/Results/NewID",
    ]
    assert status(answer) == ("OK", "Created TriggeredSend", 0)
    assert answer.text("OverallStatus") == "OK"


def gzipped(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@pytest.mark.parametrize(
    ("value", "expected", "told"),
    [
        (gzipped("Grüße"), "Grüße", 0),
        ("no gzip", "no gzip", 1),
        (gzipped("x" * 6_000_000), None, 1),
    ],
)
def test_a_compressed_attribute_is_decompressed(
    welcome: Call, value: str, expected: str | None, told: int
) -> None:
    make_attribute(welcome.account, "HTML__Text")
    compression = {"Type": "gzip", "Encoding": "base64"}
    given = [{"Name": "HTML__Text", "Value": value, "Compression": compression}]

    send(welcome, request({**ADA, "Attributes": given}))

    (message,) = messages(welcome.account)
    assert json.loads(message["attributes"]) == {"HTML__Text": expected or value}
    assert len([text for text in welcome.warnings if "is not base64 of gzip data" in text]) == told


def test_one_invalid_subscriber_does_not_block_the_others(welcome: Call) -> None:
    answer = send(welcome, request(ADA, BAD))

    (failure,) = only_result(answer).parts("SubscriberFailures")
    assert status(answer) == ("OK", "Created TriggeredSend", 0)
    assert failure.values["Ordinal"] == 1
    assert failure.text_at("Subscriber.SubscriberKey") == "bob"
    assert outcomes(welcome.account) == [("sent", None), ("refused", 5)]


def test_a_failure_is_worded_as_the_service_words_it(welcome: Call) -> None:
    answer = send(welcome, request(BAD))

    (failure,) = only_result(answer).parts("SubscriberFailures")
    assert {name: failure.values[name] for name in ("ErrorCode", "ErrorDescription")} == {
        "ErrorCode": "TriggeredSendSubscriberProcessingError",
        "ErrorDescription": "Error Code: 5 - The Email Address for this subscriber has invalid syntax.",
    }
    assert failure.number("ErrorCodeID") == 5


def test_a_send_without_valid_subscribers_is_refused_with_all_failures(welcome: Call) -> None:
    answer = send(welcome, request(BAD, {"SubscriberKey": "cyd"}))

    assert status(answer) == (
        "Error",
        "Unable to queue Triggered Send request.  There are no valid subscribers.",
        180008,
    )
    failures = only_result(answer).parts("SubscriberFailures")
    assert [each.values["ErrorCodeID"] for each in failures] == [5, 4]


def test_a_refused_send_can_be_explained(welcome: Call) -> None:
    """Retrieve shows nothing of it; the emulator stores the reason."""
    make_log(welcome.account)

    send(welcome, request(BAD))

    assert outcomes(welcome.account) == [("refused", 5)]
    assert log_rows(welcome.account, "ErrorCode") == [5]
    assert event_types(welcome.account) == []


def test_an_exclusion_at_send_time_is_no_failure_of_the_call(welcome: Call) -> None:
    make_subscriber(welcome.account, "ada")
    give_status(welcome.account, "ada", "Held")

    answer = send(welcome, request(ADA))

    assert status(answer) == ("OK", "Created TriggeredSend", 0)
    assert "SubscriberFailures" not in only_result(answer)


def test_a_failed_result_shows_its_failures_and_no_object(welcome: Call) -> None:
    answer = send(welcome, request(BAD))

    assert shape(as_element(answer))[2:] == [
        "CreateResponse/Results/StatusCode",
        "CreateResponse/Results/StatusMessage",
        "CreateResponse/Results/OrdinalID",
        "CreateResponse/Results/ErrorCode",
        "CreateResponse/Results/NewID",
        "CreateResponse/Results/SubscriberFailures",
        "CreateResponse/Results/SubscriberFailures/Subscriber",
        "CreateResponse/Results/SubscriberFailures/Subscriber/PartnerKey=nil",
        "CreateResponse/Results/SubscriberFailures/Subscriber/ObjectID=nil",
        "CreateResponse/Results/SubscriberFailures/Subscriber/EmailAddress",
        "CreateResponse/Results/SubscriberFailures/Subscriber/SubscriberKey",
        "CreateResponse/Results/SubscriberFailures/ErrorCode",
        "CreateResponse/Results/SubscriberFailures/ErrorDescription",
        "CreateResponse/Results/SubscriberFailures/Ordinal",
        "CreateResponse/Results/SubscriberFailures/ErrorCodeID",
        "CreateResponse/RequestID",
        "CreateResponse/OverallStatus",
    ]


def test_a_paused_definition_answers_as_if_it_sent(welcome: Call) -> None:
    change(welcome.account, status="Inactive")

    answer = send(welcome, request(ADA))

    assert status(answer) == ("OK", "Created TriggeredSend", 0)
    assert outcomes(welcome.account) == [("queued", None)]


@pytest.mark.parametrize(
    ("state", "code", "text"),
    [
        (
            "New",
            18001,
            "The Triggered Send Definition is not completely configured or in a new status. "
            "Please check Triggered Send Definition configuration.",
        ),
        ("Canceled", 18002, "Triggered Send must be in an Active or Inactive status"),
    ],
)
def test_a_definition_that_takes_no_sends_says_so(
    call: Call, state: str, code: int, text: str
) -> None:
    make_definition(call.account, status="New")
    if state == "Canceled":
        change(call.account, status="Canceled")

    answer = send(call, request(ADA))

    assert status(answer) == ("Error", text, code)
    assert messages(call.account) == []


# Which definition.


def test_a_definition_is_named_by_object_id(welcome: Call) -> None:
    row = welcome.account.db.find("triggered_send_definition") or {}

    answer = send(welcome, request(ADA, ObjectID=str(row["object_id"]).upper()))

    assert status(answer)[0] == "OK"


def test_a_name_does_for_a_key_with_a_warning(welcome: Call) -> None:
    answer = send(welcome, request(ADA, CustomerKey="Welcome mail"))

    assert status(answer)[0] == "OK"
    assert welcome.warnings == [
        "no triggered send definition has the key 'Welcome mail'; the one of that name (key 'welcome') was taken: "
        "the live service answers 18002"
    ]


def test_each_call_is_warned_of_a_name(welcome: Call) -> None:
    named = request(ADA, CustomerKey="Welcome mail")
    send(welcome, named, named)
    later = Call(welcome.account)

    send(later, named)

    assert len(later.warnings) == len(welcome.warnings) == 1


def test_a_key_goes_before_a_name(welcome: Call) -> None:
    make_definition(welcome.account, "Welcome mail", name="other")

    send(welcome, request(ADA, CustomerKey="Welcome mail"))

    assert column(messages(welcome.account), "definition_key") == ["Welcome mail"]
    assert welcome.warnings == []


def test_a_name_does_not_do_in_strict_mode(welcome: Call) -> None:
    welcome.account.strict = True

    answer = send(welcome, request(ADA, CustomerKey="Welcome mail"))

    assert status(answer) == ("Error", "Invalid Customer Key", 18002)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({"CustomerKey": "nothing"}, "Invalid Customer Key"),
        ({"ObjectID": "nothing"}, "Triggered Send Definition ID is invalid"),
        (
            {"Name": "welcome"},
            "The Triggered Send Object must contain the Triggered Send ID or the Customer Key",
        ),
    ],
)
def test_an_unknown_definition_is_refused(welcome: Call, named: dict[str, str], text: str) -> None:
    answer = send(welcome, request(ADA, **named))

    assert status(answer) == ("Error", text, 18002)


def test_two_identities_must_agree(welcome: Call) -> None:
    other = make_definition(welcome.account, "other")

    answer = send(welcome, request(ADA, ObjectID=other.object_id, CustomerKey="welcome"))

    assert status(answer) == (
        "Error",
        "Triggered Send Definition ID/Customer Key don't match",
        18002,
    )


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("CustomerKey", "Invalid Customer Key"),
        ("ObjectID", "Triggered Send must be in an Active or Inactive status"),
    ],
)
def test_a_deleted_definition_sends_nothing(welcome: Call, by: str, text: str) -> None:
    definition = find_definition(welcome.account, key="welcome")
    assert definition is not None
    delete_definition(welcome.account, definition)
    named = {"CustomerKey": "welcome", "ObjectID": definition.object_id}[by]

    answer = send(welcome, request(ADA, **{by: named}))

    assert status(answer) == ("Error", text, 18002)


# Subscribers and attributes.


def test_a_send_without_subscribers_is_refused(welcome: Call) -> None:
    answer = send(welcome, request())

    assert status(answer) == (
        "Error",
        "The Triggered Send Object must have subscribers associated with it",
        180007,
    )


def test_attributes_of_the_send_apply_to_subscribers_without_their_own(welcome: Call) -> None:
    make_attribute(welcome.account, "Town")
    make_log(welcome.account, "Town")
    own = {**ADA, "Attributes": pairs({"Town": "Ulm"})}

    send(
        welcome,
        request(own, {"EmailAddress": "bob@mail.example"}, attributes={"Town": "Bonn"}),
    )

    assert log_rows(welcome.account, "Town") == ["Ulm", "Bonn"]


def test_an_unknown_label_gets_a_suggestion_and_stores_nothing(welcome: Call) -> None:
    answer = send(welcome, request(ADA, {"EmailAddress": "ada+opne@mock.test"}))

    code, text, number = status(answer)
    assert (code, number) == ("Error", 2)
    assert "there is no label +opne. Nearest: +open" in str(text)
    assert messages(welcome.account) == []


def test_a_refused_send_leaves_the_others_of_its_call_alone(welcome: Call) -> None:
    answer = send(welcome, request(ADA), request(ADA, CustomerKey="nothing"), request(ADA))

    results = answer.parts("Results")
    assert [each.text("StatusCode") for each in results] == ["OK", "Error", "OK"]
    assert [each.number("OrdinalID") for each in results] == [0, 1, 2]
    assert answer.text("OverallStatus") == "Has Errors"
    assert column(messages(welcome.account), "batch_id") == [1, 2]


# Attributes that the account has not.


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_column_is_filled_from_an_attribute_that_the_account_has(
    call: Call, strict: bool, is_known: bool
) -> None:
    """Documented: without a PropertyDefinition the attribute is ignored, and the column stays empty."""
    call.account.strict = strict
    make_log(call.account, "UniqueID")
    make_definition(call.account)
    if is_known:
        make_attribute(call.account, "UniqueID")

    send(call, request({**ADA, "Attributes": pairs({"UniqueID": "u-1"})}))

    assert log_rows(call.account, "UniqueID") == ["u-1" if is_known or not strict else None]
    warned = [each for each in call.warnings if "no profile attribute 'UniqueID'" in each]
    assert len(warned) == (0 if is_known else 1)


def test_an_account_with_the_old_schema_leaves_out_what_older_wsdls_lack(welcome: Call) -> None:
    set_up(welcome.account, AccountSetup(schema="old"), {}, {name: {} for name in EXCLUDED})

    (failure,) = only_result(send(welcome, request(ADA, BAD))).parts("SubscriberFailures")

    assert "ErrorCodeID" not in failure
    assert (failure.text("ErrorDescription") or "").startswith("Error Code: 5 - ")


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(SetupError, match="key 'schema': '2012' is not a valid schema"):
        AccountSetup(schema="2012").check("seed.toml", {})


def test_a_send_tells_of_a_filter_of_a_seed_file_that_is_not_evaluated(welcome: Call) -> None:
    welcome.account.db.update(
        "triggered_send_definition", {"exclusion_filter": "HTTPGet('x') == 1"}
    )

    send(welcome, request(ADA))

    (warning,) = welcome.warnings
    assert warning.startswith(
        "ExclusionFilter of a TriggeredSendDefinition excludes no recipient: HTTPGet"
    )

"""SubscriberStatusEvent: every change of a status on All Subscribers, whatever its cause."""

from __future__ import annotations

from tests.support.messages import results, retrieve, rows, simple, struct, write_objects
from tests.support.sending import (
    advance,
    give_status,
    happen,
    make_definition,
    make_subscriber,
    send,
)

from sfmc_mock.declarations.call import Call

ASKED = ["SubscriberKey", "CurrentStatus", "PreviousStatus", "ReasonUnsub"]


def test_changes_are_reported_in_their_order(call: Call) -> None:
    for key in ("ada", "bob"):
        make_subscriber(call.account, key)
    give_status(call.account, "ada", "Held")
    advance(call.account, hours=1)
    give_status(call.account, "bob", "Bounced")
    update = {"SubscriberKey": "ada", "EmailAddress": "ada@mail.example", "Status": "Unsubscribed"}
    write_objects(call, "Update", struct("Subscriber", update))

    found = rows(retrieve(call, "SubscriberStatusEvent", ASKED))

    assert [tuple(row.values()) for row in found] == [
        ("ada", "Held", "Normal", ""),
        ("bob", "Bounced", "Normal", ""),
        ("ada", "Unsub", "Held", ""),
    ]


def test_an_unchanged_status_has_no_event(call: Call) -> None:
    make_subscriber(call.account, "ada")
    give_status(call.account, "ada", "Active")

    assert rows(retrieve(call, "SubscriberStatusEvent", ASKED)) == []


def test_an_unsubscribe_from_all_subscribers_has_the_time_of_its_event(call: Call) -> None:
    make_definition(call.account)
    make_subscriber(call.account, "ada")
    happen(call.account, "unsub", send(call.account, "ada"))

    answer = retrieve(
        call,
        "SubscriberStatusEvent",
        ["Client.ID", "CreatedDate", *ASKED],
        simple("CurrentStatus", "equals", "unsub"),
    )

    (found,) = results(answer)
    assert [each.tag.rpartition("}")[2] for each in found] == [
        *("Client", "PartnerKey", "CreatedDate", "ObjectID", "Type", "Properties"),
    ]
    assert found.findtext("{*}CreatedDate") == "2026-01-01T12:00:00"
    assert found.findtext("{*}Type") == "SubscriberStatusEvent"
    (row,) = rows(answer)
    assert list(row) == ASKED
    assert row["CurrentStatus"] == "Unsub"


def test_only_what_is_new_is_reported_since_the_last_batch(call: Call) -> None:
    make_subscriber(call.account, "ada")
    give_status(call.account, "ada", "Held")

    def since_last() -> list[dict[str, str]]:
        answer = retrieve(call, "SubscriberStatusEvent", ASKED, RetrieveAllSinceLastBatch=True)
        return rows(answer)

    first = since_last()
    advance(call.account, hours=1)
    give_status(call.account, "ada", "Active")

    second = since_last()

    assert [row["CurrentStatus"] for row in (*first, *second)] == ["Held", "Normal"]

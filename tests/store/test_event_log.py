"""The event log: columns and view follow from the table of fields, and queries use its indexes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.sending import happen, make_definition, messages, send

from sfmc_mock.account import Account
from sfmc_mock.objects.tracking_events import TRACKING_EVENTS, TrackingEventHandler
from sfmc_mock.store import event_log
from sfmc_mock.store.database import Database
from sfmc_mock.store.event_log import EVENT_FIELDS, VIEW, details_of, events_of
from sfmc_mock.store.schema import install
from sfmc_mock.wire.catalogue import catalogue


@pytest.fixture
def db(default_content: bytes) -> Iterator[Database]:
    """The database of the default account, not opened by an account."""
    database = Database(content=default_content)
    yield database
    database.close()


def test_every_property_of_every_kind_of_event_is_a_column_of_the_view(db: Database) -> None:
    columns = {row[1] for row in db.rows(f"PRAGMA table_info({VIEW})")}

    assert {each.name for handler in TRACKING_EVENTS for each in handler.properties} <= columns


def test_a_new_property_is_one_line(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = event_log.EventField("Browser", "text", "browser", ("OpenEvent",), "browser")
    monkeypatch.setattr(event_log, "EVENT_FIELDS", (*EVENT_FIELDS, browser))

    install(db, event_log.schema())

    assert db.rows("SELECT Browser FROM api_tracking") == []
    assert db.rows("SELECT browser FROM event") == []


def test_an_object_has_the_properties_of_all_events_and_its_own() -> None:
    names = [each.name for each in TrackingEventHandler("SurveyEvent").properties]

    assert names[0] == "SendID"
    assert names[-2:] == ["Question", "Answer"]
    assert "URL" not in names


def test_details_are_kept_and_returned(account: Account) -> None:
    make_definition(account)
    sent = send(account, "ada@mail.example")
    happen(account, "unsub", sent, reason="too much mail")

    *_, event = events_of(account.db, messages(account)[0])

    assert details_of(event) == {"is_master_unsubscribed": 1, "reason": "too much mail"}


def test_a_detail_that_is_no_field_is_left_out(account: Account) -> None:
    values = ("Click", 1, 2, 3, 4, "ada", "2026", "2026", "")

    event_log.add_events(account.db, [(values, {"url": "https://mail.example", "alias": "home"})])

    (row,) = account.db.find_all("event")
    assert details_of(row) == {"url": "https://mail.example"}


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("SendID = 1 AND BatchID = 1 AND SubscriberKey = 'ada'", "event_subscriber"),
        ("SendID = 1 AND BatchID = 1 AND SubscriberID = 1", "event_message"),
        ("SendID = 1 AND BatchID = 1", "event_message"),
        ("SubscriberKey = 'ada'", "event_subscriber"),
        ("SendID = 1", "event_job"),
        ("1", "event_type"),
    ],
)
def test_the_filters_of_the_documented_flow_use_an_index(
    db: Database, condition: str, index: str
) -> None:
    (plan, *_) = db.rows(
        f"EXPLAIN QUERY PLAN SELECT rowkey FROM api_tracking WHERE type = 'Open' AND visible_at <= '9' "  # noqa: S608
        f"AND {condition} AND rowkey > 0 ORDER BY rowkey LIMIT 10"
    )

    assert f"INDEX {index} " in str(plan[3])


def test_events_of_a_subscriber_are_found_by_their_key(account: Account) -> None:
    plan = account.db.rows(
        'EXPLAIN QUERY PLAN SELECT * FROM "api_SubscriberSendResult" WHERE "Send.ID" = 1'
    )

    searches = [str(row[3]) for row in plan if str(row[3]).startswith("SEARCH event")]
    assert [each for each in searches if "event_job" in each] == searches[:1]


def test_a_field_without_a_name_is_no_property() -> None:
    hidden = [each.column for each in EVENT_FIELDS if not each.name]

    assert hidden == ["visible_at", "error_code", "reason"]


@pytest.mark.parametrize("handler", TRACKING_EVENTS, ids=lambda each: each.object_type)
def test_an_answer_can_show_every_property(handler: TrackingEventHandler) -> None:
    """A property that the schema lacks needs a line `beyond` in the catalogue, or is a partner property."""
    elements = {each.name for each in catalogue().complex_types[handler.object_type].wire_fields()}

    shown = {each.name for each in handler.properties if each.partner} | elements
    assert [each.name for each in handler.properties if each.name.split(".")[0] not in shown] == []

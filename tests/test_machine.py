"""Definitions, sends, events and the clock in any order: the account stays consistent.

Every message has its log row and no other row exists; no event precedes its send; counters match the events; nothing is
visible early; no batch has a subscriber twice; no message goes to a subscriber who must not get it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.support.messages import fields, retrieve
from tests.support.sending import (
    advance,
    change,
    give_status,
    log_rows,
    make_attribute,
    make_definition,
    make_list,
    make_log,
    make_subscriber,
    messages,
    send,
)

from sfmc_mock.account import Account, simulation_settings
from sfmc_mock.account.log_unsub_event import log_unsub_event
from sfmc_mock.account.sends import Recipient
from sfmc_mock.account.subscribers import find_subscriber
from sfmc_mock.account.tracking_events import make_happen
from sfmc_mock.account.triggered_send_definitions import delete_definition, find_definition
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import Refused
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import default_seed, load
from sfmc_mock.simulator.send_rules import QUEUE_LIFETIME
from sfmc_mock.store.database import Database, Row

DEFINITIONS = ("news", "receipt")
KNOWN = ("ada", "bob")
ADDRESSES = (
    "new@mail.example",
    "nobody at home",
    *(
        f"dan+{labels}@mock.test"
        for labels in (
            "open",
            "click+after-1h",
            "hardbounce",
            "softbounce+after-2h",
            "unsub",
            "masterunsub+after-90m",
            "notsent-suppressed",
            "notsent-domainexclusion",
            "lag-30m",
        )
    ),
)
BOUNCES = {"HardBounce", "SoftBounce", "OtherBounce"}
OPT_OUTS = {1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020}
UNDELIVERABLE = {2, 1030}


@cache
def prepared() -> bytes:
    """An account with a send log, a list, and two subscribers."""
    seed = default_seed()
    account = Account(Database())
    load(account, replace(seed, account=replace(seed.account, clock="2026-01-01T12:00:00")))
    make_attribute(account, "UniqueID", max_length=200, is_send_time=1)
    make_log(account, "UniqueID")
    make_list(account, "News", id=9000)
    for key in KNOWN:
        make_subscriber(account, key)
    content = account.db.content()
    account.db.close()
    return content


keys = st.sampled_from(DEFINITIONS)
people = st.lists(st.sampled_from((*KNOWN, *ADDRESSES)), min_size=1, max_size=5)


class Books(RuleBasedStateMachine):
    """Performs random operations on an account, and checks its content after each."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account(Database(content=prepared()), due_actions=DUE_ACTIONS)
        self.call = Call(self.account, request_id="r")
        self.start = self.checkpoint = prepared()
        self.unique = 0
        self.touched = True
        self.last_statuses: dict[tuple[object, object], object] = {}

    def teardown(self) -> None:
        self.look()
        self.account.db.close()

    @initialize(
        engagement=st.sampled_from(["quiet", "typical"]),
        lag=st.sampled_from(["instant", "realistic", "worst"]),
        logging=st.lists(st.booleans(), min_size=2, max_size=2),
    )
    def begin(self, engagement: str, lag: str, logging: list[bool]) -> None:
        simulation_settings.choose_engagement(self.account, engagement)
        simulation_settings.choose_lag(self.account, lag)
        for key, is_logging in zip(DEFINITIONS, logging, strict=True):
            self.make(key, is_logging)
        self.start = self.checkpoint = self.account.db.content()

    # Operations.

    @rule(key=keys, to=people)
    def send(self, key: str, to: list[str]) -> None:
        self.trigger(key, to)

    @rule(key=keys, to=people)
    def send_while_paused(self, key: str, to: list[str]) -> None:
        with suppress(Refused, AssertionError):
            change(self.account, key, status="Inactive")
        self.trigger(key, to)

    @rule(key=keys, what=st.sampled_from(["toggle", "toggle", "refresh", "cancel"]))
    def change(self, key: str, what: str) -> None:
        definition = find_definition(self.account, key=key)
        if definition is None:
            return
        other = "Inactive" if definition.status == "Active" else "Active"
        status = {"toggle": other, "cancel": "Canceled"}.get(what)
        before, statuses = self.sent(), self.statuses()
        with suppress(Refused):
            change(self.account, key, status=status, refresh=what == "refresh")
        self.check_allowed(before, statuses)

    @rule(key=keys, logging=st.booleans())
    def delete_or_create(self, key: str, logging: bool) -> None:
        definition = find_definition(self.account, key=key)
        if definition is None or definition.status == "Canceled":
            with self.account.db.atomic():
                if definition is not None:
                    delete_definition(self.account, definition)
                self.make(key, logging)
        elif logging:
            with self.account.db.atomic():
                delete_definition(self.account, definition)

    @precondition(lambda self: self.sent())
    @rule(
        data=st.data(),
        kind=st.sampled_from(["open", "click", "hardbounce", "softbounce", "unsub", "masterunsub"]),
        minutes=st.sampled_from([0, 0, 10, 200]),
    )
    def happen(self, data: st.DataObject, kind: str, minutes: int) -> None:
        found = [row for row in messages(self.account) if row["outcome"] == "sent"]
        message = data.draw(st.sampled_from(found))
        with self.account.db.atomic():
            at = self.account.now() + timedelta(minutes=minutes)
            make_happen(self.account, message, kind, at, {})

    @rule(key=st.sampled_from(KNOWN), with_list=st.booleans())
    def unsubscribe(self, key: str, with_list: bool) -> None:
        parameters = {"SubscriberKey": key} | ({"ListID": "9000"} if with_list else {})
        with suppress(Refused), self.account.db.atomic():
            log_unsub_event(self.account, parameters)

    @rule(
        key=st.sampled_from(KNOWN),
        status=st.sampled_from(["Active", "Bounced", "Held", "Unsubscribed", "Deleted", "gone"]),
    )
    def change_subscriber(self, key: str, status: str) -> None:
        self.touched = True
        subscriber = find_subscriber(self.account, key=key)
        if subscriber is None:
            make_subscriber(self.account, key)
        elif status == "gone":
            self.account.db.delete("subscriber", id=subscriber.id)
        else:
            give_status(self.account, key, status)

    @rule(minutes=st.sampled_from([1, 20, 100, 60 * 24, 60 * 24 * 4, 60 * 24 * 15]))
    def advance(self, minutes: int) -> None:
        advance(self.account, minutes=minutes)

    @rule(what=st.sampled_from(["remember", "look", "go back", "reset"]))
    def turn(self, what: str) -> None:
        """Check the account, store a checkpoint, restore it, or reset the account."""
        if what == "look":
            self.look()
        elif what == "remember":
            self.checkpoint = self.account.db.content()
        else:
            self.touched = True
            content = self.start if what == "reset" else self.checkpoint
            self.account.db.replace_content(content)
            self.account.forget_memory()

    def trigger(self, key: str, to: list[str]) -> None:
        if find_definition(self.account, key=key) is None:
            return
        before, statuses = self.sent(), self.statuses()
        with suppress(Refused):
            send(self.account, *map(self.recipient, to), key=key)
        self.check_allowed(before, statuses)

    def make(self, key: str, is_logging: bool) -> None:
        make_definition(
            self.account,
            key,
            list_id=9000 if key == "news" else None,
            auto_add_subscribers=1,
            classification="Default Transactional" if key == "receipt" else "Default Commercial",
            is_send_logging=int(is_logging),
        )

    # Checks.

    def recipient(self, to: str) -> Recipient:
        self.unique += 1
        address = None if to in KNOWN else to
        return Recipient(to, address, {"UniqueID": f"u-{self.unique}"})

    def sent(self) -> Counter[str]:
        return Counter(unique_id(row) for row in messages(self.account) if row["outcome"] == "sent")

    def statuses(self) -> dict[tuple[object, object], object]:
        """Return the status of every subscriber on All Subscribers (None) and on the list."""
        people = self.account.db.find_all("subscriber")
        members = self.account.db.find_all("list_subscriber")
        found: dict[tuple[object, object], object] = {}
        found.update(((row["id"], None), row["status"]) for row in people)
        found.update(((row["subscriber_id"], row["list_id"]), row["status"]) for row in members)
        return found

    def check_allowed(
        self, before: Counter[str], statuses: dict[tuple[object, object], object]
    ) -> None:
        """Check that no message went to a subscriber whose status forbade it at the time."""
        for row in messages(self.account):
            if row["outcome"] != "sent" or unique_id(row) in before:
                continue
            number, commercial = row["subscriber_id"], row["definition_key"] != "receipt"
            assert statuses.get((number, None)) not in ("Held", "Deleted"), row
            if commercial:
                assert statuses.get((number, None)) != "Unsubscribed", row
                assert statuses.get((number, row["list_id"])) != "Unsubscribed", row

    @invariant()
    def only_a_hand_brings_back_who_was_lost(self) -> None:
        """Check that no event sets a subscriber who was Held, Unsubscribed or Deleted to Active."""
        before, self.last_statuses = self.last_statuses, self.statuses()
        for person, status in before.items():
            if not self.touched and status in ("Held", "Unsubscribed", "Deleted"):
                assert self.last_statuses.get(person) in (status, "Unsubscribed"), person
        self.touched = False

    @invariant()
    def every_decision_is_logged_once(self) -> None:
        logging = {
            row["id"]: bool(row["is_send_logging"])
            for row in self.account.db.find_all("triggered_send_definition")
        }
        decided = [
            (
                unique_id(row),
                row["job_id"],
                row["batch_id"],
                row["subscriber_id"],
                row["error_code"],
            )
            for row in messages(self.account)
            if row["outcome"] != "queued" and logging[row["definition_id"]]
        ]
        logged = log_rows(self.account, "UniqueID", "JobID", "BatchID", "SubID", "ErrorCode")
        assert Counter(logged) == Counter(decided)

    @invariant()
    def every_event_belongs_to_a_message_and_comes_after_it(self) -> None:
        by_place = {place(row): row for row in messages(self.account) if row["batch_id"]}
        begun: Counter[object] = Counter()
        for event in self.account.db.find_all("event"):
            message = by_place[place(event)]
            assert event["happens_at"] >= message["decided_at"]
            assert event["visible_at"] >= event["happens_at"]
            assert (event["type"] == "NotSent") == (message["outcome"] == "not sent")
            if event["type"] in ("Sent", "NotSent"):
                begun[place(event)] += 1
        assert begun == Counter(by_place.keys())

    @invariant()
    def nobody_is_in_a_batch_twice(self) -> None:
        places = [place(row) for row in messages(self.account) if row["batch_id"]]
        assert len(set(places)) == len(places)

    @invariant()
    def queues_are_those_of_paused_definitions_and_not_older_than_three_days(self) -> None:
        status = {
            row["id"]: row["status"]
            for row in self.account.db.find_all("triggered_send_definition")
        }
        for row in messages(self.account):
            if row["outcome"] == "queued":
                assert status[row["definition_id"]] == "Inactive"
                since = datetime.fromisoformat(str(row["decided_at"]))
                assert self.account.now() - since <= QUEUE_LIFETIME

    @invariant()
    def nothing_that_is_due_is_left(self) -> None:
        waiting = [row["due_at"] for row in self.account.db.find_all("due")]
        assert all(each > self.account.now_text() for each in waiting)

    def look(self) -> None:
        """Retrieve everything, and compare the counters with the visible events."""
        events = self.visible_events()
        self.check_summaries(events)
        self.check_sends(events)
        self.check_links(events)
        self.check_results(events)

    def asked(self, object_type: str, *names: str) -> list[dict[str, str]]:
        return fields(retrieve(self.call, object_type, names))

    def visible_events(self) -> list[Row]:
        now = self.account.now_text()
        found = [row for row in self.account.db.find_all("event") if str(row["visible_at"]) <= now]
        assert all(str(row["happens_at"]) <= now for row in found)
        shown = [
            (each["EventType"], each["SendID"], each["BatchID"], each["SubscriberKey"])
            for object_type in EVENTS
            for each in self.asked(object_type, "EventType", "SendID", "BatchID", "SubscriberKey")
        ]
        assert Counter(shown) == Counter(
            (row["type"], str(row["job_id"]), str(row["batch_id"]), row["subscriber_key"])
            for row in found
        )
        return found

    def check_summaries(self, events: list[Row]) -> None:
        jobs = {
            row["object_id"]: {
                job["id"] for job in self.account.db.find_all("job", definition_id=row["id"])
            }
            for row in self.account.db.find_all("triggered_send_definition")
        }
        for found in self.asked("TriggeredSendSummary", "ObjectID", *SUMMARY):
            of_definition = jobs[found.pop("ObjectID")]
            own = [row for row in events if row["job_id"] in of_definition]
            codes = [row["error_code"] for row in own if row["type"] == "NotSent"]
            opted_out = sum(code in OPT_OUTS for code in codes)
            undeliverable = sum(code in UNDELIVERABLE for code in codes)
            assert found == texts(
                Sent=of_type(own, "Sent"),
                Bounces=of_type(own, *BOUNCES),
                Opens=of_type(own, "Open"),
                Clicks=of_type(own, "Click"),
                UniqueOpens=unique(own, "Open"),
                UniqueClicks=unique(own, "Click"),
                OptOuts=of_type(own, "Unsubscribe"),
                NotSentDueToOptOut=opted_out,
                NotSentDueToUndeliverable=undeliverable,
                NotSentDueToError=len(codes) - opted_out - undeliverable,
            )

    def check_sends(self, events: list[Row]) -> None:
        for object_type, number in (("Send", "ID"), ("ListSend", "SendID")):
            for found in self.asked(object_type, number, *SEND):
                job = int(found.pop(number))
                own = [row for row in events if row["job_id"] == job]
                assert found == texts(
                    NumberSent=of_type(own, "Sent"),
                    NumberDelivered=of_type(own, "DeliveredEvent"),
                    HardBounces=of_type(own, "HardBounce"),
                    SoftBounces=of_type(own, "SoftBounce"),
                    OtherBounces=of_type(own, "OtherBounce"),
                    UniqueOpens=unique(own, "Open"),
                    UniqueClicks=unique(own, "Click"),
                    Unsubscribes=of_type(own, "Unsubscribe"),
                )

    def check_links(self, events: list[Row]) -> None:
        for found in self.asked("LinkSend", "Link.ID", "Link.TotalClicks", "Link.UniqueClicks"):
            link = int(found.pop("Link.ID"))
            own = [row for row in events if row["url_id"] == link]
            assert found == {
                "Link.TotalClicks": str(len(own)),
                "Link.UniqueClicks": str(unique(own, "Click")),
            }

    def check_results(self, events: list[Row]) -> None:
        by_subscriber: dict[tuple[str, str], list[Row]] = {}
        for row in events:
            key = (str(row["job_id"]), str(row["subscriber_key"]))
            by_subscriber.setdefault(key, []).append(row)
        expected = {
            key: texts(
                TotalClicks=of_type(own, "Click"),
                HardBounces=of_type(own, "HardBounce"),
                SoftBounces=of_type(own, "SoftBounce"),
                OtherBounces=of_type(own, "OtherBounce"),
            )
            for key, own in by_subscriber.items()
            if of_type(own, "Sent")
        }
        names = ("TotalClicks", "HardBounces", "SoftBounces", "OtherBounces")
        found = {}
        for each in self.asked(
            "SubscriberSendResult", "Send.ID", "Subscriber.SubscriberKey", *names
        ):
            key = (each.pop("Send.ID"), each.pop("Subscriber.SubscriberKey"))
            found[key] = each
        assert found == expected


EVENTS = (
    "SentEvent",
    "NotSentEvent",
    "DeliveredEvent",
    "OpenEvent",
    "ClickEvent",
    "BounceEvent",
    "UnsubEvent",
    "ForwardedEmailEvent",
    "ForwardedEmailOptInEvent",
    "SurveyEvent",
)
SUMMARY = (
    "Sent",
    "Bounces",
    "Opens",
    "Clicks",
    "UniqueOpens",
    "UniqueClicks",
    "OptOuts",
    "NotSentDueToOptOut",
    "NotSentDueToUndeliverable",
    "NotSentDueToError",
)
SEND = (
    "NumberSent",
    "NumberDelivered",
    "HardBounces",
    "SoftBounces",
    "OtherBounces",
    "UniqueOpens",
    "UniqueClicks",
    "Unsubscribes",
)


def unique_id(message: Mapping[str, object]) -> str:
    return str(json.loads(str(message["attributes"]))["UniqueID"])


def place(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("job_id", "list_id", "batch_id", "subscriber_id"))


def of_type(events: list[Row], *types: str) -> int:
    return sum(row["type"] in types for row in events)


def unique(events: list[Row], kind: str) -> int:
    return len({place(row) for row in events if row["type"] == kind})


def texts(**numbers: Any) -> dict[str, str]:
    return {name: str(number) for name, number in numbers.items()}


@pytest.mark.slow
def test_counters_and_events_agree_after_random_calls() -> None:
    run_state_machine_as_test(
        Books, settings=settings(max_examples=100, stateful_step_count=40, deadline=None)
    )

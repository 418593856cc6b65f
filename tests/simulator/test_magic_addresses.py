"""The labels in an address of the reserved domain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.addresses import is_valid_address
from sfmc_mock.simulator.magic_addresses import (
    LABELS,
    ContradictoryLabels,
    Label,
    UnknownLabel,
    Wishes,
    parse,
)
from sfmc_mock.simulator.send_rules import RULES


def wishes(labels: str) -> Wishes:
    found = parse(f"ada{labels}@mock.test")
    assert found is not None
    return found


@pytest.mark.parametrize(
    "address",
    [
        "ada+open@example.com",
        "ada+nonsense@example.com",
        "ada+open@sub.mock.test",
        "ada+open@mock.test.example",
        "ada+open@notmock.test",
        "ada+open",
        "",
    ],
)
def test_addresses_of_other_domains_wish_for_nothing(address: str) -> None:
    assert parse(address) is None


def test_the_domain_and_the_labels_are_read_in_any_letter_case() -> None:
    found = parse("Ada+Open@Mock.TEST")

    assert found is not None
    assert found.opens


def test_an_address_without_labels_leaves_the_outcome_open() -> None:
    assert not wishes("").decides


@pytest.mark.parametrize("labels", ["+after-2h", "+lag-20m", "+after-2h+lag-20m"])
def test_times_alone_leave_the_outcome_open(labels: str) -> None:
    assert not wishes(labels).decides


@pytest.mark.parametrize(
    ("labels", "field", "value"),
    [
        ("+open", "opens", True),
        ("+click", "clicks", True),
        ("+hardbounce", "bounce", "hard"),
        ("+softbounce", "bounce", "soft"),
        ("+blockbounce", "bounce", "block"),
        ("+technicalbounce", "bounce", "technical"),
        ("+unknownbounce", "bounce", "unknown"),
        ("+unsub", "unsubscribes", "list"),
        ("+masterunsub", "unsubscribes", "master"),
        ("+complaint", "unsubscribes", "complaint"),
        ("+forward", "forwards", True),
        ("+optin", "opts_in", True),
        ("+survey", "answers", True),
        ("+delivered", "delivery", "delivered"),
        ("+deferred", "delivery", "deferred"),
        ("+notsent-held", "not_sent", "held"),
        ("+open+after-2h", "after", timedelta(hours=2)),
        ("+open+after-1h30m", "after", timedelta(minutes=90)),
        ("+open+after-pt2h", "after", timedelta(hours=2)),
        ("+open+lag-20m", "lag", timedelta(minutes=20)),
    ],
)
def test_a_label_is_a_wish(labels: str, field: str, value: object) -> None:
    found = wishes(labels)

    assert getattr(found, field) == value
    assert found.decides


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_the_example_of_a_label_shows_it(label: Label) -> None:
    found = parse(label.example)

    assert found is not None
    assert any(each == label.name or each.startswith(f"{label.name}-") for each in found.labels)
    assert is_valid_address(label.example)


def test_every_coded_rule_of_the_decision_can_be_wished_for() -> None:
    assert {f"notsent-{rule.name}" for rule in RULES if rule.code is not None} == {
        label.name for label in LABELS if label.group == "not sent"
    }


def test_labels_stand_in_any_order() -> None:
    one, other = wishes("+open+click+after-2h"), wishes("+after-2h+click+open")

    assert (one.opens, one.clicks, one.after) == (other.opens, other.clicks, other.after)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ("+opne", "ada+opne@mock.test: there is no label +opne. Nearest: +open"),
        (
            "+hardbounc",
            "ada+hardbounc@mock.test: there is no label +hardbounc. Nearest: +hardbounce",
        ),
        ("+notsent-hold", "Nearest: +notsent-held"),
        ("+notsent-bounced", "there is no label +notsent-bounced"),
        ("+notsent-paused", "there is no label +notsent-paused"),
        ("+newsletter", "there is no label +newsletter"),
        ("+qqqqqqqqqqqqq", "Known: +delivered, +deferred, +open"),
        ("+open+", "an empty label"),
        ("+after", "+after lacks its duration. Write it like +after-2h."),
        ("+lag", "+lag lacks its duration. Write it like +lag-20m."),
        ("+after-", "+after-: '' is not a valid duration"),
        ("+after-soon", "+after-soon: 'soon' is not a valid duration"),
        ("+after--2h", "no sign"),
    ],
)
def test_an_unknown_label_names_the_nearest(labels: str, text: str) -> None:
    with pytest.raises(UnknownLabel) as refusal:
        parse(f"ada{labels}@mock.test")

    assert text in str(refusal.value)
    assert isinstance(refusal.value, SetupError)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ("+hardbounce+softbounce", "a message bounces once"),
        ("+hardbounce+open", "a message that bounces has no reader"),
        ("+unsub+softbounce", "a message that bounces has no reader"),
        ("+delivered+hardbounce", "a message that bounces is not delivered"),
        ("+delivered+deferred", "a message is delivered once"),
        ("+unsub+masterunsub", "one of them is enough to leave"),
        ("+notsent-held+open", "a message that is not sent has no reader"),
        ("+notsent-held+complaint", "a message that is not sent has no reader"),
        ("+notsent-held+hardbounce", "what is not sent does not bounce"),
        ("+notsent-held+delivered", "what is not sent is not delivered"),
        ("+notsent-held+notsent-deleted", "one reason is enough"),
        ("+notsent-held+after-2h", "nothing follows on what is not sent"),
        ("+open+after-2h+after-3h", "there is one delay"),
        ("+open+lag-2h+lag-3h", "there is one lag"),
        ("+open+open", "the same label stands there twice"),
    ],
)
def test_contradictions_name_both_labels(labels: str, reason: str) -> None:
    with pytest.raises(ContradictoryLabels, match=reason) as refusal:
        parse(f"ada{labels}@mock.test")

    assert all(f"+{label}" in str(refusal.value) for label in refusal.value.labels)
    assert isinstance(refusal.value, SetupError)


def test_a_not_sent_event_may_be_shown_late() -> None:
    assert wishes("+notsent-held+lag-20m").lag == timedelta(minutes=20)


def test_a_refusal_does_not_repeat_an_endless_address() -> None:
    with pytest.raises(UnknownLabel) as refusal:
        parse("ada+" + 10_000 * "x" + "@mock.test")

    assert len(str(refusal.value)) < 1_500


@given(st.text(alphabet="abopen+-2hs@.", max_size=40))
def test_no_address_breaks_the_reader(name: str) -> None:
    try:
        found = parse(f"{name}@mock.test")
    except (UnknownLabel, ContradictoryLabels):
        return

    assert found is not None

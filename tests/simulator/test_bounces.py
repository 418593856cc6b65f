"""What mail servers answer, and what it does to a subscriber."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.bounces import (
    BY_KIND,
    CATALOGUE,
    CATEGORIES,
    Bounce,
    bounce_type,
    status_after_bounce,
    status_after_open,
)

NOON = datetime(2026, 3, 1, 12)
EMAIL = "ada@mail.example"


def days_before(*days: int) -> list[datetime]:
    return [NOON - timedelta(days=each) for each in days]


def test_the_categories_are_the_services_words() -> None:
    assert [category.text for category in CATEGORIES.values()] == [
        "Hard bounce",
        "Soft bounce",
        "Block bounce",
        "Technical/Other bounce",
        "Unknown bounce",
    ]


@pytest.mark.parametrize("bounce", CATALOGUE, ids=lambda bounce: f"{bounce.subcategory_id}")
def test_a_reason_is_a_mail_servers_line(bounce: Bounce) -> None:
    reason = bounce.reason(EMAIL)

    assert reason.startswith(f"{bounce.smtp_code} ")
    assert len(bounce.smtp_code) == 3
    assert "{" not in reason


@pytest.mark.parametrize(
    ("kind", "thousand"), [("block", 1), ("hard", 2), ("soft", 3), ("technical", 4)]
)
def test_subcategories_are_numbered_by_category(kind: bounces.Kind, thousand: int) -> None:
    assert {bounce.subcategory_id // 1_000 for bounce in BY_KIND[kind]} == {thousand}


@pytest.mark.parametrize(("kind", "digit"), [("hard", "5"), ("soft", "4")])
def test_what_is_final_says_5_and_what_may_pass_says_4(kind: bounces.Kind, digit: str) -> None:
    assert {bounce.smtp_code[0] for bounce in BY_KIND[kind]} == {digit}


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "immediate"), (14, "immediate"), (15, "delayed")]
)
def test_a_bounce_of_a_later_try_is_delayed(minutes: int, text: str) -> None:
    assert bounce_type(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("earlier", "status"),
    [
        ([], "Bounced"),
        ([30], "Bounced"),
        ([10, 5], "Bounced"),
        ([14, 5], "Bounced"),
        ([15, 5], "Held"),
        ([40, 30, 20, 1], "Held"),
    ],
)
def test_three_bounces_over_more_than_14_days_hold_a_subscriber(
    earlier: list[int], status: str
) -> None:
    assert status_after_bounce("Active", days_before(*earlier), NOON) == status
    assert status_after_bounce("Bounced", days_before(*earlier), NOON) == status


@pytest.mark.parametrize("status", ["Held", "Unsubscribed", "Deleted"])
def test_a_bounce_moves_nobody_out_of_a_final_status(status: str) -> None:
    assert status_after_bounce(status, days_before(40, 20), NOON) == status


@pytest.mark.parametrize(
    ("before", "after"), [("Bounced", "Active"), ("Held", "Held"), ("Unsubscribed", "Unsubscribed")]
)
def test_an_open_makes_bounced_active_again(before: str, after: str) -> None:
    assert status_after_open(before) == after

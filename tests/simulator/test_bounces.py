"""The kinds of bounces, and the answers of mail servers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sfmc_mock.simulator import bounces
from sfmc_mock.simulator.bounces import (
    BY_KIND,
    CATALOGUE,
    CATEGORIES,
    Bounce,
    bounce_type,
)

EMAIL = "ada@mail.example"


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
def test_permanent_bounces_say_5_and_transient_ones_4(kind: bounces.Kind, digit: str) -> None:
    assert {bounce.smtp_code[0] for bounce in BY_KIND[kind]} == {digit}


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "immediate"), (14, "immediate"), (15, "delayed")]
)
def test_a_bounce_of_a_later_try_is_delayed(minutes: int, text: str) -> None:
    assert bounce_type(timedelta(minutes=minutes)) == text

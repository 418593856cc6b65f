"""The status of a subscriber after bounces and opens."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sfmc_mock.simulator.status_after_bounces import status_after_bounce, status_after_open

NOON = datetime(2026, 3, 1, 12)


def days_before(*days: int) -> list[datetime]:
    return [NOON - timedelta(days=count) for count in days]


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
def test_a_bounce_leaves_a_final_status(status: str) -> None:
    assert status_after_bounce(status, days_before(40, 20), NOON) == status


@pytest.mark.parametrize(
    ("before", "after"), [("Bounced", "Active"), ("Held", "Held"), ("Unsubscribed", "Unsubscribed")]
)
def test_an_open_makes_bounced_active_again(before: str, after: str) -> None:
    assert status_after_open(before) == after

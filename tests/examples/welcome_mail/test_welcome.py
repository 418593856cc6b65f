"""The welcome email, from the sign-up to the customer's reaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from welcome import Customer, Greeter


@pytest.fixture
def greeter(sfmc):
    """The program under test, with the account of this test."""
    return Greeter(sfmc.flow)


def test_the_welcome_mail_is_opened(sfmc):
    sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))

    opened = sfmc.wait_for("OpenEvent", sent)

    assert opened.subscriber_key == sent.subscriber_key
    assert opened.send_id == sent.job_id


def test_a_new_customer_is_sent_the_mail(greeter, sfmc):
    sent = greeter.greet(Customer(sfmc.recipient("receives"), "Ada"))

    assert sfmc.wait_for("SentEvent", sent).subscriber_id == sent.subscriber_id
    assert greeter.is_reachable(sent)


def test_a_customer_whose_mailbox_does_not_exist_is_not_reachable(greeter, sfmc):
    sent = greeter.greet(Customer(sfmc.recipient("hard-bounces"), "Ada"))

    bounced = sfmc.wait_for("BounceEvent", sent)

    assert bounced.category == "Hard bounce"
    assert not greeter.is_reachable(sent)


def test_the_links_that_a_customer_followed_are_known(greeter, sfmc):
    sent = greeter.greet(Customer(sfmc.recipient("clicks"), "Ada"))

    clicked = sfmc.wait_for("ClickEvent", sent)

    assert greeter.clicked_links(sent) == [clicked.url]


@pytest.mark.sfmc_mock_only
def test_a_late_open_is_recorded(greeter, sfmc):
    sent = greeter.greet(Customer("ada+open+after-14d@mock.test", "Ada"))
    signed_up = sfmc.clock.now

    opened = sfmc.wait_for("OpenEvent", sent)

    assert opened.event_date - signed_up == timedelta(days=14)

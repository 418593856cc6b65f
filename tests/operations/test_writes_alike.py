"""Writes that differ from earlier ones only in values get the warnings and summaries of separate parsing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from tests.support.soap_app import SoapApp

SEND = (
    '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>{}</CustomerKey></TriggeredSendDefinition>'
    "<Subscribers><EmailAddress>{}</EmailAddress><SubscriberKey>{}</SubscriberKey></Subscribers></Objects>"
)
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a send": (SEND, ("welcome", "ada@mock.test", " ", "")),
    "sends": (SEND * 5, ("welcome", "ada@mock.test", " ada ", "")),
    "objects": (
        '<Objects xsi:type="Subscriber"><SubscriberKey>{}</SubscriberKey></Objects>' * 5,
        ("ada", " ada ", ""),
    ),
    "an object of an asynchronous call": (
        "<Options><RequestType>Asynchronous</RequestType></Options>"
        '<Objects xsi:type="Subscriber"><SubscriberKey>{}</SubscriberKey></Objects>',
        ("ada", " ada ", ""),
    ),
    "an object with several names": (
        '<Objects xsi:type="Subscriber"><EmailAddress>{}</EmailAddress><SubscriberKey>{}</SubscriberKey></Objects>',
        ("ada", "ada@mock.test", " ada ", "", "x, y"),
    ),
    "an object with a number": (
        '<Objects xsi:type="List"><ID>{}</ID><ListName>{}</ListName></Objects>',
        ("5", "007", "x", ""),
    ),
    "an element without effect": (
        '<Objects xsi:type="List"><ListName>{}</ListName><CorrelationID>{}</CorrelationID></Objects>',
        ("news", ""),
    ),
    "a part without effect": (
        '<Objects xsi:type="Subscriber"><SubscriberKey>{}</SubscriberKey><Owner><FromName>{}</FromName></Owner>'
        "</Objects>",
        ("ada", ""),
    ),
    "an element with a warning of its own": (
        '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>{}</CustomerKey>'
        "<SuppressTracking>{}</SuppressTracking></Objects>",
        ("true", "false", ""),
    ),
    "a type that there is not": ('<Objects xsi:type="Lst"><ListName>{}</ListName></Objects>', ("a", "")),
    "a changing option": (
        "<Options><RequestType>{}</RequestType></Options>"
        '<Objects xsi:type="List"><ListName>{}</ListName></Objects>',
        ("Asynchronous", "Synchronous", ""),
    ),
}  # fmt: skip


def told(app: SoapApp, operation: str, content: str) -> tuple[tuple[str, ...], str]:
    """Return the warnings of a call, and its line in the journal."""
    app.call(operation, content)
    *_, kept = app.wsgi.journal
    return app.warnings, f"{kept.title}: {kept.summary}"


@pytest.mark.parametrize("operation", ["Create", "Update"])
@pytest.mark.parametrize("name", FORMS)
def test_they_are_told_of_as_if_each_came_alone(
    make_app: Callable[..., SoapApp], operation: str, name: str
) -> None:
    form, values = FORMS[name]
    gaps = form.count("{}")
    rounds = [*product(values, repeat=gaps)] if gaps < 4 else [(value,) * gaps for value in values]
    app, other = make_app(), make_app()
    for given in (*rounds, *reversed(rounds)):
        content = form.format(*given)
        # One with a comment is parsed by itself.
        alone = told(other, operation, f"<!-- alone -->{content}")
        assert told(app, operation, content) == alone

"""ReplyMailManagementConfiguration: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import status, struct, write_objects

from sfmc_mock.declarations.call import Call

WHOLE = {
    "CustomerKey": "replies",
    "EmailDisplayName": "Shop",
    "ReplySubdomain": "reply.mock.test",
    "EmailReplyAddress": "shop@reply.mock.test",
    "ForwardingAddress": "shop@mock.test",
    "DNSRedirectComplete": True,
}
TO_ACTIVATE = "To activate Reply Mail Management "


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"EmailDisplayName": ""}, 402001, f"{TO_ACTIVATE}Email Reply Name must be complete"),
        ({"ReplySubdomain": ""}, 402002, f"{TO_ACTIVATE}Reply Subdomain must be complete"),
        (
            {"ReplySubdomain": "other.mock.test"},
            402003,
            "Email reply address subdomain value has to be same with reply subdomain value",
        ),
        ({"EmailReplyAddress": ""}, 402004, f"{TO_ACTIVATE}Email From Address must be complete"),
        ({"EmailReplyAddress": "shop"}, 402005, "Please enter valid Email Reply Address"),
        (
            {"ForwardingAddress": ""},
            402006,
            f"{TO_ACTIVATE}Forwarding Email Address must be complete",
        ),
        ({"ForwardingAddress": "shop"}, 402007, "Please enter valid Forwarding Email Address"),
        (
            {"SupportUnsubscribes": True},
            402009,
            "You need to set true for at least one of the Unsubscribe terms",
        ),
    ],
)
@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_an_incomplete_configuration_is_refused(
    call: Call, operation: str, said: dict[str, Any], code: int, text: str
) -> None:
    if operation == "Update":
        made = write_objects(call, "Create", struct("ReplyMailManagementConfiguration", WHOLE))
        assert status(made)[0] == "OK"

    sent = {**WHOLE, **said} if operation == "Create" else {"CustomerKey": "replies", **said}
    answer = write_objects(call, operation, struct("ReplyMailManagementConfiguration", sent))

    assert status(answer) == ("Error", text, code)

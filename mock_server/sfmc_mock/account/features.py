"""What an account has not bought: features that the service switches on for each account.

An account of the emulator has them all, apart from those that its seed file names in `lacks`.
"""

from __future__ import annotations

from sfmc_mock.account.account import Account

FEATURES = {
    "all_subscribers_access": "triggered sends to All Subscribers",
    "bcc_email": "copies of sends to an address",
    "dynamic_content": "subjects that are put together at send time",
    "multipart": "emails in both HTML and text",
    "reply_mail_management": "rules for replies",
    "send_throttling": "limits and hours of sends",
    "sender_header": "a Sender header of its own",
    "sms": "mobile numbers of subscribers",
    "subscriber_key": "a key of a subscriber's own beside the address",
}
"""The names of what can be lacking, and what each is."""


def named_in(text: str) -> list[str]:
    """Return the names that a `lacks` holds, separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def is_closed(account: Account) -> bool:
    """Say whether an account, a business unit, is not active any more."""
    return account.setting("about.IsActive", "1") == "0"


def lacks(account: Account, feature: str) -> bool:
    """Say whether the account has not got a feature."""
    return feature in named_in(account.setting("lacks"))

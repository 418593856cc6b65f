"""The service's codes for not sending to one subscriber.

They stand in the `SubscriberFailures` of a triggered send and in the column `ErrorCode` of the send log. 1 to 43 come
from the check of a triggered send, 100 to 141 from building and sending the email, 1000 to 1040 from the exclusions
of other sends (numbers and names: documented). The sentences on the wire are known for three of them only; the others
are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One reason for not sending to a subscriber.

    `origin` says how its sentence is known: recorded, documented or assumed.
    """

    number: int
    name: str
    sentence: str
    origin: str = "assumed"

    @property
    def text(self) -> str:
        """The `ErrorDescription` of a `SubscriberFailures` element (form: recorded)."""
        return f"Error Code: {self.number} - {self.sentence}"


_CODES = (
    Code(1, "Unsubscribed", "Subscriber is unsubscribed."),
    Code(2, "Held", "Subscriber is held as undeliverable."),
    Code(4, "MissingEmailAddress", "Subscriber came without an Email Address."),
    Code(
        5,
        "InvalidEmailAddress",
        "The Email Address for this subscriber has invalid syntax.",
        "recorded",
    ),
    Code(10, "MissingRequiredAttributes", "Subscriber lacks a value for a required attribute."),
    Code(12, "InvalidOwnerIDProvided", "The owner named is no child of this enterprise."),
    Code(16, "InvalidAttributeValue", "An attribute has a value that does not fit its type."),
    Code(17, "AttributeValueMaxLengthErr", "An attribute has a value longer than its limit."),
    Code(19, "MissingRequiredFields", "A required field of the data extension has no value."),
    Code(20, "InvalidFieldValue", "A field of the data extension has a value not of its type."),
    # One of the messages documented for 18006, the family that all these failures belong to.
    Code(23, "DomainExclusion", "Subscriber was excluded by domain exclusion list.", "documented"),
    Code(24, "ListDetectiveExclusion", "Subscriber was excluded by List Detective.", "recorded"),
    Code(26, "BuildEmailError", "The email could not be built for this subscriber."),
    Code(27, "SuppressionListExclusion", "Subscriber is on a suppression list."),
    Code(28, "OptOutListExclusion", "Subscriber is on an opt-out list."),
    Code(29, "MissingSubscriberKeyValue", "SubscriberKey is empty."),
    Code(30, "SubscriberKeyTooLong", "SubscriberKey is too long."),
    Code(31, "ListLevelOptOut", "Subscriber is unsubscribed from this list."),
    Code(33, "AccountLevelOptOut", "Subscriber is unsubscribed from this account."),
    Code(37, "QueuedTransactionDeleted", "The message was deleted while it was queued."),
    Code(39, "SubscriberQueueCleared", "The queue was cleared before this message was sent."),
    Code(40, "SubscriberDeleted", "Subscriber is deleted."),
    Code(42, "RestrictedForProcessing", "Processing of this subscriber is restricted."),
    Code(43, "SubscriberRequestExpired", "The request expired before it was sent."),
    Code(102, "Excluded", "The exclusion rule of the send matched this subscriber."),
    Code(118, "GlobalUnsub", "Email Address is on the global unsubscribe list."),
    Code(140, "UnverifiedFromEmailAddress", "The From address is not verified."),
)

CODES: dict[int, Code] = {code.number: code for code in _CODES}
"""The codes that rules use, by their numbers."""

"""The codes with which the service says of one subscriber why nothing was sent.

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
    Code(3, "PartnerUnsubscribed", "Subscriber is unsubscribed on the partner's side."),
    Code(4, "MissingEmailAddress", "Subscriber came without an Email Address."),
    Code(
        5,
        "InvalidEmailAddress",
        "The Email Address for this subscriber has invalid syntax.",
        "recorded",
    ),
    Code(6, "DuplicateEmail", "Another subscriber of this job has the same Email Address."),
    Code(7, "InvalidSubscriberIDProvided", "No subscriber has the SubscriberID given."),
    Code(8, "MissingSubscriberID", "Subscriber came with neither SubscriberKey nor SubscriberID."),
    Code(9, "MissingOwnerID", "The owning child account was not named."),
    Code(10, "MissingRequiredAttributes", "Subscriber lacks a value for a required attribute."),
    Code(11, "NoAllSubscribersListEntry", "Subscriber has no entry on All Subscribers."),
    Code(12, "InvalidOwnerIDProvided", "The owner named is no child of this enterprise."),
    Code(13, "SubscriberKeyMismatch", "The SubscriberKey given is not the one on record."),
    Code(14, "EmailAddressMismatch", "The Email Address given is not the one on record."),
    Code(15, "UnspecifiedError", "Subscriber failed the checks for no particular reason."),
    Code(16, "InvalidAttributeValue", "An attribute has a value that does not fit its type."),
    Code(17, "AttributeValueMaxLengthErr", "An attribute has a value longer than its limit."),
    Code(18, "InvalidAttributeValueCount", "There are more or fewer values than attributes."),
    Code(19, "MissingRequiredFields", "A required field of the data extension has no value."),
    Code(20, "InvalidFieldValue", "A field of the data extension has a value not of its type."),
    Code(21, "DuplicateDataExtensionRow", "The data extension already has this row."),
    Code(22, "DataExtensionInsertFailed", "The data extension did not take the row."),
    # One of the messages documented for 18006, the family that all these failures belong to.
    Code(23, "DomainExclusion", "Subscriber was excluded by domain exclusion list.", "documented"),
    Code(24, "ListDetectiveExclusion", "Subscriber was excluded by List Detective.", "recorded"),
    Code(25, "SubscriberBlackedOut", "Subscriber is in a blackout period; the send is put off."),
    Code(26, "BuildEmailError", "The email could not be built for this subscriber."),
    Code(27, "SuppressionListExclusion", "Subscriber is on a suppression list."),
    Code(28, "OptOutListExclusion", "Subscriber is on an opt-out list."),
    Code(29, "MissingSubscriberKeyValue", "SubscriberKey is empty."),
    Code(30, "SubscriberKeyTooLong", "SubscriberKey is too long."),
    Code(31, "ListLevelOptOut", "Subscriber is unsubscribed from this list."),
    Code(32, "MissingSendGroupID", "SendGroupID was not given."),
    Code(33, "AccountLevelOptOut", "Subscriber is unsubscribed from this account."),
    Code(34, "MissingMessageFileName", "No SMTP message file was named for this subscriber."),
    Code(35, "InvalidEmailAddressID", "EmailAddressID is missing or names nothing."),
    Code(36, "InvalidBusinessUnit", "Subscriber is outside this business unit."),
    Code(37, "QueuedTransactionDeleted", "The message was deleted while it was queued."),
    Code(38, "InvalidSalesforceID", "SubscriberKey is a Salesforce ID in the wrong letter case."),
    Code(39, "SubscriberQueueCleared", "The queue was cleared before this message was sent."),
    Code(40, "SubscriberDeleted", "Subscriber is deleted."),
    Code(41, "DuplicateSubscriber", "Subscriber got this message a short while ago."),
    Code(42, "RestrictedForProcessing", "Processing of this subscriber is restricted."),
    Code(43, "SubscriberRequestExpired", "The request expired before it was sent."),
    Code(100, "Error", "The email failed to build."),
    Code(101, "Failure", "The email failed to leave."),
    Code(102, "Excluded", "The exclusion rule of the send matched this subscriber."),
    Code(103, "MessageBuildError", "The message failed to build."),
    Code(104, "RecursiveScriptError", "A script calls itself."),
    Code(105, "InvalidSendTimeDataError", "The data for the time of sending is not readable."),
    Code(106, "MissingSendDataExtensionSourceRowError", "The row to send from has gone."),
    Code(107, "MissingSubscriberDataError", "The subscriber's record has gone."),
    Code(108, "MissingListSubscriberDataError", "The subscriber's place on the list has gone."),
    Code(109, "MissingSubscriberKeyError", "There was no SubscriberKey at the time of sending."),
    Code(110, "InvalidEmailAddressError", "The Email Address was unusable at the time of sending."),
    Code(111, "ScriptRaiseError", "A script of the email called RaiseError."),
    Code(112, "EmptyHTTPGetReturnError", "HTTPGet brought nothing."),
    Code(113, "EmptyHTTPGetFunctionReturnError", "The HTTPGet function brought nothing."),
    Code(114, "MissingSFIDError", "There is no Salesforce ID."),
    Code(115, "MissingSFDataError", "There is no Salesforce data."),
    Code(116, "MissingSFSubscriberDataError", "There is no Salesforce subscriber row."),
    Code(117, "CouldNotResolveSecureEmailToken", "The token names no secure Email Address."),
    Code(118, "GlobalUnsub", "Email Address is on the global unsubscribe list."),
    Code(119, "PartnerUnsub", "Email Address is on the partner's unsubscribe list."),
    Code(120, "ListDetectiveExclusion", "List Detective stopped the Email Address while sending."),
    Code(121, "ProcessedByPairedMember", "The other job of the pair took this subscriber."),
    Code(122, "SMTPFileNotFound", "The SMTP message file does not exist."),
    Code(123, "SMTPFileIOError", "The SMTP message file did not open."),
    Code(124, "SMTPFileFormatError", "The SMTP message file is malformed."),
    Code(125, "DecryptionFailed", "An encrypted field did not decrypt."),
    Code(126, "MessageVolumeLimitExceeded", "The account has used up its volume of messages."),
    Code(127, "EmptySubject", "The subject came out empty."),
    Code(128, "ResolvedEmailBodyTooShort", "The body came out too short."),
    Code(129, "PhoneNumberValidationFailed", "The phone number is not valid."),
    Code(130, "PayloadExceedsMaximum", "The payload is too large."),
    Code(131, "LinkDataExceedsMaximumSize", "The link data is too large."),
    Code(132, "InvalidCCEmailAddressError", "The CC address is not valid."),
    Code(133, "InvalidBCCEmailAddressError", "The BCC address is not valid."),
    Code(134, "SubscriberDeleted", "Subscriber is about to be deleted."),
    Code(135, "RestrictedForProcessing", "Processing was restricted before the send."),
    Code(136, "SubscriberKeyMismatch", "SubscriberKey has changed since the row was read."),
    Code(137, "SubscriberIDMismatch", "SubscriberID has changed since the row was read."),
    Code(138, "ExceededExpirationPolicy", "The request is older than the expiration policy."),
    Code(139, "TimedoutInQueue", "The request waited too long in the queue."),
    Code(140, "UnverifiedFromEmailAddress", "The From address is not verified."),
    Code(141, "V2TriggeredSendDeletedFromQueue", "The request was removed from the queue."),
    Code(1000, "UnsubscribedList", "Excluded: unsubscribed from the list."),
    Code(1010, "UnsubscribedMaster", "Excluded: unsubscribed from All Subscribers."),
    Code(1020, "UnsubscribedGlobal", "Excluded: unsubscribed globally."),
    Code(1030, "Held", "Excluded: held."),
    Code(1040, "Deleted", "Excluded: deleted."),
)

CODES: dict[int, Code] = {code.number: code for code in _CODES}
"""Every subscriber-level code, by its number."""

"""Codes that tests of objects or operations cover: by test file, the code and its condition."""

from __future__ import annotations

_OBJECTS = "tests/objects/test_"

_SCHEDULE = {
    151: "no StartDateTime",
    152: "EndOn without EndDateTime",
    153: "EndAfter without Occurrences",
    150: "no RecurrenceRangeType",
    160: "a DailyRecurrence without its pattern",
    161: "a DailyRecurrence without DayInterval",
    170: "a WeeklyRecurrence without its pattern",
    180: "a MonthlyRecurrence without its pattern",
    181: "a MonthlyRecurrence without MonthlyInterval",
    182: "a MonthlyRecurrence by day without ScheduledDay",
    183: "a MonthlyRecurrence by week without ScheduledWeek",
    184: "a MonthlyRecurrence by week without ScheduledDayOfWeek",
    190: "a YearlyRecurrence without its pattern",
    191: "a YearlyRecurrence by day without ScheduledDay",
    192: "a YearlyRecurrence by week without ScheduledDayOfWeek",
    193: "a YearlyRecurrence by week without ScheduledWeek",
    194: "a YearlyRecurrence without ScheduledMonth",
}
_ASYNCHRONOUS = {
    200: "a part with another CallsInConversation",
    202: "a part without SequenceCode",
    203: "more than five minutes between parts",
    204: "a queued object that fails",
    205: "a SequenceCode that is not between 1 and CallsInConversation",
    206: "a CallsInConversation below 1",
    207: "a part without ConversationID",
    208: "a part without CallsInConversation",
    209: "a part of a call that is not asynchronous",
    211: "a ConversationID that was used",
    213: "a part of a conversation in error",
    214: "a SequenceCode that was used",
    215: "a part of a conversation that is complete",
    226: "a ScheduledTime more than 30 days away",
}
_SEND_DEFINITION = {
    42000: "a source that the emulator has not, or an action that is kept for later",
    42006: "an Email that names none",
    42007: "a list that is not there",
    42008: "a data extension that is not there",
    42009: "a tracking user that is not there",
    42105: "a start with an email that cannot be sent",
    42106: "a subject with a personalization string that does not end",
    42107: "a BccEmail that is none",
    42108: "a SendWindowOpen that is not a time of day",
    42109: "a SendWindowClose that is not a time of day, or the time of opening",
    42110: "a SendDefinitionList that names nothing to send to",
    42111: "a tracking user that names none",
    42112: "a TestEmailAddr that is none",
    42113: "an ExclusionFilter without a recipient",
    42116: "a nil in SendDefinitionList",
    42117: "an ObjectID that is not a GUID",
}
_SEND = {
    7000: "an email whose content cannot be sent",
    7001: "no Email, or one without an identity and a body",
    7002: "no List",
    7003: "lists that name none",
    7004: "a list that is not there, or a new one that cannot be made",
    7005: "a PartnerKey of an email that is not there",
    7006: "a new Email that cannot be made",
    7007: "an email that is not there",
}
_IMPORT = {
    43020: "a destination that is neither a list nor a data extension",
    43040: "a Create with the name of another",
    43050: "an Update to the name of another",
}
_EXTRACT = {
    31002: "a caller without the scope, or an account that the caller does not see",
    31003: "a data extract of an account without data extracts",
    31004: "an extract of an account without FTP",
    31005: "a parameter that the extract has not",
    31006: "a parameter that is required and missing",
    31007: "a parameter whose value is not of its type",
    31008: "an input file that is not there",
    31009: "an OutputFileName outside the account's folder",
}
_FILTER = {
    373000: "a Create with an ObjectID",
    373004: "a Name that is taken",
    373008: "no DataFilter",
    373009: "a DataFilter that is none",
    373010: "an operator that the type of the field does not allow",
    373011: "a property that is not there",
    373012: "a part that is neither simple nor complex",
    303001: "a run without a filter, or not between two data extensions",
    303003: "a run with a filter or rows that do not fit the data extensions",
}
_MESSAGES = {
    32000: "no VoiceTriggeredSendDefinition, or one that is not there",
    32001: "no Subscriber",
    32002: "no Number or no Message",
    33000: "no SMSTriggeredSendDefinition",
    33001: "a definition that is not there",
    33002: "a definition that names none",
    33003: "no Message, and no content",
    33004: "more than 160 GSM or 70 other characters",
    33005: "characters that cannot be shown",
    33006: "a FromAddress that is not a short code of the account",
    33100: "no Subscriber",
    33101: "an unknown subscriber without a Number",
    33102: "a Number that is none of North America",
    33300: "a subscriber who is unsubscribed from the definition's list",
    33301: "a subscriber who is unsubscribed from everything",
    346004: "a keyword that carriers keep for themselves",
    346005: "a ShortCode that is none",
    441001: "an ObjectID beside the CustomerKey of another",
    441003: "SendToList without a DataExtension, or one that names none",
}
_KEYWORDS = {
    435001: "a verb of more than 25 characters",
    435003: "a verb with a comma",
    435005: "a ScriptErrorMessage that does not fit into one message",
    435006: "a Message that does not fit into one message",
    439001: "a verb with a comma",
    439002: "a verb of another keyword",
    440006: "a SuccessMessage that does not fit into one message",
    440007: "a MissingEmailMessage that does not fit into one message",
    440008: "a FailureMessage that does not fit into one message",
    446002: "a verb with a comma",
    446003: "a message that does not fit into one message",
    446004: "a verb of another keyword",
    446012: "no ValidResponses",
    447001: "a verb of another keyword",
    447002: "a verb with a comma",
    447003: "a message that does not fit into one message",
}
_PERFORMED = {
    44000: "cancel or pause of a campaign",
    44001: "a campaign that is not named",
    44002: "a campaign that is not there",
    44100: "a CustomerKey of more than 36 characters",
    44101: "a Name of more than 100 characters",
    56000: "a rule that the parent account gives",
    350000: "no ValidationAction",
    350001: "a ValidationType that is none",
    350002: "no Email, or one that is not there",
    350005: "no subscriber that is there",
    350007: "a SpamAssassinValidation, which no account has",
}
_USERS = {
    11005: "a Password that is too short",
    11006: "a Password of one kind of characters",
    11007: "a Password with the UserID",
    11011: "an Email that is none",
    11012: "a NotificationEmailAddress that is none",
    11013: "a UserID that is too short",
    11014: "a UserID that is taken",
    11015: "a ChallengePhrase with the UserID",
    11016: "a ChallengeAnswer with the UserID",
    11017: "a ChallengePhrase with the Password",
}
_ACCOUNTS = {
    4: "an account that is named by a key that none has",
    1000: "a Delete, or a Create by a business unit",
    1001: "AccountUsers within an account",
    1002: "BusinessRules within an account",
    1003: "a Subscription within an account",
    1004: "PrivateLabels within an account",
    1008: "a PrivateLabelID",
    1009: "the ID of an account that the caller does not see",
    1012: "an EditionID, a BrandID, or another ParentID",
    1013: "InheritAddress of an account with none above it",
    1014: "a change of an account that is not active",
    1015: "a CustomerKey that is too long or taken",
    1016: "an IsActive that is neither 0 nor 1",
}
_UNITS = {
    1005: "a business unit without Name",
    1011: "a business unit without ParentID",
    1017: "an AccountType that is not a business unit",
    11000: "a Client without ID",
    11001: "a user of an account that the caller does not see",
    54000: "permissions of a user with access to more than the caller sees",
    54001: "a UserAccess without ID",
}
_ROLES = {
    332001: "a Permission with an Operation that is none",
    332002: "a Permission with an ObjectType that is none",
    332004: "a Permission that is allowed and denied",
}
_REPLIES = {
    402001: "no EmailDisplayName",
    402002: "no ReplySubdomain",
    402003: "an EmailReplyAddress in another domain than ReplySubdomain",
    402004: "no EmailReplyAddress",
    402005: "an EmailReplyAddress that is none",
    402006: "no ForwardingAddress",
    402007: "a ForwardingAddress that is none",
    402009: "SupportUnsubscribes without a keyword",
}
_TEMPLATES = {
    302002: "a HeaderContent that names none",
    302005: "a Layout that names none",
    302008: "a Layout that is not there",
}
_FILES = {
    69002: "a FileName of a type that is not taken",
    69004: "a FileName with characters that are not taken",
    69005: "a FileName that is taken",
    69008: "a Source that is not a URL",
}
_PROGRAMS = {
    355001: "an ObjectID that is not a GUID",
    355002: "an action that cannot be done now",
    355005: "a Delete that cannot be done now",
}

ELSEWHERE: dict[str, dict[int, str]] = {
    "tests/operations/test_schedule.py": _SCHEDULE,
    "tests/operations/test_asynchronous.py": _ASYNCHRONOUS,
    "tests/test_hostile_requests.py": {218: "more objects than the service takes"},
    "tests/account/test_log_unsub_event.py": {
        401: "LogUnsubEvent for a list that was left already"
    },
    "tests/account/test_profile_attributes.py": {67034: "more attributes than the service takes"},
    f"{_OBJECTS}email_send_definition.py": _SEND_DEFINITION,
    f"{_OBJECTS}send.py": _SEND,
    f"{_OBJECTS}import_definition.py": _IMPORT,
    f"{_OBJECTS}extracts.py": _EXTRACT,
    f"{_OBJECTS}filters.py": _FILTER,
    f"{_OBJECTS}sms_messages.py": _MESSAGES,
    f"{_OBJECTS}sms_keywords.py": _KEYWORDS,
    f"{_OBJECTS}performed_objects.py": _PERFORMED,
    f"{_OBJECTS}account_user.py": _USERS,
    f"{_OBJECTS}business_units.py": _ACCOUNTS,
    f"{_OBJECTS}role.py": _ROLES,
    "tests/operations/test_business_units.py": _UNITS,
    f"{_OBJECTS}reply_mail_management_configuration.py": _REPLIES,
    f"{_OBJECTS}template.py": _TEMPLATES,
    f"{_OBJECTS}portfolio.py": _FILES,
    f"{_OBJECTS}automation.py": _PROGRAMS,
    f"{_OBJECTS}publication.py": {111001: "a Name that is taken"},
}
"""By the file of the test, which names each code."""

# fmt: off
ASSUMED = frozenset({
    1000, 1001, 1002, 1003, 1004, 1008, 1012, 1015, 4004, 7003, 11001, 13013, 17100, 17101,
    17102, 17105, 17107, 17110, 21000, 21002, 24103, 24104, 31000, 31001, 31009, 32001, 32002,
    40103, 40104, 40105, 40202, 40205, 41104, 41105, 42000, 42100, 42101, 42103, 42104, 42105,
    42110, 42111, 42113, 42116, 43040, 43050, 43060, 44000, 44100, 44101, 54000, 56000, 69000,
    69007, 111000, 303000, 303001, 303003, 310003, 310004, 310007, 332001, 332002, 332003,
    332004, 346003, 350000, 355002, 355003, 355005, 396009, 396012, 402008, 435005, 435006,
    440001, 440005, 446003, 447003
})
# fmt: on
"""Codes of these tests and of declarations whose name does not tell when they are given."""

_INTERNAL = "a failure within the service; a chaos rule can give it"
_NO_OBJECT = "the schema has no object that meets it"
_UNKNOWN = "the conditions are not documented"

NOT_GIVEN: dict[int, str] = {
    1006: "accounts have no subscriptions",
    1007: "accounts have no private labels",
    1010: "accounts have no subscriptions",
    1018: _INTERNAL,
    10: "a fault without a number of its own: a chaos rule gives it as `outage`",
    201: _UNKNOWN,
    7008: _INTERNAL,
    7009: _INTERNAL,
    12005: _UNKNOWN,
    13011: "an account has one All Subscribers",
    18003: _INTERNAL,
    18004: _INTERNAL,
    18005: _INTERNAL,
    71000: "batches do not time out",
    11004: "an account takes any number of users",
    11008: "earlier passwords are not kept",
    11018: "a password is changed without the old one",
    69003: "files are not fetched",
    69010: _UNKNOWN,
    302010: _UNKNOWN,
    302011: _UNKNOWN,
    350003: _INTERNAL,
    350004: _INTERNAL,
    350006: _INTERNAL,
    355004: _UNKNOWN,
    402000: _UNKNOWN,
    439003: "a second number for 439001",
    396000: _UNKNOWN,
    441002: "a list of another account is not found at all",
}
"""Why a code is not given, for those whose family says no more."""

NOT_GIVEN_FAMILIES: dict[str, str] = {
    "List Detective": _NO_OBJECT,
    "Audience Builder": _NO_OBJECT,
    "Navigation Tab": _NO_OBJECT,
    "Notifications": _NO_OBJECT,
    "Salutation": _NO_OBJECT,
    "Feature configuration": _NO_OBJECT,
    "SMS member short code": _NO_OBJECT,
    "SMS member shared short code": _NO_OBJECT,
    "SMS MT configuration": _NO_OBJECT,
    "TimeZone and Locale": "users keep any",
    "SMSTriggeredSend": "no message leaves, so none fails on its way",
    "Salesforce send": "sends to another system are not emulated",
}

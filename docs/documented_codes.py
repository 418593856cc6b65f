"""The documented error codes by family: the numbers; their texts are said where the codes are given."""

from __future__ import annotations

CORE = {
    "General": "1-6 8-13 17",
    "Perform and Schedule": "100 105-106 140 150-153 160-161 170 180-184 190-194",
    "Asynchronous calls": "200-209 211-215 218 226-227",
    "Subscriptions": "400-409",
    "Email": "4000-4004",
    "Send": "7000-7010",
    "Subscriber": "12000-12025",
    "List": "13000-13014",
    "List Detective": "14000-14005 14010-14015 14020-14024 14030-14035 14040",
    "TriggeredSendDefinition": "17000-17005 17010-17025 17100-17108 17110-17114 17200-17201 17203-17205",
    "TriggeredSend": "18000-18006 180007-180008 180015",
    "ContentArea": "21000-21006",
    "SendClassification": "24000 24100-24105",
    "SenderProfile": "40000 40100-40106 40200-40207",
    "DeliveryProfile": "41000 41100-41107 41200 41300-41301",
    "EmailSendDefinition": "42000-42009 42100-42117",
    "ImportDefinition": "43000 43010 43020 43030 43040 43050 43060",
    "PropertyDefinition": "67000-67035",
    "Save options": "68000-68001",
    "Rows of data extensions": "70000-70004 71000",
    "DataExtension": "310001-310007",
    "DataFolder": "396000-396012",
}
"""What sends, subscribers, content, data, imports and asynchronous calls are refused with."""

FURTHER = {
    "Account": "1000-1018",
    "AccountUser": "11000-11019",
    "Audience Builder": "409001-409065",
    "BusinessRule": "56000-56002",
    "Campaign": "44000-44002 44100-44101",
    "ContentValidation": "350000-350007",
    "DoubleOptInMOKeyword": "446000-446013",
    "Extract": "31000-31009",
    "Feature configuration": "333000-333001",
    "FilterActivity": "303000-303003",
    "FilterDefinition": "373000-373012",
    "HelpMOKeyword": "439000-439005",
    "Navigation Tab": "408001-408003",
    "Notifications": "50000-50018",
    "Portfolio": "69000-69008 69010",
    "Program": "355000-355006",
    "PublicKeyManagement": "63000-63003",
    "Publication": "111000-111001",
    "ReplyMailManagementConfiguration": "402000-402009",
    "Role": "332000-332004",
    "SMS MT configuration": "380000-380005",
    "SMS member shared short code": "110000-110006",
    "SMS member short code": "108000-108002",
    "SMSSharedKeyword": "346001-346005",
    "SMSTriggeredSend": "33000-33006 33100-33102 33300-33303 33500-33504",
    "SMSTriggeredSendDefinition": "441000-441007",
    "Salesforce send": "20001-20008",
    "Salutation": "55000-55004",
    "SendEmailMOKeyword": "440000-440008",
    "SendSMSMOKeyword": "435000-435006",
    "Template": "302000-302011",
    "TimeZone and Locale": "388000-388001 389000-389002",
    "UnsubscribeFromSMSPublicationMOKeyword": "447000-447007",
    "UserAccess": "54000-54001",
    "VoiceTriggeredSend": "32000-32002",
}
"""What the other objects are refused with."""


def numbers(ranges: str) -> list[int]:
    """Return the codes of ranges like `1-3 8`."""
    codes: list[int] = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        codes += range(int(first), int(last or first) + 1)
    return codes

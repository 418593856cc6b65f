"""Keywords of text messages: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import status, struct, write_objects

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.wire.struct import Struct

KEYWORDS = {
    "SendSMSMOKeyword": 435003,
    "HelpMOKeyword": 439001,
    "SendEmailMOKeyword": 440001,
    "DoubleOptInMOKeyword": 446002,
    "UnsubscribeFromSMSPublicationMOKeyword": 447002,
}


def keyword(object_type: str, **changes: Any) -> Struct:
    thing = HANDLERS[object_type]
    assert isinstance(thing, StoredObject)
    return struct(object_type, {**thing.example, **changes})


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        *(
            (keyword(name, CustomerKey="A,B"), code)
            for name, code in KEYWORDS.items()
            if code != 440001
        ),
        (keyword("SendSMSMOKeyword", CustomerKey="x" * 26), 435001),
        (keyword("SendEmailMOKeyword", CustomerKey="x" * 26), 440001),
        (keyword("SendSMSMOKeyword", ScriptErrorMessage="x" * 161), 435005),
        (keyword("SendSMSMOKeyword", Message="x" * 161), 435006),
        (keyword("SendEmailMOKeyword", SuccessMessage="x" * 161), 440006),
        (keyword("SendEmailMOKeyword", MissingEmailMessage="ü" * 71), 440007),
        (keyword("SendEmailMOKeyword", FailureMessage="x" * 161), 440008),
        (keyword("DoubleOptInMOKeyword", PromptMessage="x" * 161), 446003),
        (keyword("DoubleOptInMOKeyword", ValidResponses=None), 446012),
        (
            keyword("UnsubscribeFromSMSPublicationMOKeyword", AllUnsubSuccessMessage="x" * 161),
            447003,
        ),
    ],
)
def test_a_keyword_that_does_not_fit_is_refused(call: Call, sent: Struct, code: int) -> None:
    answer = write_objects(call, "Create", sent)

    assert status(answer)[2] == code


@pytest.mark.parametrize(
    ("object_type", "code"),
    [
        ("HelpMOKeyword", 439002),
        ("SendEmailMOKeyword", 440000),
        ("DoubleOptInMOKeyword", 446004),
        ("UnsubscribeFromSMSPublicationMOKeyword", 447001),
    ],
)
def test_a_verb_belongs_to_one_kind_of_keyword(call: Call, object_type: str, code: int) -> None:
    write_objects(call, "Create", keyword("SendSMSMOKeyword", CustomerKey="ONE"))

    answer = write_objects(call, "Create", keyword(object_type, CustomerKey="one"))

    assert status(answer)[2] == code

"""Email: Create, Update, Delete and Retrieve."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from tests.support.messages import (
    fields,
    only_result,
    results,
    retrieve,
    shape,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.writing import write

DOCUMENTED = 3099626


def make(call: Call, name: str = "Welcome", **said: Any) -> int:
    answer = write_objects(call, "Create", struct("Email", Name=name, **said))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer).number("NewID") or 0


def test_a_new_email_is_echoed_with_its_id_and_an_empty_partner_key(call: Call) -> None:
    answer = write_objects(call, "Create", struct("Email", Name="Welcome", Subject="Hello"))

    result = only_result(answer)
    number = result.number("NewID")
    assert status(answer) == ("OK", "Created Email.", 0)
    echo = result.part("Object")
    assert echo is not None
    assert write(echo, "Object") == (
        f'<Object><PartnerKey /><ID>{number}</ID><ObjectID xsi:nil="true" />'
        "<Name>Welcome</Name><Subject>Hello</Subject></Object>"
    )


def test_an_email_is_retrieved_as_a_live_account_shows_it(call: Call) -> None:
    number = make(call)

    (found,) = results(
        retrieve(
            call,
            "Email",
            [
                "Folder",
                "Status",
                "EmailType",
                "CharacterSet",
                "ContentCheckStatus",
                "IsActive",
                "HasDynamicSubjectLine",
            ],
            simple("ID", "equals", str(number)),
        )
    )

    assert [(etree.QName(each).localname, each.text) for each in found] == [
        ("PartnerKey", None),
        ("ObjectID", None),
        ("Folder", "my emails"),
        ("IsActive", "true"),
        ("Status", "New"),
        ("EmailType", "Normal"),
        ("CharacterSet", "utf-8"),
        ("HasDynamicSubjectLine", "false"),
        ("ContentCheckStatus", "Not Checked"),
    ]


def test_a_partner_key_is_empty_and_not_nil(call: Call) -> None:
    """Whether requested or not; other objects have nil (recorded)."""
    for asked in (["ID"], ["ID", "PartnerKey"]):
        (found,) = results(retrieve(call, "Email", asked))

        assert found[0].tag.endswith("}PartnerKey")
        assert not found[0].attrib
        assert len(found) == 3


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({}, (4004, "Email Invalid: Name is required.")),
        ({"Name": " "}, (4004, "Email Invalid: Name is required.")),
        ({"Name": "Welcome", "CategoryID": 412}, (4002, "Email Category ID Invalid")),
        (
            {"Name": "Welcome", "CustomerKey": "x" * 37},
            (4004, "Email Invalid: CustomerKey is too long."),
        ),
        (
            {"Name": "Welcome", "CustomerKey": "send-logging-example"},
            (1, "Name already exists"),
        ),
    ],
)
def test_an_invalid_email_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("Email", said))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_script_in_the_subject_makes_it_dynamic(call: Call) -> None:
    number = make(call, Subject="Plain")

    write_objects(call, "Update", struct("Email", ID=number, Subject="%%=v(@subject)=%%"))

    assert call.account.db.count("email", id=number, has_dynamic_subject_line=1) == 1


def test_an_email_is_changed(call: Call) -> None:
    answer = write_objects(
        call, "Update", struct("Email", ID=DOCUMENTED, HTMLBody="<p>&amp; you?</p>")
    )

    found = fields(retrieve(call, "Email", ["Name", "HTMLBody"]))
    assert status(answer) == ("OK", "Updated Email.", 0)
    assert found == [
        {"PartnerKey": "", "Name": "Send Logging Example", "HTMLBody": "<p>&amp; you?</p>"}
    ]


def test_content_areas_are_kept_without_effect_and_that_is_said(call: Call) -> None:
    areas = [{"Name": "Header", "Content": "<p>Hi</p>"}, {"Name": "Footer"}]
    write_objects(call, "Create", struct("Email", Name="Welcome", ContentAreas=areas))
    warnings = [*call.warnings]

    answer = retrieve(call, "Email", ["ContentAreas"], simple("Name", "equals", "Welcome"))

    found = answer.iter("{*}ContentAreas")
    assert [shape(area) for area in found] == [
        [
            "ContentAreas",
            *(f"ContentAreas/{name}" for name in ("PartnerKey=nil", "ObjectID=nil", *own)),
        ]
        for own in (("Content", "Name"), ("Name",))
    ]
    assert warnings == [
        "ContentAreas of an Email has no effect in the emulator: they are kept and shown; put their content into "
        "HTMLBody"
    ]


def test_a_new_email_has_an_empty_pre_header(call: Call) -> None:
    write_objects(call, "Create", struct("Email", Name="Welcome"))

    (found,) = fields(retrieve(call, "Email", ["PreHeader"], simple("Name", "equals", "Welcome")))

    assert found["PreHeader"] == ""


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_email_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("Email", ID=1))
    unnamed = write_objects(call, operation, struct("Email", Name="?"))

    assert status(unknown) == ("Error", "Email Does Not Exist", 4001)
    assert status(unnamed) == ("Error", "Email ID Not Specified", 4003)


def test_an_email_is_deleted(call: Call) -> None:
    answer = write_objects(call, "Delete", struct("Email", ID=DOCUMENTED))

    assert status(answer) == ("OK", "Email deleted", 0)
    assert results(retrieve(call, "Email", ["ID"])) == []


def test_an_email_that_a_definition_sends_is_not_deleted(call: Call) -> None:
    definition = struct(
        "TriggeredSendDefinition",
        CustomerKey="welcome",
        Name="Welcome",
        Email={"ID": DOCUMENTED},
        SendClassification={"CustomerKey": "Default Commercial"},
    )
    write_objects(call, "Create", definition)

    answer = write_objects(call, "Delete", struct("Email", ID=DOCUMENTED))

    assert status(answer) == (
        "Error",
        "Exception occurred during [Delete]: Email 'Send Logging Example' is used by "
        "TriggeredSendDefinition 'welcome'.",
        2,
    )

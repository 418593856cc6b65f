"""DataFolder: Create, Update, Delete and Retrieve."""

from __future__ import annotations

from pathlib import Path

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

from sfmc_mock.account.folders import CONTENT_TYPES
from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.catalogue import NAMESPACE

EMAILS = 407
DATA_EXTENSIONS = 406
CAPTURE = Path(__file__).parents[3] / "shared/captures/retrieve/DataFolder/soap12-2025.xml"


def folder(**said: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "Name": "Campaigns",
        "Description": "",
        "ContentType": "email",
        "ParentFolder": {"ID": EMAILS},
    }
    return {**whole, **said}


def make(call: Call, **said: object) -> int:
    answer = write_objects(call, "Create", struct("DataFolder", folder(**said)))
    assert status(answer)[0] == "OK", status(answer)
    return only_result(answer).number("NewID") or 0


def test_a_new_folder_has_both_ids_and_no_object(call: Call) -> None:
    """Recorded."""
    answer = write_objects(call, "Create", struct("DataFolder", folder()))

    result = only_result(answer)
    assert status(answer) == ("OK", "Folder created successfully.", 0)
    assert call.account.db.count("folder", id=result.number("NewID")) == 1
    assert call.account.db.count("folder", object_id=result.text("NewObjectID")) == 1
    assert "Object" not in result


def test_no_result_of_a_folder_holds_an_object(call: Call) -> None:
    number = make(call)

    changed = write_objects(call, "Update", struct("DataFolder", ID=number, Name="Newer"))
    failed = write_objects(call, "Update", struct("DataFolder", ID=1))
    deleted = write_objects(call, "Delete", struct("DataFolder", ID=number))

    assert status(changed)[1] == "Folder updated successfully."
    assert status(deleted)[1] == "Folder deleted successfully."
    for answer in (changed, failed, deleted):
        assert "Object" not in only_result(answer)


def test_a_folder_that_came_without_a_key_has_an_empty_one(call: Call) -> None:
    """Recorded."""
    number = make(call)

    (found,) = fields(
        retrieve(call, "DataFolder", ["Name", "CustomerKey"], simple("ID", "equals", str(number)))
    )

    assert found == {"Name": "Campaigns", "CustomerKey": ""}


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"Name": None}, (396003, "Data Folder Name Required")),
        ({"Name": "x" * 101}, (396012, "Data Folder Name Invalid")),
        ({"ContentType": None}, (396004, "Data Folder Content Type Required")),
        ({"ContentType": "letters"}, (396005, "Data Folder Content Type Invalid")),
        ({"ContentType": "automations"}, (396005, "Data Folder Content Type Invalid")),
        ({"ParentFolder": None}, (396007, "Data Folder Invalid Parent")),
        ({"ParentFolder": {"ID": 0}}, (396007, "Data Folder Invalid Parent")),
        ({"ParentFolder": {"ID": 1}}, (396007, "Data Folder Invalid Parent")),
        ({"ParentFolder": {"ID": DATA_EXTENSIONS}}, (396007, "Data Folder Invalid Parent")),
        ({"CustomerKey": "EMAIL_DEFAULT"}, (396002, "Data Folder Customer Key Exists")),
    ],
)
def test_an_invalid_folder_is_refused(
    call: Call, said: dict[str, object], refusal: tuple[int, str]
) -> None:
    answer = write_objects(call, "Create", struct("DataFolder", folder(**said)))

    code, text = refusal
    assert status(answer) == ("Error", text, code)


def test_a_description_may_be_empty_but_not_missing(call: Call) -> None:
    said = folder()
    del said["Description"]

    answer = write_objects(call, "Create", struct("DataFolder", said))

    assert status(answer) == ("Error", "Data Folder Description Required", 396010)


def test_two_folders_in_one_cannot_have_the_same_name(call: Call) -> None:
    """Code and text were seen live by several clients."""
    make(call, Name="Campaigns")

    answer = write_objects(call, "Create", struct("DataFolder", folder(Name="campaigns")))

    assert status(answer) == (
        "Error",
        f'ParentFolder ID: "{EMAILS}" already has a child Folder named "Campaigns". '
        "Please select a different Name.",
        396007,
    )


def test_a_content_type_is_compared_without_case(call: Call) -> None:
    """Documented samples write EMAIL, accounts hold email."""
    answer = write_objects(call, "Create", struct("DataFolder", folder(ContentType="EMAIL")))

    assert status(answer)[0] == "OK"


def test_a_folder_that_takes_no_children_takes_none(call: Call) -> None:
    number = make(call, Name="Dad", AllowChildren=False)

    answer = write_objects(
        call, "Create", struct("DataFolder", folder(ParentFolder={"ID": number}))
    )

    assert status(answer) == (
        "Error",
        'ParentFolder "Dad" cannot contain child folders.',
        396007,
    )


def test_a_folder_that_does_not_say_takes_no_children_and_no_changes(call: Call) -> None:
    """Documented, and seen live."""
    number = make(call)

    (found,) = fields(
        retrieve(
            call, "DataFolder", ["IsEditable", "AllowChildren"], simple("ID", "equals", str(number))
        )
    )

    assert found == {"IsEditable": "false", "AllowChildren": "false"}


@pytest.mark.parametrize(
    ("content_type", "parent"),
    [
        ("triggered_send", 410),
        ("filteractivity", 410),
        ("filterdefinition", 410),
        ("shared_dataextension", 418),
    ],
)
def test_folders_of_some_types_may_be_in_roots_of_another_type(
    call: Call, content_type: str, parent: int
) -> None:
    """Recorded: 410 is the root `Hidden`, 418 the root of `shared_data`."""
    made = write_objects(
        call,
        "Create",
        struct("DataFolder", folder(ContentType=content_type, ParentFolder={"ID": parent})),
    )
    refused = write_objects(
        call,
        "Create",
        struct("DataFolder", folder(ContentType="list", ParentFolder={"ID": parent})),
    )

    assert status(made)[0] == "OK"
    assert status(refused)[2] == 396007


def test_an_inactive_folder_takes_no_children(call: Call) -> None:
    number = make(call, IsActive=False)

    answer = write_objects(
        call, "Create", struct("DataFolder", folder(ParentFolder={"ID": number}))
    )

    assert status(answer) == ("Error", "Data Folder Inactive", 396006)


def test_a_folder_moves_to_another(call: Call) -> None:
    inner, outer = (
        make(call, Name="Inner"),
        make(call, Name="Outer", CustomerKey="outer", AllowChildren=True),
    )

    write_objects(
        call, "Update", struct("DataFolder", ID=inner, ParentFolder={"CustomerKey": "outer"})
    )

    (found,) = fields(
        retrieve(
            call,
            "DataFolder",
            ["ParentFolder.ID", "ParentFolder.Name", "ParentFolder.ContentType"],
            simple("ID", "equals", str(inner)),
        )
    )
    assert found == {
        "ParentFolder.ID": str(outer),
        "ParentFolder.Name": "Outer",
        "ParentFolder.ContentType": "email",
    }


def test_a_folder_cannot_move_below_itself(call: Call) -> None:
    outer = make(call, Name="Outer", AllowChildren=True)
    inner = make(call, Name="Inner", AllowChildren=True, ParentFolder={"ID": outer})

    answer = write_objects(
        call, "Update", struct("DataFolder", ID=outer, ParentFolder={"ID": inner})
    )

    assert status(answer) == ("Error", "Data Folder Invalid Parent", 396007)


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_an_unknown_folder_is_not_found(call: Call, operation: str) -> None:
    unknown = write_objects(call, operation, struct("DataFolder", ID=1))
    unnamed = write_objects(call, operation, struct("DataFolder", Name="?"))

    assert status(unknown) == ("Error", "Data Folder Key Field Invalid", 396009)
    assert status(unnamed) == ("Error", "Data Folder Key Field Required", 396008)


@pytest.mark.parametrize("operation", ["Update", "Delete"])
def test_a_root_folder_is_protected(call: Call, operation: str) -> None:
    answer = write_objects(call, operation, struct("DataFolder", ID=EMAILS, Name="Mine"))

    assert status(answer) == ("Error", "Folder 'my emails' is not editable.", 396001)


def test_a_folder_with_something_in_it_is_not_deleted(call: Call) -> None:
    number = make(call, AllowChildren=True)
    make(call, Name="Inner", ParentFolder={"ID": number})
    write_objects(call, "Create", struct("Email", Name="Hello", CategoryID=number))

    answer = write_objects(call, "Delete", struct("DataFolder", ID=number))

    assert status(answer) == (
        "Error",
        "Folder 'Campaigns' is not empty: it holds DataFolder 'Inner', Email 'Hello'.",
        396001,
    )


def test_an_account_has_a_root_for_each_kind_of_content(call: Call) -> None:
    found = fields(
        retrieve(
            call,
            "DataFolder",
            ["CustomerKey", "ContentType", "IsEditable", "AllowChildren", "ParentFolder.ID"],
        )
    )

    assert {each["ContentType"].lower() for each in found} == CONTENT_TYPES
    for each in found:
        # As in one live account.
        kind = each["ContentType"]
        without_key = kind in ("asset", "automations", "cloudpages")
        name = kind if kind == "SSJSActivity" else kind.lower()
        assert each["CustomerKey"] == ("" if without_key else f"{name}_default"[:36])
        assert each["IsEditable"] == "false"
        assert each["AllowChildren"] == ("false" if kind == "shared_data" else "true")
        assert each["ParentFolder.ID"] == "0"


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("journey", "my journeys"),
        ("filteractivity", "Filter"),
        ("triggered_send", "Triggered Sends"),
        ("userinitiatedsends", "User-Initiated"),
        ("contextual_suppression_list", "Auto-Suppression Configuration"),
    ],
)
def test_a_root_folder_is_called_as_in_a_live_account(
    call: Call, content_type: str, name: str
) -> None:
    condition = simple("ContentType", "equals", content_type)

    assert fields(retrieve(call, "DataFolder", ["Name"], condition)) == [{"Name": name}]


def test_folders_look_like_those_of_a_live_account(call: Call) -> None:
    if not CAPTURE.exists():
        pytest.skip(f"the recorded answer is not here: {CAPTURE.name}")
    recorded = etree.fromstring(CAPTURE.read_bytes()).findall(f".//{{{NAMESPACE}}}Results")
    make(call, ContentType="dataextension", ParentFolder={"ID": DATA_EXTENSIONS})

    answer = retrieve(
        call,
        "DataFolder",
        [
            "ObjectID",
            "ParentFolder.ID",
            "ParentFolder.Name",
            "Name",
            "Description",
            "ContentType",
            "IsActive",
            "IsEditable",
        ],
        simple("ContentType", "equals", "dataextension"),
    )

    assert [shape(each) for each in results(answer)] == [shape(each) for each in recorded]

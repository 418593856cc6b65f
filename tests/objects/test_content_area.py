"""ContentArea: behaviour that other objects do not have."""

from __future__ import annotations

import pytest
from tests.support.messages import (
    fields,
    only_result,
    retrieve,
    simple,
    status,
    struct,
    write_objects,
)

from sfmc_mock.declarations.call import Call

WHOLE = {"CustomerKey": "terms", "Name": "Terms", "Content": "<p>Terms</p>"}


def test_texts_of_success_are_those_that_were_recorded(call: Call) -> None:
    """Recorded: three different forms."""
    said = [
        status(write_objects(call, operation, struct("ContentArea", WHOLE)))[1]
        for operation in ("Create", "Update", "Delete")
    ]

    assert said == ["Content created", "ContentArea updated", "Content deleted"]


def test_a_new_content_area_is_in_the_root_of_shared_content(call: Call) -> None:
    result = only_result(write_objects(call, "Create", struct("ContentArea", WHOLE)))

    (found,) = fields(
        retrieve(
            call,
            "ContentArea",
            ["ID", "CategoryID", "Layout", "IsBlank", "IsDynamicContent"],
            simple("CustomerKey", "equals", "terms"),
        )
    )
    assert found == {
        "ID": str(result.number("NewID")),
        "CategoryID": "417",
        "Layout": "HTMLWrapped",
        "IsBlank": "false",
        "IsDynamicContent": "false",
    }


@pytest.mark.parametrize("content", ["no markup", "plain > text"])
def test_dynamic_content_needs_markup(call: Call, content: str) -> None:
    said = struct("ContentArea", WHOLE, IsDynamicContent=True, Content=content)

    answer = write_objects(call, "Create", said)

    assert status(answer) == ("Error", "Saved ContentAreaNo Dynamic Content XML Error", 21004)

"""Template: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import fields, only_result, retrieve, status, struct, write_objects

from sfmc_mock.declarations.call import Call

WHOLE = {"CustomerKey": "plain", "TemplateName": "Plain", "LayoutHTML": "<html></html>"}


@pytest.mark.parametrize(
    ("layout", "code", "text"),
    [
        ({}, 302005, "TemplateLayoutID Required"),
        ({"ID": 1}, 302008, "Template Layout Not Found"),
    ],
)
def test_there_are_no_layouts(call: Call, layout: dict[str, Any], code: int, text: str) -> None:
    answer = write_objects(call, "Create", struct("Template", WHOLE, Layout=layout))

    assert status(answer) == ("Error", text, code)


def test_a_header_must_say_which_content_area_it_is(call: Call) -> None:
    answer = write_objects(call, "Create", struct("Template", WHOLE, HeaderContent={}))

    assert status(answer) == (
        "Error",
        "Template Header ContentID, ObjectID, or CustomerKeyRequired",
        302002,
    )


def test_the_content_area_of_the_header_is_retrieved(call: Call) -> None:
    area = struct("ContentArea", CustomerKey="head", Name="Head", Content="<h1>Shop</h1>")
    number = only_result(write_objects(call, "Create", area)).number("NewID")

    write_objects(call, "Create", struct("Template", WHOLE, HeaderContent={"ID": number}))

    found = fields(retrieve(call, "Template", ["HeaderContent.ID", "HeaderContent.CustomerKey"]))
    assert found == [{"HeaderContent.ID": str(number), "HeaderContent.CustomerKey": "head"}]

"""Portfolio: behaviour that other objects do not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.messages import fields, retrieve, status, struct, write_objects

from sfmc_mock.declarations.call import Call

LOGO = {"CustomerKey": "logo", "FileName": "logo.png"}


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ({"FileName": "logo.exe"}, 69002, "Portfolio File Type Not Supported"),
        ({"FileName": "lo/go.png"}, 69004, "Portfolio Illegal Chars In File Name"),
        ({"Source": {"URN": "logo.png"}}, 69008, "Portfolio Invalid URL"),
    ],
)
def test_invalid_values_are_refused(call: Call, said: dict[str, Any], code: int, text: str) -> None:
    answer = write_objects(call, "Create", struct("Portfolio", {**LOGO, **said}))

    assert status(answer) == ("Error", text, code)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_name_is_taken_once_and_for_all(call: Call, is_deleted: bool) -> None:
    write_objects(call, "Create", struct("Portfolio", LOGO))
    if is_deleted:
        write_objects(call, "Delete", struct("Portfolio", CustomerKey="logo"))

    again = struct("Portfolio", CustomerKey="other", FileName="LOGO.png")
    answer = write_objects(call, "Create", again)

    assert status(answer) == ("Error", "Portfolio File Name Already Exists", 69005)


def test_update_add_takes_a_name_back(call: Call) -> None:
    write_objects(call, "Create", struct("Portfolio", LOGO))
    write_objects(call, "Delete", struct("Portfolio", CustomerKey="logo"))

    answer = write_objects(call, "Create", struct("Portfolio", LOGO), save="UpdateAdd")

    assert status(answer)[0] == "OK"
    (found,) = fields(retrieve(call, "Portfolio", ["FileName", "IsActive"]))
    assert found == {"FileName": "logo.png", "IsActive": "true"}


def test_a_file_has_a_type_and_an_address_and_is_not_fetched(call: Call) -> None:
    source = {"URN": "https://www.example.com/logo.png"}

    write_objects(call, "Create", struct("Portfolio", LOGO, Source=source))

    assert any("is not fetched" in each for each in call.warnings)
    (found,) = fields(retrieve(call, "Portfolio", ["TypeDescription", "FileURL", "FileSizeKB"]))
    assert found == {
        "TypeDescription": "PNG Image",
        "FileURL": "http://image.mock.test/lib/1234567/m/1/logo.png",
    }

from __future__ import annotations

import pytest

from sfmc_mock.simulator.personalization import has_scripts, personalized

VALUES = {"firstname": "Ada <b>", "email address": "ada@mock.test"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello %%FirstName%%!", "Hello Ada <b>!"),
        ("%%firstname%% %%FIRSTNAME%%", "Ada <b> Ada <b>"),
        ("%% Email Address %%", "%% Email Address %%"),
        ("%%Email Address%%", "ada@mock.test"),
        ("%%unknown%%.", "."),
        ("100%% and 50%%", "100%% and 50%%"),
        ("%%=v(@x)=%% %%[set @x = 1]%%", "%%=v(@x)=%% %%[set @x = 1]%%"),
        ("", ""),
    ],
)
def test_strings_are_filled_in(text: str, filled: str) -> None:
    assert personalized(text, VALUES) == filled


def test_scripts_are_noticed() -> None:
    assert has_scripts("a %%=v(@x)=%%")
    assert has_scripts("%%[ set @x = 1 ]%%")
    assert not has_scripts("%%FirstName%%")

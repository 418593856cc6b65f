"""Generated identifiers depend only on their purpose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.account.identifiers import Ids


@given(keys=st.lists(st.text(st.characters(codec=None))))
def test_numbers_of_subscribers_are_those_of_each(keys: list[str]) -> None:
    ids = Ids("a seed")

    assert ids.numbers_of_subscribers(keys) == [ids.number("subscriber", key, 0) for key in keys]

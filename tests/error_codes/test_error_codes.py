"""Every documented error code that a state of the account gives, and the page that lists them."""

from __future__ import annotations

import pytest
from tests.error_codes.calls import Case
from tests.error_codes.every_case import CASES

from sfmc_mock.declarations.handler import Call


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.code))
def test_a_call_that_meets_the_condition_gets_the_code(call: Call, case: Case) -> None:
    assert case.provoke(call) == case.code

"""The cases of all families."""

from __future__ import annotations

from tests.error_codes import (
    attribute_cases,
    content_cases,
    general_cases,
    send_cases,
    subscriber_cases,
)
from tests.error_codes.calls import Case

CASES: tuple[Case, ...] = (
    *general_cases.CASES,
    *subscriber_cases.CASES,
    *send_cases.CASES,
    *content_cases.CASES,
    *attribute_cases.CASES,
)

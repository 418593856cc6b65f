"""The journal: every call with its answer, without secrets, to read, to search and to check in tests."""

from sfmc_mock.journal.exchange import Exchange
from sfmc_mock.journal.journal import Found, Journal, read_status
from sfmc_mock.journal.nearest import Near, differences, nearest
from sfmc_mock.journal.redaction import (
    HIDDEN,
    is_telling,
    redact,
    redact_header,
    redact_target,
    redact_userinfo,
    redact_value,
)

__all__ = [
    "HIDDEN",
    "Exchange",
    "Found",
    "Journal",
    "Near",
    "differences",
    "is_telling",
    "nearest",
    "read_status",
    "redact",
    "redact_header",
    "redact_target",
    "redact_userinfo",
    "redact_value",
]

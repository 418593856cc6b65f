"""The terms of a send job: its content and audience, stored with the job so that later changes do not affect it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

SOURCE, EXCLUSION, DOMAINS, OPT_OUT = "SourceList", "ExclusionList", "DomainExclusion", "OptOutList"
"""The kinds of lists of a send (wsdl)."""


@dataclass(frozen=True, slots=True)
class AudiencePart:
    """A list or a data extension that a send goes to, or does not go to.

    `kind` is one of the four. `list_id` is 0 without a list; a data extension is named by its ObjectID, and can have a
    list as well, whose opt-outs count. `condition` is JSON, and narrows the rows, or the members of the list.
    """

    kind: str
    name: str
    list_id: int = 0
    data_extension: str = ""
    condition: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTerms:
    """The content and audience of a job. `from_name`, `from_address` and `subject` are empty unless they were given."""

    parts: tuple[AudiencePart, ...]
    email_id: int
    send_classification_id: int | None = None
    sender_profile_id: int | None = None
    subject: str | None = None
    from_name: str | None = None
    from_address: str | None = None
    is_multipart: bool = False
    is_send_logging: bool = False
    deduplicates_by_email: bool = False
    window: tuple[str, str] = ("", "")
    """The ends of the send window, as they were given; empty without one."""
    limit: int = 0
    """The greatest number of messages in one window, 0 for all."""
    exclusion_filter: str = ""
    key: str = ""
    """The CustomerKey of the email send definition."""
    test_address: str = ""
    """The addresses of a test send beside its lists."""

    def plain(self) -> dict[str, Any]:
        """Return the terms as values of JSON."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> SendTerms:
        """Return the terms from values that `plain` returned."""
        return cls(**{**plain, "parts": tuple(AudiencePart(**part) for part in plain["parts"])})

    @property
    def sources(self) -> list[AudiencePart]:
        return [part for part in self.parts if part.kind == SOURCE]

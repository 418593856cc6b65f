"""What a page is: an address, and a function that answers a request for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.wrappers import Response


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or with `post` what a form does. `section` is the part of the navigation that it belongs to."""

    path: str
    act: Callable[..., Response]
    section: str = ""
    post: bool = field(default=False, kw_only=True)

    @property
    def methods(self) -> tuple[str, ...]:
        return ("POST",) if self.post else ("GET",)

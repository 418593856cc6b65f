"""How a server is set up: one frozen value, passed down; nothing is read from anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field

PAGE_SIZE = 2_500
"""How many results a page holds at most, by default as in the live service (documented)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Options of a server; each has the name of its command-line option.

    `accounts` are files (or `:memory:`), `seed` a seed file for those that are fresh. `engagement` and `lag` name the
    profiles of accounts that have none of their own. `page_size` lets three rows make two pages. `max_body` is in
    bytes. `journal_size` is how many exchanges are kept.
    """

    host: str = "127.0.0.1"
    port: int = 8025
    accounts: tuple[str, ...] = (":memory:",)
    seed: str | None = None
    strict: bool = False
    engagement: str | None = None
    lag: str | None = None
    page_size: int = PAGE_SIZE
    tls_cert: str | None = None
    tls_key: str | None = field(default=None, repr=False)
    max_body: int = 32 * 1024 * 1024
    journal_size: int = 10_000

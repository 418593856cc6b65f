"""The settings of a server: one frozen value, which is passed down; no setting is read elsewhere.

The command line takes its options from here: a new setting is a new field, and its option, its environment variable
and its line in the documentation follow.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

from sfmc_mock.limits import MAX_DEPTH, MAX_ITEMS, MAX_OBJECTS, MAX_OPERANDS, Limits

PAGE_SIZE = 2_500
"""The greatest number of results of a page, by default that of the live service (documented)."""

MAX_ACCOUNTS = 1_000
"""The greatest number of accounts of a server; each takes about a megabyte."""

DURABILITY = "power"
"""What an acknowledged call survives by default, in a file."""

PREFIX = "SFMC_MOCK"
"""The prefix of environment variables: that of `page_size` is `SFMC_MOCK_PAGE_SIZE`."""


def _option(default: Any, about: str, **more: Any) -> Any:
    """Return a field with what its option says; `more` are its metavar, limits, and whether the default is shown."""
    shown = bool(default) and not isinstance(default, tuple)
    return field(default=default, metadata={"about": about, "show_default": shown, **more})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Options of a server; each has the name of its command-line option.

    `accounts` are files (or `:memory:`). `seed` is a seed file for those that are fresh, or TOML: a text with a line
    break. `engagement` and `lag` name the profiles of every account; None leaves each its own.
    """

    host: str = _option(
        "127.0.0.1",
        "Address to listen on; 0.0.0.0 lets other machines in, to the control API only with its token.",
        metavar="ADDRESS",
    )
    port: int = _option(
        8025, "Port to listen on; 0 takes a free one.", metavar="PORT", low=0, high=65_535
    )
    accounts: tuple[str, ...] = _option(
        (":memory:",),
        "File of an account, made where there is none, or :memory: (the default). Repeat it for several accounts on "
        "one server.",
        option="account",
        metavar="FILE",
    )
    durability: str = _option(
        DURABILITY,
        "What an acknowledged call survives in a file: power (a power cut), process (the end of the server at any "
        "moment), none (the same, but a power cut may damage the file).",
        metavar="LEVEL",
        choices=("power", "process", "none"),
    )
    read_only: bool = _option(
        False,
        "Copy the files of accounts into memory and leave them as they are: also those that another server uses.",
    )
    ftp: str | None = _option(
        None,
        "Folder for the FTP folders of accounts, each called by its MID. Default: beside an account's file (FILE.ftp), "
        "a temporary one for an account in memory.",
        metavar="FOLDER",
    )
    seed: str | None = _option(
        None, "Seed file (TOML) that fresh accounts start from.", metavar="FILE"
    )
    strict: bool = _option(
        False, "Do what the live service does where its documented samples differ."
    )
    engagement: str | None = _option(
        None,
        "How subscribers behave: quiet, typical, or a profile of the seed file. Default: what the account says; where "
        "it says nothing, quiet (with serve: typical).",
        metavar="NAME",
    )
    lag: str | None = _option(
        None,
        "When events show: instant, realistic, worst. Default: what the account says; where it says nothing, instant.",
        metavar="NAME",
    )
    page_size: int = _option(
        PAGE_SIZE,
        "Most results in one answer; small, so that a few rows make several pages.",
        metavar="N",
        low=1,
        high=PAGE_SIZE,
    )
    allow_host: tuple[str, ...] = _option(
        (),
        "Name by which the control API may be called beside localhost and the address listened on. Repeat it for "
        "several names.",
        metavar="NAME",
    )
    control_token: str | None = _option(
        None,
        "Token that the control API asks for. Default: none on the loopback address, elsewhere a random one, printed.",
        metavar="TOKEN",
    )
    tls_cert: str | None = _option(None, "Certificate (PEM): serve HTTPS.", metavar="FILE")
    tls_key: str | None = _option(
        None, "Key of the certificate, where it is a file of its own.", metavar="FILE"
    )
    intercept: bool = _option(
        False,
        "Be an HTTP(S) proxy as well, which answers for production's hosts and refuses all others.",
    )
    intercept_hosts: tuple[str, ...] = _option(
        (),
        "Another host to answer for, or *.DOMAIN for all below one; repeat it for more. Only with --intercept.",
        option="intercept-host",
        metavar="HOST",
    )
    tenants: tuple[str, ...] = _option(
        (),
        "Which account a tenant's subdomain leads to; repeat it for more. Only with --intercept.",
        option="tenant",
        metavar="SUBDOMAIN=MID",
    )
    max_body: int = _option(
        32 * 1024 * 1024,
        "Largest request; a larger one is answered with 413.",
        metavar="BYTES",
        low=1_024,
    )
    max_connections: int = _option(
        512,
        "Most connections at once; beyond, the one that rests the longest is closed for a new one.",
        metavar="N",
        low=1,
    )
    idle_timeout: int = _option(
        60,
        "Seconds that a connection may rest between two requests.",
        metavar="SECONDS",
        low=1,
        high=1_000_000,
    )
    max_objects: int = _option(
        MAX_OBJECTS,
        "Most API objects in one request; more are answered with a fault, code 218 as documented.",
        metavar="N",
        low=1,
    )
    max_items: int = _option(
        MAX_ITEMS,
        "Most attributes, properties or parameters of one object.",
        metavar="N",
        low=1,
    )
    max_depth: int = _option(
        MAX_DEPTH,
        "Most levels of elements in a request; what is nested deeper is refused.",
        metavar="N",
        low=16,
        high=MAX_DEPTH,
    )
    max_operands: int = _option(
        MAX_OPERANDS, "Most comparisons in a filter.", metavar="N", low=1, high=MAX_OPERANDS
    )
    max_accounts: int = _option(
        MAX_ACCOUNTS,
        "Most accounts in memory that callers may make; beyond, they are told to remove one.",
        metavar="N",
        low=1,
    )
    journal_size: int = _option(
        10_000, "How many calls the journal keeps; older ones are dropped.", metavar="N", low=1
    )

    @property
    def limits(self) -> Limits:
        """The limits of one request."""
        return Limits(self.max_objects, self.max_items, self.max_depth, self.max_operands)


def option_of(setting: Field[Any]) -> str:
    """Return the name of a setting in options: `page-size`."""
    return str(setting.metadata.get("option", setting.name)).replace("_", "-")


def variable_of(setting: Field[Any]) -> str:
    """Return the environment variable of a setting: `SFMC_MOCK_PAGE_SIZE`."""
    return f"{PREFIX}_{option_of(setting).replace('-', '_').upper()}"


def documented() -> list[tuple[str, str, str, str]]:
    """Return option, environment variable, default and meaning of each setting, for the documentation."""
    return [
        (
            f"--{option_of(setting)}",
            variable_of(setting),
            str(setting.default) if setting.metadata["show_default"] else "",
            str(setting.metadata["about"]),
        )
        for setting in fields(Settings)
    ]

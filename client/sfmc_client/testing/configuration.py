"""The configuration of a real tenant: one TOML file, outside the repository, because it names people and secrets."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from sfmc_client.client import TIMEOUT, Client
from sfmc_client.environment import VARIABLES, Connection, variable
from sfmc_client.errors import ConfigurationError
from sfmc_client.testing.default_paths import default_configuration
from sfmc_client.testing.recipients import ROLES, is_allowed
from sfmc_client.tracking import ATTRIBUTE, SEND_LOG, Recipe
from sfmc_client.transport import HTTPTransport, Transport
from sfmc_client.waiting import Polling

_TARGETS = ("mock", "real")
_MOST_SENDS = 10

# Sections and their keys; any other key is an error.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "tenant": (*VARIABLES, "timeout"),
    "rails": ("recipients", "max_sends", "start", "change"),
    "mailboxes": tuple(ROLES),
    "flow": ("email_id", "classification", "attribute", "send_log", "definitions"),
    "wait": ("timeout", "first_delay", "longest_delay"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RailSettings:
    """The limits of a run on a real tenant.

    `recipients` are the allowed addresses, or patterns such as `*@qa.example.com`. `max_sends` is the greatest number
    of messages of a run. `start` are the keys of existing definitions that a run may start, and log. `change` are the
    keys of existing objects, such as a send log, that a run may change.
    """

    recipients: tuple[str, ...]
    max_sends: int = _MOST_SENDS
    start: tuple[str, ...] = ()
    change: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RealSettings:
    """A tenant, its credentials, and the limits of tests there."""

    path: Path
    mid: int
    connection: Connection
    timeout: float
    rails: RailSettings
    mailboxes: Mapping[str, str]
    recipe: Recipe
    recipes: Mapping[str, Recipe]
    attribute: str
    send_log: str
    polling: Polling

    def transport(self) -> HTTPTransport:
        """Return a transport to the tenant, without any rails."""
        return HTTPTransport(ca_bundle=self.connection.ca_bundle)

    def client(self, transport: Transport, **options: Any) -> Client:
        """Return a client of the tenant, with a token for the account of this MID; `options` are those of `Client`."""
        return Client(
            self.connection.endpoint,
            subdomain=self.connection.subdomain,
            auth=self.connection.auth(),
            transport=transport,
            timeout=self.timeout,
            **options,
        )


def read_target(path: Path) -> str | None:
    """Return the target that a configuration file names, `None` if it names none. Raises `ConfigurationError`."""
    target = _table(path).get("target")
    if target is not None and target not in _TARGETS:
        raise ConfigurationError(f"{path}: target must be mock or real, not {target!r}.")
    return target


def read_configuration(
    path: Path, *, environ: Mapping[str, str], rootpath: Path | None = None
) -> RealSettings:
    """Return the settings of a configuration file, with missing credentials from the environment.

    Raises `ConfigurationError` for a file that is missing, unreadable, incomplete, or inside the repository of
    `rootpath`.
    """
    if rootpath is not None:
        check_outside(path, rootpath)
    table = _table(path)
    _check_names(path, table)
    return _Reader(path, table, environ).settings()


def check_outside(path: Path, rootpath: Path) -> None:
    """Raise `ConfigurationError` if a file is inside the repository that a folder belongs to."""
    repository = _repository(rootpath)
    for real in (Path(os.path.abspath(path)), path.resolve()):
        if real.is_relative_to(repository) or real.is_relative_to(repository.resolve()):
            raise ConfigurationError(
                f"The configuration {path} is inside the repository {repository}, where its secrets and addresses "
                f"could be committed. Move it out, for example to {default_configuration(os.environ)}."
            )


def _repository(rootpath: Path) -> Path:
    return next((at for at in (rootpath, *rootpath.parents) if (at / ".git").exists()), rootpath)


def _table(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.loads(file.read().decode("utf-8-sig"))
    except FileNotFoundError:
        problem = "does not exist. Write one (see `sfmc-mock docs pytest`), or name it by --sfmc-config or SFMC_CONFIG"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"is not valid TOML: {error}"
    raise ConfigurationError(f"The configuration {path} {problem}.")


def _check_names(path: Path, table: Mapping[str, Any]) -> None:
    for name, section in table.items():
        if name == "target":
            continue
        if name not in _KEYS or not isinstance(section, dict):
            raise ConfigurationError(f"{path}: {_unknown(f'section [{name}]', name, _KEYS)}")
        for key in section:
            if key not in _KEYS[name]:
                raise ConfigurationError(
                    f"{path}: {_unknown(f'{key} in [{name}]', key, _KEYS[name])}"
                )


def _unknown(what: str, name: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"there is no {what}.{hint} There are: {', '.join(known)}."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file; its errors say where a missing key belongs."""

    path: Path
    table: Mapping[str, Any]
    environ: Mapping[str, str]

    def settings(self) -> RealSettings:
        rails, mid = self._rails(), self._mid()
        flow = self.table.get("flow", {})
        waits: dict[str, Any] = {
            name: self._seconds("wait", name, getattr(Polling(), name)) for name in _KEYS["wait"]
        }
        return RealSettings(
            path=self.path,
            mid=mid,
            connection=self._connection(mid),
            timeout=self._seconds("tenant", "timeout", TIMEOUT),
            rails=rails,
            mailboxes=self._mailboxes(rails),
            recipe=self._recipe("flow", flow),
            recipes={
                key: self._recipe(f"flow.definitions.{key}", definition)
                for key, definition in flow.get("definitions", {}).items()
            },
            attribute=self._text("flow", "attribute") or ATTRIBUTE,
            send_log=self._text("flow", "send_log") or SEND_LOG,
            polling=Polling(**waits),
        )

    def _wrong(self, section: str, key: str, wanted: str) -> ConfigurationError:
        # The value may be a secret in the wrong place: it is not shown.
        return ConfigurationError(f"{self.path}: {key} in [{section}] must be {wanted}.")

    def _text(self, section: str, key: str) -> str | None:
        value = self.table.get(section, {}).get(key)
        if value is not None and (not isinstance(value, str) or not value):
            raise self._wrong(section, key, "a text")
        return value

    def _whole(self, section: str, key: str) -> int | None:
        value = self.table.get(section, {}).get(key)
        if value is not None and (type(value) is not int or value < 0):
            raise self._wrong(section, key, "a whole number")
        return value

    def _seconds(self, section: str, key: str, default: float) -> float:
        value = self.table.get(section, {}).get(key, default)
        if type(value) not in {int, float} or not 0 < value < float("inf"):
            raise self._wrong(section, key, "a number of seconds above 0")
        return float(value)

    def _mid(self) -> int:
        mid = self._whole("tenant", "mid")
        if mid is None:
            raise ConfigurationError(
                f"{self.path}: mid is missing in [tenant]. Name the MID of the account that tests may use, so that "
                "they never run in another one."
            )
        return mid

    def _connection(self, mid: int) -> Connection:
        given = {name: self._text("tenant", name) for name in VARIABLES if name != "mid"}
        given["mid"] = str(mid)
        if given["ca_bundle"] is not None:
            # Relative to the file that names it.
            given["ca_bundle"] = str(self.path.parent / given["ca_bundle"])
        environ = dict(self.environ)
        if given["username"] and not given["client_id"]:
            # The file has credentials: those of a package in the environment must not replace them.
            environ.pop(variable("client_id"), None)
        connection = Connection.read(environ, **given)
        if (connection.endpoint is None) == (connection.subdomain is None):
            raise ConfigurationError(
                f"{self.path}: [tenant] must have subdomain (the part before .soap.marketingcloudapis.com), or "
                "endpoint, and not both."
            )
        try:
            connection.auth()
        except ConfigurationError as error:
            problem = f"{self.path}: the credentials in [tenant] are missing or invalid. {error}"
        else:
            return connection
        raise ConfigurationError(problem)

    def _rails(self) -> RailSettings:
        recipients = self._texts("rails", "recipients")
        if not recipients:
            raise ConfigurationError(
                f"{self.path}: recipients is missing in [rails]. List the addresses that tests may write to, or "
                'patterns of them: recipients = ["*@qa.example.com"].'
            )
        for pattern in recipients:
            self._check_pattern(pattern)
        most = self._whole("rails", "max_sends")
        return RailSettings(
            recipients=recipients,
            max_sends=_MOST_SENDS if most is None else most,
            start=self._texts("rails", "start"),
            change=self._texts("rails", "change"),
        )

    def _check_pattern(self, pattern: str) -> None:
        domain = pattern.rpartition("@")[2]
        # `*@*.com` would allow nearly every address.
        labels = [label for label in domain.split(".") if label and label != "*"]
        if pattern.count("@") == 1 and len(labels) >= 2 and set(pattern) & set("?[]!") == set():
            return
        raise ConfigurationError(
            f"{self.path}: {pattern!r} in [rails] recipients is neither an address nor a pattern of one domain. Give "
            "ada@qa.example.com or *@qa.example.com."
        )

    def _texts(self, section: str, key: str) -> tuple[str, ...]:
        texts = self.table.get(section, {}).get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            raise self._wrong(section, key, "a list of texts")
        return tuple(texts)

    def _mailboxes(self, rails: RailSettings) -> dict[str, str]:
        addresses: dict[str, str] = {}
        for role in self.table.get("mailboxes", {}):
            address = self._text("mailboxes", role) or ""
            if not is_allowed(address, rails.recipients):
                raise ConfigurationError(
                    f"{self.path}: the mailbox {role} = {address!r} is not among the recipients of [rails], so no test "
                    "could write to it. Add it there."
                )
            addresses[role] = address
        return addresses

    def _recipe(self, section: str, table: object) -> Recipe:
        known = table if isinstance(table, dict) else {"email_id": table}
        email_id = known.get("email_id")
        classification = known.get("classification", Recipe().classification)
        if not (email_id is None or type(email_id) is int) or not isinstance(classification, str):
            raise ConfigurationError(
                f"{self.path}: in [{section}], email_id must be the number of an email, and classification the "
                "CustomerKey of a send classification."
            )
        return Recipe(email_id=email_id, classification=classification)

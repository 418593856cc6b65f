"""Requests of the project's own, with the answers that they must get; each says how that is known.

A case is a folder `fixtures/exchanges/<operation>/<case>` of three files: `request.xml`, as it is posted to the account
that a server starts with; `response.xml`, laid out to be read, in which `{guid-1}`, `{time-1}` and `{number-1}` stand
for what an account makes up (the same reference for the same value); and `origin.toml`: `kind` and `where` of the
knowledge, the SOAPAction where the envelope holds none (`action`), the HTTP status where it is not 200 (`status`), and
the cases that are posted first (`after`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from lxml import etree
from tests.support.soap_app import ENDPOINT, TENANT, Answer, SoapApp

from sfmc_mock.accounts import Accounts
from sfmc_mock.seeds import default_seed
from sfmc_mock.settings import Settings
from sfmc_mock.wire.wsdl import wsdl

_FOLDER = Path(__file__).parents[2] / "fixtures" / "exchanges"
_KINDS = ("documented", "recorded", "sdk", "wsdl", "assumed")
_ENTRIES = {"kind", "where", "action", "after", "status"}


@dataclass(frozen=True)
class Case:
    """One exchange, and how it is known that it goes so."""

    name: str
    kind: str
    where: str
    action: str | None = None
    status: int = 200
    after: tuple[str, ...] = ()

    @property
    def request(self) -> bytes:
        return _FOLDER.joinpath(self.name, "request.xml").read_bytes()

    @property
    def response(self) -> bytes:
        return _FOLDER.joinpath(self.name, "response.xml").read_bytes()


def _read(folder: Path) -> Case:
    """Return the case of a folder; one that does not say its origin is no case, and stops the whole run."""
    name = f"{folder.parent.name}/{folder.name}"
    missing = {"request.xml", "response.xml", "origin.toml"} - {
        each.name for each in folder.iterdir()
    }
    if missing:
        raise ValueError(f"fixtures/exchanges/{name} has no {', '.join(sorted(missing))}")
    origin = tomllib.loads(folder.joinpath("origin.toml").read_text(encoding="utf-8"))
    if origin.get("kind") not in _KINDS:
        raise ValueError(f"origin.toml of {name}: kind must be one of {', '.join(_KINDS)}")
    if not str(origin.get("where", "")).strip():
        raise ValueError(f"origin.toml of {name}: where must say where that is known from")
    if not origin.keys() <= _ENTRIES:
        raise ValueError(
            f"origin.toml of {name}: no such entry: {', '.join(origin.keys() - _ENTRIES)}"
        )
    return Case(name, **{**origin, "after": tuple(origin.get("after", ()))})


CASES = {
    case.name: case
    for case in (_read(folder) for folder in sorted(_FOLDER.glob("*/*")) if folder.is_dir())
}

_REFERENCES = (
    ("guid", re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
    ("time", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")),
    ("number", re.compile(r"(?<=<ID>)[1-9]\d*|(?<=<NewID>)[1-9]\d*")),
)


def with_references(text: str) -> str:
    """Return a text with what an account makes up replaced: the same value by the same reference."""
    for kind, pattern in _REFERENCES:
        known: dict[str, str] = {}
        text = pattern.sub(
            lambda found, kind=kind, known=known: known.setdefault(  # type: ignore[misc]
                found[0].lower(), f"{{{kind}-{len(known) + 1}}}"
            ),
            text,
        )
    return text


def laid_out(document: bytes) -> list[str]:
    """Return a document as lines, one for each tag and text, whatever white space stands between."""
    root = etree.fromstring(document, etree.XMLParser(remove_blank_text=True))
    etree.indent(root)
    return etree.tostring(root, encoding="unicode").splitlines()


@pytest.fixture
def app() -> Iterator[SoapApp]:
    """An application over the account that a server starts with, its clock standing still."""
    seed = default_seed()
    frozen = replace(seed, account=replace(seed.account, clock="2026-01-01T12:00:00"))
    accounts = Accounts(seed=frozen)
    made = SoapApp(accounts, accounts.open(), Settings())
    yield made
    accounts.close()
    assert made.problems == []


def post(app: SoapApp, case: Case) -> Answer:
    for name in case.after:
        before = CASES[name]
        answer = app.post(before.request, before.action)
        assert answer.status == before.status, name
    return app.post(case.request, case.action)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_answer_is_the_one_that_is_known(app: SoapApp, case: Case) -> None:
    answer = post(app, case)

    assert answer.status == case.status
    assert laid_out(with_references(answer.body.decode()).encode()) == laid_out(case.response)


@pytest.fixture(scope="module")
def validator() -> etree.XMLSchema:
    """A validator of messages by the schema that the server gives."""
    schema = next(
        etree.fromstring(wsdl(ENDPOINT, f"{TENANT}/ETFrameworkFault.xsd")).iter("{*}schema")
    )
    # Only the fault's schema is elsewhere, and it is a detail.
    schema.remove(schema[0])
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


# Recorded without required elements of the WSDL: Delete's Object, Perform's Task.
_INCOMPLETE = {"delete/subscriber", "perform/unsupported"}


@pytest.mark.parametrize(
    "case",
    [each for each in CASES.values() if each.status == 200 and each.name not in _INCOMPLETE],
    ids=lambda case: case.name,
)
def test_the_answer_is_valid_by_the_servers_own_schema(
    app: SoapApp, validator: etree.XMLSchema, case: Case
) -> None:
    """Strict clients reject any other answer."""
    answer = post(app, case)

    assert validator.validate(answer.message), validator.error_log


def test_every_operation_has_an_exchange_of_its_own() -> None:
    """Except Extract, Query and Schedule, whose answers are only known from the schema."""
    operations = {name.partition("/")[0] for name in CASES} - {"fault"}

    assert operations == {
        "configure",
        "create",
        "delete",
        "describe",
        "execute",
        "get-system-status",
        "perform",
        "retrieve",
        "update",
        "version-info",
    }


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"request.xml": "", "response.xml": ""}, "has no origin.toml"),
        ({"origin.toml": ""}, "has no request.xml, response.xml"),
        (
            {"request.xml": "", "response.xml": "", "origin.toml": 'kind = "rumour"'},
            "kind must be one of",
        ),
        (
            {"request.xml": "", "response.xml": "", "origin.toml": 'kind = "sdk"\nwhere = " "'},
            "where must say",
        ),
        (
            {
                "request.xml": "",
                "response.xml": "",
                "origin.toml": 'kind = "sdk"\nwhere = "x"\nfoo = 1',
            },
            "no such entry: foo",
        ),
    ],
)
def test_a_case_without_an_origin_is_none(
    tmp_path: Path, files: dict[str, str], reason: str
) -> None:
    folder = tmp_path / "create" / "case"
    folder.mkdir(parents=True)
    for name, text in files.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=reason):
        _read(folder)

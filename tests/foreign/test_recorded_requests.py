"""Requests as five client programs send them: each is read right, and none is refused for its spelling.

They stand in `../shared/requests`, a body (`.xml`) beside an HTTP head (`.http`) each, and are not part of this
project: without them there is nothing to test here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.support.soap_app import SoapApp

from sfmc_mock.account.tokens import issue_token
from sfmc_mock.diagnostics import CallWarnings
from sfmc_mock.envelope import read_envelope
from sfmc_mock.soap_request import action_of
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.reading import Leniency, read
from sfmc_mock.wire.struct import Struct

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# Anchored, so that the second one does not match what the first one does.
_TOKEN = re.compile(rb"(?<=>)\s*(tok-[0-9a-f]+|garbage)\s*(?=</)")


@dataclass(frozen=True)
class Request:
    """One request of a client program."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @cached_property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def head(self) -> list[str]:
        return self.path.with_suffix(".http").read_text(encoding="latin-1").splitlines()

    @property
    def target(self) -> str:
        return self.head[0].split()[1]

    @property
    def headers(self) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in self.head[1:] if ": " in line)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers.items() if key.lower() == name), None)

    @property
    def action(self) -> str | None:
        return action_of(self.header("soapaction"), self.header("content-type") or "")


_FOLDER = Path(__file__).parents[3] / "shared" / "requests"
needs_requests = pytest.mark.skipif(
    not _FOLDER.exists(), reason="needs ../shared/requests, which is not here"
)
_NOT_HERE = pytest.param("", marks=needs_requests)
REQUESTS = [Request(path) for path in sorted(_FOLDER.rglob("*.xml"))]
# FuelSDK-Python puts everything into a second Action, one level too deep.
_MISPLACED = "fuelsdk-python/Configure-PropertyDefinition"

CLIENTS = {request.path.parent.name for request in REQUESTS}

each_client = pytest.mark.parametrize("client", sorted(CLIENTS) or [_NOT_HERE])


def requests_of(client: str) -> list[Request]:
    return [request for request in REQUESTS if request.path.parent.name == client]


# Read plainly, by tags: nothing of the emulator's reader has a part in it.


def plainly(element: etree._Element) -> Any:
    """Return the content of an element: None for nil, a text, or the type's name and the parts by name, in order."""
    if element.get(f"{XSI}nil") in ("true", "1"):
        return None
    children = [child for child in element if isinstance(child.tag, str)]
    typed = element.get(f"{XSI}type", "").rpartition(":")[2]
    if not children and not typed:
        return (element.text or "").strip()
    parts: dict[str, list[Any]] = {}
    for child in children:
        parts.setdefault(etree.QName(child).localname, []).append(plainly(child))
    return (typed, parts)


def agree(found: object, plain: Any) -> bool:
    """Say whether a parsed value equals the plain reading of its element."""
    if isinstance(found, Struct):
        if plain == "":
            return not found.values
        typed, parts = plain
        return (not typed or typed == found.type) and (
            found.values.keys() == parts.keys()
            and all(_agree_all(found.values[name], said) for name, said in parts.items())
        )
    if found is None:
        return plain is None
    text = str(found).lower() if isinstance(found, bool) else str(found).strip()
    return isinstance(plain, str) and text == plain


def _agree_all(found: object, said: list[Any]) -> bool:
    values = found if isinstance(found, list) else [found]
    return len(values) == len(said) and all(map(agree, values, said))


@each_client
def test_version_and_action_are_those_of_the_request(client: str) -> None:
    renamed = {"Definition": "Describe", "SystemStatus": "GetSystemStatus"}
    for request_ in requests_of(client):
        envelope = read_envelope(request_.body)

        is_soap12 = b"http://www.w3.org/2003/05/soap-envelope" in request_.body
        assert envelope.soap12 is is_soap12, request_.name
        # The files are named after the operation and the object.
        operation = request_.path.stem.partition("-")[0]
        assert request_.action == renamed.get(operation, operation), request_.name


@each_client
def test_the_token_is_found(client: str) -> None:
    for request_ in requests_of(client):
        (token,) = _TOKEN.findall(request_.body)

        assert read_envelope(request_.body).credentials.token == token.decode(), request_.name


@each_client
def test_types_and_values_are_read_as_they_stand_there(client: str) -> None:
    for request_ in requests_of(client):
        body, element = message_of(request_)

        found = read(body, element, Leniency(lenient=False))

        agrees = agree(found, plainly(body))
        assert agrees or request_.name == _MISPLACED, (request_.name, found, plainly(body))


def message_of(request_: Request) -> tuple[etree._Element, str]:
    """The message of a request, and the name of its type."""
    body = read_envelope(request_.body).body
    assert body is not None
    assert request_.action is not None
    return body, catalogue().operations[request_.action].request


@each_client
def test_no_element_is_dropped_in_silence(client: str) -> None:
    """An additional element is inserted into each element of the message in turn."""
    for request_ in requests_of(client):
        check_surplus(request_)


def check_surplus(request_: Request) -> None:
    body, element = message_of(request_)
    for parent in list(body.iter()):
        extra = etree.SubElement(parent, f"{{{NAMESPACE}}}Surplus")
        warnings = warnings_of(body, element)
        parent.remove(extra)
        assert warnings, (parent.tag, request_.name)
        if request_.name != _MISPLACED:
            assert "Surplus in " in warnings[0]


def warnings_of(body: etree._Element, element: str) -> CallWarnings:
    leniency = Leniency()
    read(body, element, leniency)
    return leniency.warnings


@each_client
def test_no_text_or_attribute_is_dropped_in_silence(client: str) -> None:
    """A text is inserted before each element of the message in turn, and an attribute into each."""
    for request_ in requests_of(client):
        if request_.name == _MISPLACED:
            continue
        body, element = message_of(request_)
        for each in list(body.iter())[1:]:
            parent, place = each.getparent(), each.getprevious()
            assert parent is not None
            name = etree.QName(parent).localname
            before = (parent.text if place is None else place.tail) or ""
            _put(parent, place, f"{before}surplus")
            assert any(f"A text in {name} " in text for text in warnings_of(body, element))
            _put(parent, place, before)

            each.set("surplus", "1")
            assert any("attribute surplus" in text for text in warnings_of(body, element))
            del each.attrib["surplus"]


def _put(parent: etree._Element, place: etree._Element | None, text: str) -> None:
    if place is None:
        parent.text = text
    else:
        place.tail = text


@each_client
@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_no_request_gets_a_fault_for_its_spelling(
    make_app: Callable[..., SoapApp], client: str, strict: bool
) -> None:
    app = make_app(strict=strict)
    for request_ in requests_of(client):
        answer = app.post(
            _TOKEN.sub(_fresh(app), request_.body),
            content_type=request_.header("content-type") or "",
            path=request_.target,
            headers={
                name: value for name, value in request_.headers.items() if name.lower() not in _WSGI
            },
        )

        assert (answer.status, answer.fault) == (200, None), request_.name
    assert app.problems == []


# Werkzeug's client writes these itself.
_WSGI = ("content-type", "content-length", "host", "connection")


@needs_requests
def test_an_unknown_token_is_refused(app: SoapApp) -> None:
    """One of the requests was recorded with an invalid token."""
    found = [each for each in REQUESTS if b"garbage" in each.body]

    assert app.post(found[0].body, found[0].action).fault == "Login Failed"


@needs_requests
def test_a_configure_one_level_too_deep_gets_a_sentence(app: SoapApp) -> None:
    found = [each for each in REQUESTS if each.name == _MISPLACED]

    answer = app.post(_TOKEN.sub(_fresh(app), found[0].body), found[0].action)

    assert answer.overall == "Error"
    assert answer.text("OverallStatusMessage") == "The Configure request does not hold an Action."


def _fresh(app: SoapApp) -> bytes:
    return issue_token(app.account, app.own.client_id)[0].encode()


@pytest.mark.parametrize(
    "path",
    sorted(_FOLDER.rglob("token.json")) or [_NOT_HERE],
    ids=lambda path: Path(path).parent.name,
)
def test_every_client_gets_its_token(app: SoapApp, path: Path) -> None:
    own = {"mock-client-id": app.own.client_id, "mock-client-secret": app.own.client_secret}
    text = path.read_text(encoding="utf-8")
    for name, value in {**own, "1234567": str(app.account.mid)}.items():
        text = text.replace(name, value)

    answer = app.open("POST", "/v2/token", data=text, content_type="application/json")

    assert answer.status == 200
    assert answer.json["soap_instance_url"] == "http://tenant.test/"

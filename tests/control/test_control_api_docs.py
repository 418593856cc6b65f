"""The page about the control API: its examples run, and its table matches the routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.control import Control

from sfmc_mock.control import ROUTES

PAGE = (Path(__file__).parents[2] / "docs" / "control-api.md").read_text(encoding="utf-8")
MORE = "…"

_BLOCK = re.compile(r"^```(?P<kind>[a-z]+)(?: (?P<about>\d+))?\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Example:
    """A request on the page, with the answer shown there."""

    method: str
    path: str
    body: str
    status: int
    answer: object


def examples() -> Iterator[Example]:
    """Return the requests of the page with their answers, in order."""
    blocks = list(_BLOCK.finditer(PAGE))
    for request, answer in pairwise(blocks):
        if request["kind"] == "http":
            assert answer["kind"] == "json", f"no answer to {request['text']}"
            first, _, body = request["text"].partition("\n")
            method, path = first.split(" ")
            status = int(answer["about"] or 200)
            yield Example(method, path, body, status, json.loads(answer["text"]))


def test_the_examples_of_the_page_run_as_they_stand() -> None:
    control = Control(
        next(found["text"] for found in _BLOCK.finditer(PAGE) if found["kind"] == "toml")
    )

    for example in examples():
        got = control.ask(example.method, example.path.removeprefix("/_mock"), example.body)
        assert (got.status, differences(example.answer, got.body)) == (example.status, []), example

    control.close()


def differences(said: object, got: object, where: str = "") -> list[str]:
    """Return the differences between an answer and the page; `…` matches anything."""
    if said in (MORE, got):
        return []
    if isinstance(said, dict) and isinstance(got, dict):
        missing = [f"{where}.{name}" for name in got if name not in said and MORE not in said]
        named = [name for name in said if name != MORE]
        return missing + [
            found
            for name in named
            for found in differences(said[name], got.get(name), f"{where}.{name}")
        ]
    if isinstance(said, list) and isinstance(got, list):
        shown = [each for each in said if each != MORE]
        if len(shown) == len(got) or (MORE in said and len(shown) <= len(got)):
            pairs = enumerate(zip(shown, got, strict=False))
            return [text for at, pair in pairs for text in differences(*pair, f"{where}[{at}]")]
    return [f"{where}: {said!r} is {got!r}"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"a": 1, "b": [1, 3]}, [".a: 1 is 2"]),
        ({"a": 2, MORE: MORE}, []),
        ({"a": 2}, [".b"]),
        ({"a": MORE, "b": [1, MORE]}, []),
        ({"a": 2, "b": [1]}, [".b: [1] is [1, 3]"]),
        ({"a": 2, "b": [3, MORE]}, [".b[0]: 3 is 1"]),
    ],
)
def test_a_wrong_example_is_detected(said: object, found: list[str]) -> None:
    assert differences(said, {"a": 2, "b": [1, 3]}) == found


def test_every_address_is_in_the_table() -> None:
    for route in ROUTES:
        assert f"| {route.method} | `{route.address}` |" in PAGE
        assert route.about in PAGE


def test_every_kind_of_event_that_can_be_made_to_happen_is_named(control: Control) -> None:
    sent = control.send()
    (sentence,) = re.findall(r"^`kind` is (.*)\.$", PAGE, re.M)
    kinds = re.findall(r"`(\w+)`", sentence)

    replies = [control.post("/events", {"kind": kind, "send": sent["send_id"]}) for kind in kinds]
    unknown = control.post("/events", {"kind": "?", "send": sent["send_id"]})

    assert [reply.status for reply in replies] == [200] * len(kinds)
    assert sorted(unknown.error.partition("Known: ")[2].rstrip(".").split(", ")) == sorted(kinds)

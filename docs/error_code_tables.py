"""The table of error codes: when each is given, how that is known, and which test says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from documented_codes import CORE, FURTHER, numbers

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.error_codes.elsewhere import ASSUMED, ELSEWHERE, NOT_GIVEN, NOT_GIVEN_FAMILIES
from tests.error_codes.every_case import CASES
from tests.support.refusals import refusals

from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS

_OWN = "tests/error_codes/test_error_codes.py"
_CONTRACT = "tests/objects/test_contract.py"


class Given(NamedTuple):
    """When a code is given, how that is known, and the test."""

    condition: str
    origin: str
    test: str


def given() -> dict[int, Given]:
    """Return what is known of each code that is given."""
    written = [
        each
        for each in HANDLERS.values()
        if isinstance(each, StoredObject) and each.takes("Create")
    ]
    known: dict[int, Given] = {}
    # What an object says of itself goes before what others say that refer to it.
    for handler in written:
        others = {other.not_found[0] for other in written if other is not handler}
        own = {code: each for code, each in _declared(handler).items() if code not in others}
        known = {**own, **known}
    for handler in written:
        known = {**_declared(handler), **known}
    for path, conditions in ELSEWHERE.items():
        known |= {
            code: Given(condition, _origin(code), path) for code, condition in conditions.items()
        }
    return known | {case.code: Given(case.condition, case.origin, _OWN) for case in CASES}


def _origin(code: int) -> str:
    return "assumed" if code in ASSUMED else "documented"


def _declared(handler: StoredObject) -> dict[int, Given]:
    name = handler.object_type
    found = {
        code: Given(f"{name}: {said}", _origin(code), _CONTRACT)
        for said, (_, (code, _)) in reversed(refusals(handler).items())
    }
    about = {
        handler.not_specified: f"{name}: not named",
        handler.not_found: f"{name}: not there",
        handler.key_taken: f"{name}: a CustomerKey that is taken",
    }
    for (code, _), condition in about.items():
        found.setdefault(code, Given(condition, _origin(code), _CONTRACT))
    return found


def error_codes() -> str:
    """Return the two tables, each with the count of the codes that are given."""
    known = given()
    lines: list[str] = []
    for title, families in (
        ("Sends, subscribers, content, data, imports and asynchronous calls", CORE),
        ("The other objects", FURTHER),
    ):
        codes = [code for ranges in families.values() for code in numbers(ranges)]
        count = sum(code in known for code in codes)
        lines += [
            "",
            f"## {title}",
            "",
            f"Of {len(codes)} documented codes, {count} are given.",
            "",
        ]
        for family, ranges in families.items():
            lines += _family(family, numbers(ranges), known)
    tests = sorted({each.test for each in known.values()})
    lines += [f"[{_label(test)}]: ../{test}" for test in tests]
    return "\n".join(lines).strip()


def _label(test: str) -> str:
    return test.removeprefix("tests/").removesuffix(".py")


def _family(family: str, codes: list[int], known: dict[int, Given]) -> list[str]:
    lines = [f"### {family}", ""]
    if not any(code in known for code in codes):
        reason = NOT_GIVEN_FAMILIES.get(family, "not emulated")
        return [*lines, f"None of the {len(codes)} codes is given: {reason}.", ""]
    lines += ["| code | when it is given | known how | test |", "|---|---|---|---|"]
    for code in codes:
        found = known.get(code)
        if found is None:
            reason = NOT_GIVEN.get(code, NOT_GIVEN_FAMILIES.get(family, "not emulated"))
            lines.append(f"| {code} | not given: {reason} |  |  |")
            continue
        lines.append(f"| {code} | {found.condition} | {found.origin} | [{_label(found.test)}] |")
    return [*lines, ""]

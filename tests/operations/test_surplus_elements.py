"""Schema elements of an object that the emulator does not read get a warning, wherever they are.

Elements outside the schema are tested with the requests of client programs, in `tests/foreign`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.messages import act_on, struct, write_objects

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS
from sfmc_mock.wire.catalogue import catalogue
from sfmc_mock.wire.struct import Struct

# Calls that every account is refused.
REFUSED = ("MessageSendActivity", "ReportActivity")
TAKING = [
    handler
    for name, handler in HANDLERS.items()
    if name in catalogue().complex_types and name not in REFUSED
]
ACTIONS = {"Configure": "create", "Perform": "start", "Schedule": "start"}


def do(call: Call, operation: str, sent: Struct) -> None:
    """Make a call of an operation with an object."""
    if operation in ACTIONS:
        act_on(call, operation, ACTIONS[operation], sent)
    else:
        write_objects(call, operation, sent)


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete", *ACTIONS])
def test_an_element_of_the_schema_that_nothing_reads_is_named(call: Call, operation: str) -> None:
    for handler in TAKING:
        if not handler.takes(operation):
            continue
        example = dict(getattr(handler, "example", {}))

        do(call, operation, struct(handler.object_type, {**example, "ObjectState": "surplus"}))

        said = list(call.warnings)
        assert any("ObjectState" in each for each in said), (handler.object_type, said)


def parts(value: Struct, path: str = "") -> Iterator[tuple[str, Struct]]:
    """Return the API objects within an object, with their paths."""
    known = catalogue().complex_types
    for name, inner in value.values.items():
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, Struct):
                here = f"{path}/{name}".strip("/")
                if known[each.type].derives_from("APIObject"):
                    yield here, each
                yield from parts(each, here)


WRITTEN = [
    pytest.param(each, id=each.object_type)
    for each in HANDLERS.values()
    if isinstance(each, StoredObject) and each.takes("Create")
]


@pytest.mark.parametrize("handler", WRITTEN)
def test_an_element_of_a_part_that_nothing_reads_is_named(
    call: Call, handler: StoredObject
) -> None:
    for place in range(len([*parts(struct(handler.object_type, dict(handler.example)))])):
        sent = struct(handler.object_type, dict(handler.example))
        path, part = [*parts(sent)][place]
        part.values["ObjectState"] = "surplus"
        do(call, "Create", sent)

        assert any(f"{path}/ObjectState" in each for each in call.warnings), path

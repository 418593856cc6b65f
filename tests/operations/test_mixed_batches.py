"""Batches of objects of many types, some of which are refused."""

from __future__ import annotations

import random

import pytest
from tests.support.declared_examples import another, example, unique_property
from tests.support.messages import struct, write_objects
from tests.support.refusals import refusals

from sfmc_mock.declarations.call import Call, Outcome
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.objects import HANDLERS
from sfmc_mock.operations import batch_results
from sfmc_mock.wire.struct import Struct

# Objects that say of a key that is taken, or of what refers to others, what follows from more than their declaration.
SPECIAL = ("DataExtension", "DataFolder")
TYPES = [
    each
    for each in HANDLERS.values()
    if isinstance(each, StoredObject)
    and each.takes("Create")
    and refusals(each)
    and "CustomerKey" in each.identities
    and each.object_type not in SPECIAL
]
SIZE, KINDS = 50, 20


def objects_of(thing: StoredObject) -> list[tuple[Struct, int]]:
    """Return a valid object, one whose key is then taken, and one with a refused value; with their codes."""
    name = unique_property(thing)
    again = example(thing, **({name: "Another"} if name else {}))
    said, (code, _) = next(
        (said, refusal)
        for case, (said, refusal) in refusals(thing).items()
        if "CustomerKey" not in said or "missing" in case
    )
    wrong = another(thing, "wrong")
    wrong = struct(thing.object_type, {**wrong.values, **said})
    return [(example(thing), 0), (again, thing.key_taken[0]), (wrong, code)]


def batch(draws: random.Random) -> list[tuple[Struct, int]]:
    """Return fifty objects of twenty types; the order within a type is kept."""
    things = draws.sample(TYPES, KINDS)
    waiting = [objects_of(thing) for thing in things]
    found = [objects.pop(0) for objects in waiting]
    while len(found) < SIZE:
        found.append(draws.choice([each for each in waiting if each]).pop(0))
    return found


def test_a_refused_object_is_looked_at_again_after_another_is_done(call: Call) -> None:
    root = call.account.db.find_all("folder", content_type="email", parent_id=0)[0]
    for key, parent in (("above", {"ID": root["id"]}), ("below", {"CustomerKey": "above"})):
        described = dict.fromkeys(("Name", "Description", "CustomerKey"), key)
        flags = dict.fromkeys(("AllowChildren", "IsEditable"), True)
        folder = struct(
            "DataFolder", {**described, **flags, "ContentType": "email", "ParentFolder": parent}
        )
        assert write_objects(call, "Create", folder).text("OverallStatus") == "OK"
    above, below = (struct("DataFolder", CustomerKey=key) for key in ("above", "below"))

    answer = write_objects(call, "Delete", above, above, below, above, above)

    results = answer.parts("Results")
    assert [each.text("StatusCode") for each in results] == ["Error", "Error", "OK", "OK", "Error"]
    assert [each.number("OrdinalID") for each in results] == [0, 1, 2, 3, 4]


def test_objects_alike_are_refused_alike_after_many_others(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(call: Call, handler: Handler, sent: Struct) -> Outcome:
        asked.append(sent.values["CustomerKey"])
        raise Refused(7, "No")

    asked: list[object] = []
    monkeypatch.setattr(batch_results, "_MOST_ALIKE", 2)
    sent = [struct("Email", CustomerKey=key) for key in "abcccab"]

    results = batch_results.act_on_each(call, "Delete", sent, refuse)

    assert "".join(map(str, asked)) == "abcab"
    assert [each.number("ErrorCode") for each in results] == [7] * 7


@pytest.fixture
def call(call: Call) -> Call:
    """A call on an account that has what examples refer to."""
    field = {"Name": "SubscriberKey", "FieldType": "Text", "MaxLength": 254}
    target = struct("DataExtension", CustomerKey="target", Name="Target", Fields={"Field": [field]})
    write_objects(call, "Create", target)
    write_objects(call, "Create", struct("List", CustomerKey="target", ListName="Target"))
    return call


@pytest.mark.parametrize("seed", range(5))
def test_each_object_has_its_result_in_order_and_the_account_what_was_taken(
    call: Call, seed: int
) -> None:
    sent = batch(random.Random(seed))
    before = {thing.object_type: call.account.db.count(thing.table) for thing in TYPES}

    answer = write_objects(call, "Create", *(each for each, _ in sent))

    results = answer.parts("Results")
    codes = [result.number("ErrorCode") or 0 for result in results]
    assert codes == [code for _, code in sent], [each.type for each, _ in sent]
    assert [result.number("OrdinalID") for result in results] == [*range(SIZE)]
    assert len({each.type for each, _ in sent}) == KINDS
    assert answer.text("OverallStatus") == "Has Errors"
    taken = [each.type for each, code in sent if not code]
    assert {
        thing.object_type: call.account.db.count(thing.table) - before[thing.object_type]
        for thing in TYPES
    } == {thing.object_type: taken.count(thing.object_type) for thing in TYPES}

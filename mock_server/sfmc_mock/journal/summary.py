"""Summarize a call for the journal and the terminal: its API objects, and the things that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sfmc_mock.wire.filling import FilledStruct, Piece, pieces_of, put_together
from sfmc_mock.wire.struct import Struct

_MOST_VALUES = 3


def summary(operation: str, sent: Struct | None, about_object: Callable[[Struct], str]) -> _Summary:
    """Return the API objects that a message names, and a text about them; `about_object` describes one of them."""
    if sent is None:
        return (), ""
    request = sent.values.get("RetrieveRequest")
    if isinstance(request, Struct):
        return _alike(request, "Filter", _of_request) or _of_request(request)
    if operation == "Describe":
        wanted = sent.wrapped("DescribeRequests", "ObjectDefinitionRequest")
        return tuple(name.text("ObjectType") or "" for name in wanted), ""
    if operation == "Execute":
        return tuple(request.text("Name") or "" for request in sent.parts("Requests")), ""

    def of_objects(sent: Struct) -> _Summary:
        return _of_objects(sent, about_object)

    return _alike(sent, "Objects", of_objects) or of_objects(sent)


_Summary = tuple[tuple[str, ...], str]


def _of_request(request: Struct) -> _Summary:
    part, continued = request.values.get("Filter"), request.values.get("ContinueRequest")
    about = _filter_text(part) if isinstance(part, Struct) else ""
    return (request.text("ObjectType") or "",), f"continues {continued}" if continued else about


def _of_objects(sent: Struct, about_object: Callable[[Struct], str]) -> _Summary:
    objects = _objects(sent)
    types = tuple(dict.fromkeys([sent_object.type for sent_object in objects]))
    about = ", ".join(filter(None, map(about_object, objects[:3])))
    if len(objects) > 3:
        about += f" and {len(objects) - 3} more"
    if action := sent.values.get("Action"):
        about = f"{action} {about}" if about else str(action)
    options = sent.values.get("Options")
    if isinstance(options, Struct) and options.values.get("RequestType") == "Asynchronous":
        about += " (asynchronous)"
    return types, about


_NOTE = "summary"


def _alike(sent: Struct, varying: str, summarize: Callable[[Struct], _Summary]) -> _Summary | None:
    """Return the summary of a message by that of an earlier one that differs in the field `varying` alone.

    None if there is none, or if a value is empty: a summary then names the next value.
    """
    if not isinstance(sent, FilledStruct):
        return None
    filler = sent.filler
    noted = filler.notes.get(_NOTE)
    if noted is None:
        types, about = summarize(sent.marked())
        noted = filler.notes[_NOTE] = (types, pieces_of(about), filler.varying <= {varying})
    types, pieces, is_for_all = cast("tuple[tuple[str, ...], tuple[Piece, ...], bool]", noted)
    if not is_for_all:
        return None
    texts = put_together(pieces, sent.given)
    for text in texts:
        if not text or type(text) is not str:
            return None
    return types, "".join(texts)


_WRAPPERS = {
    "Configurations": "Configuration",
    "Definitions": "Definition",
    "Interactions": "Interaction",
}


def _objects(sent: Struct) -> list[Struct]:
    objects = sent.parts("Objects")
    for wrapper, inner in _WRAPPERS.items():
        objects = objects or sent.wrapped(wrapper, inner)
    return objects


def _filter_text(part: Struct) -> str:
    if part.type == "SimpleFilterPart":
        given = part.values
        found = part.texts("Value") if "Value" in given else []
        if "DateValue" in given:
            found += part.texts("DateValue")
        values = ", ".join(found[:_MOST_VALUES])
        if len(found) > _MOST_VALUES:
            values += f" and {len(found) - _MOST_VALUES:,} more"
        named = f"{given.get('Property')} {given.get('SimpleOperator')}"
        return f"{named} {values}" if values else named
    operands = [part.part("LeftOperand"), part.part("RightOperand")]
    operands += part.wrapped("AdditionalOperands", "Operand")
    texts = [
        f"({text})" if operand.type != "SimpleFilterPart" else text
        for operand in operands
        if operand is not None and (text := _filter_text(operand))
    ]
    return f" {part.text('LogicalOperator')} ".join(texts) if "LogicalOperator" in part else ""

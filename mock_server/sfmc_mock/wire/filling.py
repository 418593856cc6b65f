"""Make the `Struct` of a request with known markup from its values; the constant parts are read once."""

from __future__ import annotations

import re
from collections.abc import Hashable, KeysView, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sfmc_mock.errors import RequestUnreadable
from sfmc_mock.wire.reading import Leniency, ValuePlan, ValueStep, is_told
from sfmc_mock.wire.scalars import Scalar
from sfmc_mock.wire.struct import Struct

# No text that a filler is given has the character.
_MARK = "\x7f"
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK}")

# Few calls read their fields: a Retrieve that is written like an earlier one is known by its filler.
_LATE = frozenset({"RetrieveRequest"})


class FilledStruct(Struct):
    """A value that a filler made: the values of one filler differ only in its `varying` fields.

    `given` are the values of the request by their places.
    """

    __slots__ = ("filler", "given")

    def __init__(self, filler: Filler, given: Sequence[object]) -> None:
        self.type = filler.type
        self.filler = filler
        self.given = given
        self.values = filler.values(given)

    def names(self) -> KeysView[str]:
        return self.filler.names

    def marked(self) -> FilledStruct:
        """Return the same with a mark in place of each value: `pieces_of` finds the marks in a text made from it."""
        marks = [f"{_MARK}{place}{_MARK}" for place in range(len(self.given))]
        return self.filler.make(self.filler, marks)


class _LateStruct(FilledStruct):
    """A filled value whose fields are made at the first access.

    A class of its own: Python reads all attributes of an object more slowly whose class has a `__getattr__`.
    """

    __slots__ = ()

    def __init__(self, filler: Filler, given: Sequence[object]) -> None:
        self.type = filler.type
        self.filler = filler
        self.given = given

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # Python calls this only for an attribute that is not set.
            if name != "values":
                raise AttributeError(name)
            self.values = self.filler.values(self.given)
            return self.values


class Filler:
    """Makes the message from a plan and the texts of its values, as `reading.read` makes it from the whole request.

    `constants` are the texts that are the same in each request, by their places.
    """

    __slots__ = ("_checks", "_constant", "_steps", "make", "names", "notes", "type", "varying")

    def __init__(self, plan: ValuePlan, constants: Mapping[int, str] | None = None) -> None:
        self.type = plan.type
        self.make = _LateStruct if plan.type in _LATE else FilledStruct
        # Those of inner values too, in the order of the request.
        self._checks: list[_Check] = [
            _Check(place, element, type_name)
            for place, element, type_name in plan.unread
            if (text := (constants or {}).get(place)) is None or is_told(text)
        ]
        # With a key for each field that the message may have, in their order.
        self._constant: dict[str, object] = {}
        self._steps: list[_Step] = []
        several: dict[str, list[_Item]] = {}
        for step in plan.steps:
            made = _item(step, constants or {})
            self._checks += _checks(made)
            if step.repeats:
                if step.name not in several:
                    several[step.name] = []
                    self._steps.append(_Step(step.name, items=several[step.name]))
                several[step.name].append(made)
            elif isinstance(made, _Constant):
                self._constant[step.name] = made.value
                continue
            else:
                self._steps.append(
                    made if isinstance(made, _Step) else _Step(step.name, inner=made)
                )
            self._constant.setdefault(step.name)
        self._steps = [_simplest(step) for step in self._steps]
        self.varying = frozenset(step.name for step in self._steps if _varies(step))
        """The fields that differ between requests, or have a field that does."""
        self.names = self._constant.keys()
        """The fields that there may be."""
        self.notes: dict[Hashable, object] = {}
        """What others found out about all values of this filler, by purpose."""

    def fill(self, texts: Sequence[str], leniency: Leniency) -> FilledStruct:
        """Return the message. Raises `RequestUnreadable` for a text that does not parse."""
        given: Sequence[object] = texts
        if self._checks:
            parsed: list[object] = [*texts]
            given = parsed
            for place, name, type_name, scalar in self._checks:
                text = texts[place]
                if scalar is not None:
                    parsed[place] = scalar(text, name, leniency)
                elif is_told(text):
                    leniency.unread.text(name, type_name)
        return self.make(self, given)

    def values(self, given: Sequence[object]) -> dict[str, object]:
        """Return the fields of a value from the values of the request."""
        values = self._constant.copy()
        for name, place, _, inner, items, constants in self._steps:
            if inner is not None:
                values[name] = inner.make(inner, given)
            elif constants is not None:
                values[name] = constants.copy()
            elif items is not None:
                values[name] = _filled(items, given)
            elif (value := given[place]) is not None:
                values[name] = value
            else:
                del values[name]
        return values


Piece: TypeAlias = str | int
"""A text that is always the same, or the place of one that is not."""


def pieces_of(text: str) -> tuple[Piece, ...]:
    """Return the pieces of a text that was made from a `marked` value."""
    pieces: list[Piece] = [*_MARKED.split(text)]
    pieces[1::2] = map(int, pieces[1::2])
    return tuple(piece for piece in pieces if piece != "")


def put_together(pieces: Sequence[Piece], given: Sequence[object]) -> list[Any]:
    """Return the pieces with the values of a request in the places; None stands for an empty one."""
    return [piece if type(piece) is str else given[piece] for piece in pieces]  # type: ignore[index]


class _Check(NamedTuple):
    """A text that every request needs checked: as a scalar of its type, or for content that no class has there."""

    place: int
    name: str
    type_name: str = ""
    scalar: Scalar | None = None


class _Step(NamedTuple):
    """A field that is made anew for each request: from a text, from the texts below it, or from several of either."""

    name: str
    place: int = 0
    scalar: Scalar | None = None
    inner: Filler | None = None
    items: list[_Item] | None = None
    constants: list[object] | None = None


class _Constant(NamedTuple):
    value: object


_Item: TypeAlias = "_Constant | _Step | Filler"


def _item(step: ValueStep, constants: Mapping[int, str]) -> _Item:
    if step.inner is not None:
        return Filler(step.inner, constants)
    if step.place is None:
        return _Constant(None)
    text = constants.get(step.place) if isinstance(step.place, int) else step.place
    if text is not None and step.scalar is None:
        return _Constant(text)
    if text is not None and step.scalar is not None:
        try:
            return _Constant(step.scalar(text, step.name, Leniency(lenient=False)))
        except RequestUnreadable:
            # A lenient reading warns of it each time.
            if not isinstance(step.place, int):
                raise
    assert isinstance(step.place, int)
    return _Step(step.name, step.place, step.scalar)


def _simplest(step: _Step) -> _Step:
    """Return a step that copies several values, where all are constant; else the step itself."""
    items = step.items or ()
    constants = [each.value for each in items if isinstance(each, _Constant)]
    return step._replace(constants=constants) if items and len(constants) == len(items) else step


def _varies(item: _Item) -> bool:
    if isinstance(item, _Constant):
        return False
    if isinstance(item, Filler):
        return bool(item.varying)
    if item.inner is not None:
        return bool(item.inner.varying)
    return item.constants is None and (item.items is None or any(map(_varies, item.items)))


def _checks(item: _Item) -> Sequence[_Check]:
    """Return the checks of a field and of the fields below it."""
    if isinstance(item, Filler):
        return item._checks
    if isinstance(item, _Step) and item.scalar is not None:
        return (_Check(item.place, item.name, scalar=item.scalar),)
    return ()


def _filled(items: Sequence[_Item], given: Sequence[object]) -> list[object]:
    found: list[object] = []
    for item in items:
        if isinstance(item, Filler):
            found.append(item.make(item, given))
        elif isinstance(item, _Constant):
            found.append(item.value)
        elif (value := given[item.place]) is not None:
            found.append(value)
    return found

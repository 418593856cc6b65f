"""Make the `Struct` of a request with known markup from its values; the constant parts are read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from sfmc_mock.errors import RequestUnreadable
from sfmc_mock.wire.reading import Leniency, ValuePlan, ValueStep, is_told
from sfmc_mock.wire.scalars import Scalar
from sfmc_mock.wire.struct import Struct


class FilledStruct(Struct):
    """A value that a filler made: the values of one filler differ only in its `varying` fields."""

    __slots__ = ("filler",)

    def __init__(self, type_name: str, values: dict[str, object], filler: Filler) -> None:
        self.type = type_name
        self.values = values
        self.filler = filler


class Filler:
    """Makes the message from a plan and the texts of its values, as `reading.read` makes it from the whole request.

    `constants` are the texts that are the same in each request, by their places.
    """

    __slots__ = ("_constant", "_steps", "_type", "_unread", "varying")

    def __init__(self, plan: ValuePlan, constants: Mapping[int, str] | None = None) -> None:
        self._type = plan.type
        self._unread = tuple(
            each
            for each in plan.unread
            if (text := (constants or {}).get(each[0])) is None or is_told(text)
        )
        # With a key for each field that the message may have, in their order.
        self._constant: dict[str, object] = {}
        self._steps: list[_Step] = []
        several: dict[str, list[_Item]] = {}
        for step in plan.steps:
            made = _item(step, constants or {})
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

    def fill(self, texts: Sequence[str], leniency: Leniency) -> Struct:
        """Return the message. Raises `RequestUnreadable` for a text that does not parse."""
        for place, element, type_name in self._unread:
            if is_told(texts[place]):
                leniency.unread.text(element, type_name)
        values = self._constant.copy()
        for name, place, scalar, inner, items, constants in self._steps:
            if inner is not None:
                values[name] = inner.fill(texts, leniency)
            elif constants is not None:
                values[name] = constants.copy()
            elif items is not None:
                values[name] = _filled(items, texts, leniency)
            elif scalar is None:
                values[name] = texts[place]
            elif (value := scalar(texts[place], name, leniency)) is not None:
                values[name] = value
            else:
                del values[name]
        return FilledStruct(self._type, values, self)


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


def _filled(items: Sequence[_Item], texts: Sequence[str], leniency: Leniency) -> list[object]:
    found: list[object] = []
    for item in items:
        if isinstance(item, Filler):
            found.append(item.fill(texts, leniency))
        elif isinstance(item, _Constant):
            found.append(item.value)
        else:
            text = texts[item.place]
            value = text if item.scalar is None else item.scalar(text, item.name, leniency)
            if value is not None:
                found.append(value)
    return found

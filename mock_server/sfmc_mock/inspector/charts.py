"""The geometry of charts: positions of bars and of a timeline's marks, in percent of the width.

Templates draw them as SVG whose texts keep their size at any width of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

KINDS = {
    "Sent": "sent",
    "NotSent": "notsent",
    "DeliveredEvent": "delivered",
    "Open": "open",
    "Click": "click",
    "HardBounce": "bounce",
    "SoftBounce": "bounce",
    "OtherBounce": "bounce",
    "Unsubscribe": "unsub",
}
"""How each EventType is drawn; all others are drawn as `other`."""

KIND_NAMES = {
    "sent": "Sent",
    "notsent": "Not sent",
    "delivered": "Delivered",
    "open": "Open",
    "click": "Click",
    "bounce": "Bounce",
    "unsub": "Unsubscribe",
    "other": "Other",
}

_BARS = 48
_LEFT, _WIDTH = 0.5, 98.5


@dataclass(frozen=True, slots=True)
class Bar:
    """A segment of a bar: the events of one kind in a span of time. All values but `number` are percents."""

    kind: str
    number: int
    x: float
    width: float
    y: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class EventChart:
    """Two rows of bars over the same time axis: when events happened, and from when a Retrieve returns them."""

    happened: tuple[Bar, ...]
    shown: tuple[Bar, ...]
    kinds: tuple[str, ...]
    first: datetime
    last: datetime
    now: float | None
    """The position of the account's time; None if it is outside the chart."""
    highest: int


Points = Sequence[tuple[datetime, str, int]]


def event_chart(happened: Points, shown: Points, now: datetime) -> EventChart | None:
    """Return the chart of counted events, or None without events."""
    if not happened:
        return None
    first = min(moment for moment, _, _ in happened)
    last = max(moment for moment, _, _ in (*happened, *shown))
    span = max(last - first, timedelta(minutes=1))
    step = span / (_BARS - 1)
    counted = [_buckets(points, first, step) for points in (happened, shown)]
    highest = max(sum(kinds.values()) for buckets in counted for kinds in buckets.values())
    rows = [tuple(_bars(buckets, first, step, highest)) for buckets in counted]
    drawn = {bar.kind for row in rows for bar in row}
    at = (now - first) / (step * _BARS) if first <= now <= first + step * _BARS else None
    kinds = tuple(kind for kind in KIND_NAMES if kind in drawn)
    place = None if at is None else _LEFT + at * _WIDTH
    end = first + step * _BARS
    return EventChart(rows[0], rows[1], kinds, first, end, place, highest)


def _buckets(points: Points, first: datetime, step: timedelta) -> dict[int, dict[str, int]]:
    buckets: dict[int, dict[str, int]] = {}
    for moment, event_type, number in points:
        kinds = buckets.setdefault(max(0, (moment - first) // step), {})
        kind = KINDS.get(event_type, "other")
        kinds[kind] = kinds.get(kind, 0) + number
    return buckets


def _bars(
    buckets: dict[int, dict[str, int]], first: datetime, step: timedelta, highest: int
) -> Iterable[Bar]:
    width = _WIDTH / _BARS
    for at, kinds in sorted(buckets.items()):
        below = 0.0
        begin = first + step * at
        for kind in (kind for kind in KIND_NAMES if kind in kinds):
            height = max(100 * kinds[kind] / highest, 1.5)
            label = f"{KIND_NAMES[kind]}: {kinds[kind]:,} from {begin:%Y-%m-%d %H:%M}"
            yield Bar(kind, kinds[kind], _LEFT + at * width, width * 0.86, below, height, label)
            below += height


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of the timeline, with the time at which it happens and the time from which a Retrieve returns it."""

    kind: str
    title: str
    happens_at: datetime
    visible_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline of a message, in order, with a line at the account's time.

    `places` maps each time to its position in percent.
    """

    marks: Sequence[Mark]
    now: datetime
    places: Mapping[datetime, float]
    row: int = 46

    @property
    def height(self) -> int:
        return self.row * len(self.marks) + 30

    def state(self, mark: Mark) -> str:
        """Return `shown`, `hidden` (it happened, and no Retrieve returns it yet) or `to come`."""
        if mark.visible_at <= self.now:
            return "shown"
        return "hidden" if mark.happens_at <= self.now else "to come"


def timeline(marks: Sequence[Mark], now: datetime) -> Timeline:
    """Return the timeline of a message.

    Long waits are drawn shorter in proportion, so that seconds and days fit into one picture.
    """
    times = {now, *(mark.happens_at for mark in marks), *(mark.visible_at for mark in marks)}
    return Timeline(marks, now, _places(sorted(times)))


def _places(times: Sequence[datetime]) -> dict[datetime, float]:
    places, at = {times[0]: 0.0}, 0.0
    for earlier, later in pairwise(times):
        at += 1 + math.log1p((later - earlier).total_seconds())
        places[later] = at
    # Leaves room for the marks on both sides.
    return {moment: 2 + (96 * place / at if at else 48) for moment, place in places.items()}

"""The geometry of pictures: positions of a chart's bars and a timeline's marks, in percent of the width.

Templates draw them as SVG whose texts keep their size however wide the page is.
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
"""What each EventType is drawn as; the others are drawn as `other`."""

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
    """A piece of a bar: a kind of event in a span of time. All but `number` are percents."""

    kind: str
    number: int
    x: float
    width: float
    y: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class EventChart:
    """Two rows of bars over the same time: the times of events, and the times from which a Retrieve shows them."""

    happened: tuple[Bar, ...]
    shown: tuple[Bar, ...]
    kinds: tuple[str, ...]
    first: datetime
    last: datetime
    now: float | None
    """Where the account's time is; None when it is not in the picture."""
    highest: int


Points = Sequence[tuple[datetime, str, int]]


def event_chart(happened: Points, shown: Points, now: datetime) -> EventChart | None:
    """Return the chart of counted events, None when there are none."""
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
    """A line of the timeline: something that happens at one time and shows from another."""

    kind: str
    title: str
    happens_at: datetime
    visible_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happens to a message, in order, with the account's time as a line across.

    `places` says where each time stands, in percent.
    """

    marks: Sequence[Mark]
    now: datetime
    places: Mapping[datetime, float]
    row: int = 46

    @property
    def height(self) -> int:
        return self.row * len(self.marks) + 30

    def state(self, mark: Mark) -> str:
        """Return `shown`, `hidden` (it happened, and no Retrieve shows it yet) or `to come`."""
        if mark.visible_at <= self.now:
            return "shown"
        return "hidden" if mark.happens_at <= self.now else "to come"


def timeline(marks: Sequence[Mark], now: datetime) -> Timeline:
    """Return the timeline of what happens to a message.

    Long waits are drawn shorter than they are, so that seconds and days fit in one picture.
    """
    times = {now, *(mark.happens_at for mark in marks), *(mark.visible_at for mark in marks)}
    return Timeline(marks, now, _places(sorted(times)))


def _places(times: Sequence[datetime]) -> dict[datetime, float]:
    places, at = {times[0]: 0.0}, 0.0
    for earlier, later in pairwise(times):
        at += 1 + math.log1p((later - earlier).total_seconds())
        places[later] = at
    # Room for the marks themselves on either side.
    return {moment: 2 + (96 * place / at if at else 48) for moment, place in places.items()}

"""Magic addresses: labels in the recipient's address choose the outcome of a message.

`ada+open+click+after-2h@mock.test` opens and clicks two hours after the send. The name before the first plus is free;
the labels after it are those of `LABELS`, in any order. Only the domain `mock.test` itself is read like this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from sfmc_mock.errors import SetupError
from sfmc_mock.simulator.addresses import MAGIC_DOMAIN
from sfmc_mock.simulator.bounces import CATEGORIES, Kind
from sfmc_mock.simulator.durations import DurationUnreadable, parse_duration
from sfmc_mock.simulator.messages import Way
from sfmc_mock.simulator.send_rules import RULES

Group = Literal["bounce", "delivery", "reaction", "unsubscribe", "not sent", "after", "lag"]


class UnknownLabel(SetupError):
    """A label of a magic address is unknown."""

    def __init__(self, address: str, label: str, reason: str) -> None:
        super().__init__(f"{_shown(address)}: {reason}")
        self.address = address
        self.label = label


class ContradictoryLabels(SetupError):
    """Two labels of a magic address cannot both come true."""

    def __init__(self, address: str, first: str, second: str, reason: str) -> None:
        super().__init__(
            f"{_shown(address)}: +{first} and +{second} contradict each other: {reason}. "
            f"Leave one of them out."
        )
        self.address = address
        self.labels = (first, second)


@dataclass(frozen=True, slots=True)
class Label:
    """A label that a magic address may carry.

    `takes` names the value after its dash, if there is one; `sample` are the labels of its example, where these are
    more than the label alone.
    """

    name: str
    group: Group
    happens: str
    sample: str = ""
    takes: str = ""

    @property
    def written(self) -> str:
        """The label as it is written, with the value that it takes."""
        return f"{self.name}-<{self.takes}>" if self.takes else self.name

    @property
    def example(self) -> str:
        """An address that carries the label."""
        return f"ada+{self.sample or self.name}@{MAGIC_DOMAIN}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """The outcomes that an address of the reserved domain asks for.

    `decides` is false when it asks for none: then an engagement profile applies, with its times changed by `after` and
    `lag` if given.
    """

    address: str
    labels: tuple[str, ...] = ()
    decides: bool = False
    bounce: Kind | None = None
    not_sent: str | None = None
    """The name of a rule of `send_rules.RULES`."""
    delivery: str | None = None
    """`delivered` or `deferred`."""
    opens: bool = False
    clicks: bool = False
    unsubscribes: Way | None = None
    forwards: bool = False
    opts_in: bool = False
    answers: bool = False
    after: timedelta | None = None
    lag: timedelta | None = None


LABELS: tuple[Label, ...] = (
    Label("delivered", "delivery", "Delivered, and nothing else."),
    Label(
        "deferred",
        "delivery",
        "Delivered at a later try: after 15 minutes, or when `after` says.",
        "deferred+open",
    ),
    Label("open", "reaction", "Opened."),
    Label("click", "reaction", "Opened, and the first link of the email clicked."),
    Label("unsub", "unsubscribe", "Unsubscribes from the list of the send."),
    Label("masterunsub", "unsubscribe", "Unsubscribes from All Subscribers.", "open+masterunsub"),
    Label(
        "complaint",
        "unsubscribe",
        "Reports the message as spam, which unsubscribes from All Subscribers.",
    ),
    Label("forward", "reaction", "Forwards the message to a friend."),
    Label("optin", "reaction", "Forwards the message to a friend, who opts in."),
    Label("survey", "reaction", "Answers a survey."),
    Label("hardbounce", "bounce", "Hard bounce: the mailbox does not exist."),
    Label("softbounce", "bounce", "Soft bounce: the mailbox is full."),
    Label("blockbounce", "bounce", "Block bounce: taken for spam."),
    Label("technicalbounce", "bounce", "Technical/Other bounce: the connection broke."),
    Label("unknownbounce", "bounce", "Unknown bounce: an answer that fits no other category."),
    *(
        Label(f"notsent-{rule.name}", "not sent", f"Not sent, as if {rule.meaning}.")
        for rule in RULES
        if rule.code is not None
    ),
    Label(
        "after",
        "after",
        "All that follows on the send, delivery included, happens this long after it; the SentEvent itself is not "
        "moved. Without it everything happens at once.",
        "open+click+after-2h",
        takes="duration",
    ),
    Label(
        "lag",
        "lag",
        "A Retrieve shows each event this long after it happened, with any lag profile.",
        "open+lag-20m",
        takes="duration",
    ),
)
"""Every label, in the order of the documentation."""

_BY_NAME = {label.name: label for label in LABELS}
_BY_PREFIX = {f"{label.name}-": label for label in LABELS if label.takes}
BOUNCES: dict[str, Kind] = {f"{kind}bounce": kind for kind in CATEGORIES}
"""The kinds of bounces by their labels."""
_UNSUBSCRIBES: dict[str, Way] = {"unsub": "list", "masterunsub": "master", "complaint": "complaint"}

_AGAINST: dict[frozenset[Group], str] = {
    frozenset({"bounce"}): "a message bounces once",
    frozenset({"delivery"}): "a message is delivered once",
    frozenset({"unsubscribe"}): "one of them is enough to leave",
    frozenset({"not sent"}): "one reason is enough",
    frozenset({"after"}): "there is one delay for all that follows",
    frozenset({"lag"}): "there is one lag for all events",
    frozenset({"bounce", "delivery"}): "a message that bounces is not delivered",
    frozenset({"bounce", "reaction"}): "a message that bounces has no reader",
    frozenset({"bounce", "unsubscribe"}): "a message that bounces has no reader",
    frozenset({"not sent", "bounce"}): "what is not sent does not bounce",
    frozenset({"not sent", "delivery"}): "what is not sent is not delivered",
    frozenset({"not sent", "reaction"}): "a message that is not sent has no reader",
    frozenset({"not sent", "unsubscribe"}): "a message that is not sent has no reader",
    frozenset({"not sent", "after"}): "nothing follows on what is not sent",
}


def parse(address: str) -> Wishes | None:
    """Return the wishes of an address, `None` when it is not of the domain `mock.test`.

    Letter case does not matter. Raises `UnknownLabel` for a label that is not in `LABELS`, and `ContradictoryLabels`
    for two that cannot both come true, or the same one twice.
    """
    if MAGIC_DOMAIN not in address.lower():
        return None
    # A text that is too long for an address is read anew each time: the cache is bounded by number only.
    return _parse_kept(address) if len(address) <= _LONGEST_ADDRESS else _parse(address)


def _parse(address: str) -> Wishes | None:
    name, _, domain = address.strip().lower().rpartition("@")
    if domain != MAGIC_DOMAIN:
        return None
    written = tuple(name.split("+")[1:])
    labels = [(text, _label(address, text)) for text in written]
    for at, (text, label) in enumerate(labels):
        for other_text, other in labels[:at]:
            _check_pair(address, other_text, other, text, label)
    return _wishes(address, written, labels)


_LONGEST_ADDRESS = 320
_parse_kept = lru_cache(maxsize=4_096)(_parse)


def _label(address: str, text: str) -> Label:
    if label := _BY_NAME.get(text):
        if label.takes:
            raise UnknownLabel(
                address,
                text,
                f"+{text} lacks its {label.takes}. Write it like +{label.sample.rpartition('+')[2]}.",
            )
        return label
    for prefix, label in _BY_PREFIX.items():
        if text.startswith(prefix):
            return label
    if not text:
        raise UnknownLabel(
            address, text, "there is an empty label. Take out the plus sign that nothing follows."
        )
    near = get_close_matches(text, _BY_NAME, n=3, cutoff=0.5)
    hint = (
        "Nearest: " + ", ".join(f"+{_BY_NAME[name].written}" for name in near)
        if near
        else "Known: " + ", ".join(f"+{label.written}" for label in LABELS)
    )
    raise UnknownLabel(address, text, f"there is no label +{_shown(text)}. {hint}.")


def _check_pair(address: str, first: str, one: Label, second: str, other: Label) -> None:
    if first == second:
        raise ContradictoryLabels(address, first, second, "the same label stands there twice")
    if reason := _AGAINST.get(frozenset({one.group, other.group})):
        raise ContradictoryLabels(address, first, second, reason)


def _wishes(address: str, written: tuple[str, ...], labels: list[tuple[str, Label]]) -> Wishes:
    spans = {label.group: _span(address, text, label) for text, label in labels if label.takes}
    # No two labels of a group can be in one address, but for reactions.
    by_group: dict[Group, str] = {label.group: text for text, label in labels}
    return Wishes(
        address=address,
        labels=written,
        decides=len(spans) < len(labels),
        bounce=BOUNCES.get(by_group.get("bounce", "")),
        not_sent=by_group.get("not sent", "").removeprefix("notsent-") or None,
        delivery=by_group.get("delivery"),
        opens="open" in written,
        clicks="click" in written,
        unsubscribes=_UNSUBSCRIBES.get(by_group.get("unsubscribe", "")),
        forwards="forward" in written or "optin" in written,
        opts_in="optin" in written,
        answers="survey" in written,
        after=spans.get("after"),
        lag=spans.get("lag"),
    )


def _span(address: str, text: str, label: Label) -> timedelta:
    try:
        return parse_duration(text.removeprefix(f"{label.name}-"))
    except DurationUnreadable as unreadable:
        raise UnknownLabel(address, text, f"+{text}: {unreadable}") from None


def _shown(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"

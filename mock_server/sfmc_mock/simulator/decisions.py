"""Decide whether a message is sent to a subscriber of a triggered send: the first rule that matches decides."""

from __future__ import annotations

from typing import NamedTuple

from sfmc_mock.simulator.candidates import Candidate, DecisionOutcome, Rule
from sfmc_mock.simulator.not_sent_codes import CODES, Code
from sfmc_mock.simulator.send_rules import RULES, is_unsubscribed

IN_THE_ANSWER = "synchronous failure"
AT_SEND_TIME = "not sent at send time"
IN_THE_QUEUE = "queued"
NOWHERE = ""


class Decision(NamedTuple):
    """The decision on one subscriber of a triggered send, and its reason.

    `outcome` is send; refuse, reported in the answer as `SubscriberFailures`; queue; or exclude, reported as
    NotSentEvent and in the send log. `code`, `name` and `text` are the service's (`None` and empty when it has none),
    `why`, `remedy` and `where` are for a person, `origin` says how the rule is known.
    """

    outcome: DecisionOutcome
    rule: str
    code: int | None
    name: str
    text: str
    why: str
    remedy: str
    where: str
    origin: str


SEND = Decision("send", "", None, "", "", "", "", "", "documented")
"""The decision on a subscriber whom no rule blocks; `decide` returns the same one with its reason."""


_WHERE: dict[DecisionOutcome, str] = {
    "send": NOWHERE,
    "refuse": IN_THE_ANSWER,
    "queue": IN_THE_QUEUE,
    "exclude": AT_SEND_TIME,
}

# Nearly every candidate has these facts: then only the rules about key and address can apply.
_FACTS = Candidate._fields.index("status")
_USUAL_FACTS = Candidate("", "")[_FACTS:]
_IDENTITY_RULES = RULES[:4]


def decide(candidate: Candidate) -> Decision:
    """Return the decision on the candidate: that of the first rule that applies, or send."""
    for rule in _IDENTITY_RULES if candidate[_FACTS:] == _USUAL_FACTS else RULES:
        if rule.applies(candidate):
            return _verdict(candidate, rule, rule.why(candidate), rule.remedy)
        if candidate.wish == rule.name:
            why = f"{candidate.email_address} asks for it with +notsent-{rule.name}: as if {rule.meaning}."
            return _verdict(candidate, rule, why, "Send to an address without that label.")
    return Decision(
        outcome="send",
        rule="",
        code=None,
        name="",
        text="",
        why=_why_sent(candidate),
        remedy="",
        where=NOWHERE,
        origin="documented",
    )


def _verdict(candidate: Candidate, rule: Rule, why: str, remedy: str) -> Decision:
    outcome = rule.outcome
    if outcome == "refuse" and candidate.queued_for is not None:
        # The call was answered long ago, with OK.
        outcome = "exclude"
    code = None if rule.code is None else CODES[rule.code]
    return Decision(
        outcome=outcome,
        rule=rule.name,
        code=rule.code,
        name=code.name if code else "",
        text=_text(rule, code),
        why=why,
        remedy=remedy,
        where=_WHERE[outcome],
        origin=rule.origin,
    )


def _text(rule: Rule, code: Code | None) -> str:
    if code is None:
        return ""
    return f"Error Code: {code.number} - {rule.sentence}" if rule.sentence else code.text


def _why_sent(candidate: Candidate) -> str:
    who = candidate.email_address
    if is_unsubscribed(candidate):
        return (
            f"{who} is unsubscribed, but the send classification is Operational (transactional), and such a send "
            f"reaches unsubscribed subscribers too."
        )
    if candidate.status == "Bounced":
        return (
            f"{who} has status Bounced, which does not stop a send: only three bounces in a row over more than 14 days "
            f"do, when the status becomes Held."
        )
    return f"No rule blocks {who}: status {candidate.status}, no exclusion matched."

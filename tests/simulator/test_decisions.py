"""The decision whether a subscriber of a triggered send gets a message, and the reason if not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.simulator.addresses import is_valid_address, list_detective_blocks
from sfmc_mock.simulator.candidates import Candidate, Rule, TooLong, WrongValue
from sfmc_mock.simulator.decisions import AT_SEND_TIME, IN_THE_ANSWER, IN_THE_QUEUE, decide
from sfmc_mock.simulator.not_sent_codes import CODES
from sfmc_mock.simulator.send_rules import GIVEN, QUEUE_LIFETIME, RULES

ADA = Candidate(subscriber_key="ada", email_address="ada@mail.example", definition="welcome")

# Every reason that a candidate can have, with the code that it gives.
REASONS: dict[str, tuple[dict[str, object], int | None, str]] = {
    "missingkey": ({"subscriber_key": ""}, 29, "SubscriberKey is empty."),
    "longkey": ({"subscriber_key": "k" * 255}, 30, "255 characters, 254 are allowed"),
    "missingaddress": ({"email_address": ""}, 4, "'ada' has an address"),
    "invalidaddress": ({"email_address": "ada at home"}, 5, "'ada at home' is not of the form"),
    "listdetective": ({"list_detective": "reserved"}, 24, "blocks ada@mail.example: reserved."),
    "domainexclusion": ({"domain_exclusion": "Rivals"}, 23, "domain exclusion 'Rivals'"),
    "unknownowner": ({"unknown_owner": True}, 12, "Owner/Client names an account"),
    "invalidowner": ({"invalid_owner": "ann at home"}, 140, "'ann at home' is not of the form"),
    "missingattribute": ({"missing_attributes": ("Name", "Town")}, 10, "Name, Town."),
    "invalidattribute": (
        {"invalid_attribute": WrongValue("Age", "old", "a number")},
        16,
        "Age is 'old', wanted was a number.",
    ),
    "longattribute": (
        {"long_attribute": TooLong("Name", 50, 73)},
        17,
        "Name has 73 characters, 50 are allowed.",
    ),
    "missingfield": (
        {"missing_fields": ("OrderID",)},
        19,
        "data extension, but not given: OrderID",
    ),
    "invalidfield": (
        {"invalid_field": WrongValue("Total", "x" * 99, "a decimal")},
        20,
        "…', wanted was a decimal.",
    ),
    "takenback": ({"is_taken_back": True}, 37, "took the message out of the queue"),
    "paused": ({"definition_status": "Inactive"}, None, "Definition 'welcome' is Inactive"),
    "cleared": ({"definition_status": "Canceled"}, 39, "'welcome', which is now Canceled."),
    "expired": ({"queued_for": timedelta(days=3, seconds=1)}, 43, "waited 3d1s in the queue"),
    "deleted": ({"status": "Deleted"}, 40, "'ada' is Deleted."),
    "restricted": ({"restricted": True}, 42, "'ada' is restricted."),
    "held": ({"status": "Held"}, 2, "'ada' is Held"),
    "globalunsub": ({"globally_unsubscribed": True}, 118, "global unsubscribe list"),
    "unsubscribed": ({"status": "Unsubscribed"}, 1, "Unsubscribed on All Subscribers"),
    "accountoptout": ({"account_opt_out": True}, 33, "from this business unit"),
    "listoptout": (
        {"list_status": "Unsubscribed", "list_name": "News"},
        31,
        "definition's list 'News'",
    ),
    "optoutlist": ({"opt_out_list": "Quiet ones"}, 28, "opt-out list 'Quiet ones'"),
    "suppressed": ({"suppression_list": "Never"}, 27, "suppression list 'Never'"),
    "excluded": ({"exclusion": "filter Age < 18"}, 102, "filter Age < 18."),
    "builderror": ({"build_error": "no HTML"}, 26, "no HTML."),
}


def with_reason(name: str) -> Candidate:
    return ADA._replace(**REASONS[name][0])  # type: ignore[arg-type]


def test_every_rule_has_its_case_here() -> None:
    assert list(REASONS) == [rule.name for rule in RULES]


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_is_named_with_its_code_and_its_particulars(name: str) -> None:
    _, code, why = REASONS[name]

    decision = decide(with_reason(name))

    assert (decision.rule, decision.code) == (name, code)
    assert why in decision.why
    assert decision.remedy


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_a_code_comes_with_the_services_name_and_text(rule: Rule) -> None:
    decision = decide(with_reason(rule.name))

    code = CODES[decision.code or 0]
    assert decision.name == code.name
    assert decision.text == f"Error Code: {code.number} - {rule.sentence or code.sentence}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "invalidaddress",
            "Error Code: 5 - The Email Address for this subscriber has invalid syntax.",
        ),
        ("listdetective", "Error Code: 24 - Subscriber was excluded by List Detective."),
    ],
)
def test_the_texts_known_from_the_wire(name: str, text: str) -> None:
    assert decide(with_reason(name)).text == text


@pytest.mark.parametrize(
    ("first", "last", "outcome", "where"),
    [
        ("missingkey", "invalidfield", "refuse", IN_THE_ANSWER),
        ("paused", "paused", "queue", IN_THE_QUEUE),
        ("cleared", "builderror", "exclude", AT_SEND_TIME),
    ],
)
def test_reasons_that_the_call_checks_are_refused_and_others_noticed_later(
    first: str, last: str, outcome: str, where: str
) -> None:
    names = list(REASONS)

    decided = [
        decide(with_reason(name)) for name in names[names.index(first) : names.index(last) + 1]
    ]

    assert {(decision.outcome, decision.where) for decision in decided} == {(outcome, where)}


def test_no_rule_blocks_an_active_subscriber() -> None:
    decision = decide(ADA)

    assert (decision.outcome, decision.code, decision.text) == ("send", None, "")
    assert "status Active" in decision.why


def test_bounced_does_not_stop_a_send() -> None:
    decision = decide(ADA._replace(status="Bounced"))

    assert decision.outcome == "send"
    assert "Bounced, which does not stop a send" in decision.why


@pytest.mark.parametrize("name", ["unsubscribed", "accountoptout", "listoptout"])
def test_a_transactional_send_reaches_the_unsubscribed(name: str) -> None:
    decision = decide(with_reason(name)._replace(classification="Operational"))

    assert decision.outcome == "send"
    assert "Operational (transactional)" in decision.why


def test_a_transactional_send_may_honor_list_opt_outs() -> None:
    honoring = with_reason("listoptout")._replace(
        classification="Operational", honors_list_opt_outs=True
    )

    assert decide(honoring).code == 31


@pytest.mark.parametrize("name", ["held", "deleted", "globalunsub", "suppressed", "excluded"])
def test_a_transactional_send_does_not_get_past_the_rest(name: str) -> None:
    decision = decide(with_reason(name)._replace(classification="Operational"))

    assert decision.rule == name


def test_a_paused_definition_keeps_a_message_for_three_days() -> None:
    paused = ADA._replace(definition_status="Inactive", queued_for=QUEUE_LIFETIME)

    assert decide(paused).outcome == "queue"
    assert decide(paused._replace(queued_for=QUEUE_LIFETIME + timedelta(seconds=1))).code == 43


def test_a_queued_message_is_not_refused_later() -> None:
    decision = decide(with_reason("domainexclusion")._replace(queued_for=timedelta(hours=1)))

    assert (decision.outcome, decision.where, decision.code) == ("exclude", AT_SEND_TIME, 23)


@pytest.mark.parametrize("rule", GIVEN.values(), ids=lambda rule: rule.name)
def test_a_wish_makes_a_rule_apply(rule: Rule) -> None:
    address = f"ada+notsent-{rule.name}@mock.test"

    decision = decide(ADA._replace(email_address=address, wish=rule.name))

    assert (decision.rule, decision.code, decision.outcome) == (rule.name, rule.code, rule.outcome)
    assert decision.why == f"{address} asks for it with +notsent-{rule.name}: as if {rule.meaning}."
    assert decision.remedy == "Send to an address without that label."


def test_a_reason_that_is_asked_earlier_goes_before_a_wish() -> None:
    assert decide(with_reason("missingattribute")._replace(wish="held")).rule == "missingattribute"


candidates = st.lists(st.sampled_from(list(REASONS)), max_size=3).map(
    lambda names: ADA._replace(
        **{field: value for name in names for field, value in REASONS[name][0].items()}  # type: ignore[arg-type]
    )
)


@given(candidates, st.none() | st.sampled_from([rule.name for rule in GIVEN.values()]))
def test_the_first_rule_that_applies_decides(candidate: Candidate, wish: str | None) -> None:
    """The short cut for ordinary subscribers included."""
    asked = candidate._replace(wish=wish)

    applying = [rule.name for rule in RULES if rule.applies(asked) or rule.name == wish]

    assert decide(asked).rule == (applying[0] if applying else "")


@pytest.mark.parametrize(
    "address",
    [
        "ada@mail.example",
        "ada+open+after-1.5h@mock.test",
        "a@b.co",
        "o'hara_1@sub.mail-host.example",
        "x" * 64 + "@mail.example",
        "ada@xn--bcher-kva.xn--p1ai",
    ],
)
def test_valid_addresses(address: str) -> None:
    assert is_valid_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@mail.example",
        "ada@mail",
        "ada@mail.e",
        "ada@@mail.example",
        "ada@mail..example",
        "ada@-mail.example",
        "ada@mail.example.",
        ".ada@mail.example",
        "ada.@mail.example",
        "a..da@mail.example",
        "ada lovelace@mail.example",
        "ada,bob@mail.example",
        "Ada <ada@mail.example>",
        '"ada"@mail.example',
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "\u00e4da@mail.example",
        "ada@mail.example\n",
        "x" * 65 + "@mail.example",
        "ada@" + 30 * "longlabel." + "example",
    ],
)
def test_invalid_addresses(address: str) -> None:
    assert not is_valid_address(address)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("help@example.com", "example.com is reserved"),
        ("Help@Sub.Example.ORG", "sub.example.org is reserved"),
        ("ada@host.invalid", "host.invalid is reserved"),
        ("ada@localhost", "localhost is reserved"),
        ("foo@bar.aaaa", "there is no top-level domain aaaa"),
        ("notaspamtrap@mail.co", "holds the word spam"),
        ("ada@blocklist.co", "holds the word blocklist"),
        ("abuse+x@mail.co", "is the address of a role"),
    ],
)
def test_list_detective_says_why_it_blocks(address: str, reason: str) -> None:
    assert reason in (list_detective_blocks(address) or "")


@pytest.mark.parametrize(
    "address", ["ada@mail.co", "ada+open@mock.test", "ada@myexample.com", "ada@x.aaa"]
)
def test_list_detective_lets_ordinary_and_magic_addresses_through(address: str) -> None:
    assert list_detective_blocks(address) is None


def test_the_codes_are_those_of_the_reference() -> None:
    reference = Path(__file__).parents[2].parent / "shared" / "reference" / "api-behaviour.md"
    if not reference.exists():
        pytest.skip(f"no {reference}: the reference is not part of this project")
    listed = next(
        line
        for line in reference.read_text(encoding="utf-8").splitlines()
        if line.startswith("1 Unsubscribed;")
    )

    assert {f"{number} {code.name}" for number, code in CODES.items() if number < 44} <= {
        entry.strip(" .").removesuffix(" (DE)") for entry in listed.split(";")
    }


def test_every_code_is_given_by_a_rule() -> None:
    assert list(CODES) == sorted(GIVEN)

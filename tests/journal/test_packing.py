"""Messages of past calls are compressed, and read back unchanged."""

from __future__ import annotations

import pytest

from sfmc_mock.journal import Exchange, Journal
from sfmc_mock.journal.exchange import pack_messages
from sfmc_mock.journal.packing import Abridged, Packed, pack

CALLS = 400
BODY = b"<Envelope><Password>secret</Password><Key>%d</Key>" + b"<Value>x</Value>" * 100


def recorded(journal: Journal, count: int = CALLS) -> list[Exchange]:
    for number in range(count):
        journal.record(Exchange(request=BODY % number, answer=b"answer %d" % number))
    return list(journal)


def test_messages_are_given_back() -> None:
    messages = [b"", b"one", bytes(range(256)), b"x" * 100_000]

    assert [bytes(each) for each in pack(messages)] == messages


@pytest.mark.parametrize("own", [["1", "two"], ["", ""]])
def test_an_abridged_request_is_read_and_found_as_a_whole_one(own: list[str]) -> None:
    pieces = ("<A><Password>", "</Password><Key>", "</Key>\xc3\xa9</A>")
    whole = f"{pieces[0]}{own[0]}{pieces[1]}{own[1]}{pieces[2]}"
    abridged = Abridged(pieces, own)
    journal = Journal()
    exchange = Exchange(request=abridged, request_size=len(whole), answer=b"answer")
    journal.record(exchange)
    recorded(journal)

    (found,) = journal.search(text=f"<key>{own[1]}</key>é", limit=1)

    assert (
        found.request
        == f"<A><Password>{'***' if own[0] else ''}</Password><Key>{own[1]}</Key>é</A>"
    )
    assert found.request_size == len(whole)
    assert exchange.weight < 1_200


@pytest.mark.parametrize("number", [0, 150, CALLS - 1])
def test_an_old_call_is_read_as_a_new_one(number: int) -> None:
    found = recorded(Journal())[number]

    assert found.request == (BODY % number).decode().replace("secret", "***")
    assert found.answer == f"answer {number}"
    assert found.request_size == len(BODY % number)


def test_a_message_is_read_while_it_is_compressed(monkeypatch) -> None:
    exchange = Exchange(answer=b"<Password>secret</Password>")
    kept = Exchange.__dict__["_answer"]

    def packed_meanwhile(it: Exchange) -> object:
        monkeypatch.undo()
        found = kept.__get__(it)
        pack_messages([it])
        return found

    monkeypatch.setattr(Exchange, "_answer", property(packed_meanwhile))

    assert exchange.answer == "<Password>***</Password>"
    assert isinstance(exchange._answer, Packed)


def test_a_call_that_was_read_is_compressed_as_others() -> None:
    journal, read = Journal(), Journal(on_record=lambda exchange: exchange.request)

    assert [each.weight for each in recorded(read)] == [each.weight for each in recorded(journal)]


def test_old_calls_weigh_less() -> None:
    journal = Journal()

    exchanges = recorded(journal)

    assert exchanges[0].weight < len(BODY)
    assert journal._bytes == sum(each.weight for each in exchanges)


def test_a_large_call_weighs_less_at_once() -> None:
    journal = Journal()
    answer = b"".join(b"<Value>%d</Value>" % number for number in range(5_000))
    journal.record(Exchange(answer=answer))

    (exchange,) = journal
    assert exchange.weight < len(answer) / 2
    assert exchange.weight == journal._bytes
    assert exchange.answer.startswith("<Value>0</Value><Value>1</Value>")


def test_the_size_stays_right_when_the_oldest_go() -> None:
    journal = Journal(max_exchanges=20)

    exchanges = recorded(journal)

    assert journal._bytes == sum(each.weight for each in exchanges)


def test_a_message_that_was_read_before_stays_readable() -> None:
    journal = Journal()
    journal.record(Exchange(request=BODY % 7))
    shown = journal.get(1).request  # type: ignore[union-attr]

    recorded(journal)

    assert journal.get(1).request == shown  # type: ignore[union-attr]


def test_a_search_finds_what_is_compressed() -> None:
    journal = Journal()
    recorded(journal)

    assert len(journal.search(text="<key>150</key>")) == 1


def test_a_journal_that_was_cleared_begins_anew() -> None:
    journal = Journal()
    recorded(journal)
    journal.clear()

    exchanges = recorded(journal, 3)

    assert journal._bytes == sum(each.weight for each in exchanges)


def test_a_call_that_stays_when_others_are_forgotten_is_compressed_later() -> None:
    journal = Journal()
    journal.record(Exchange(account=1, request=BODY % 0))
    journal.clear(2)

    exchanges = recorded(journal)

    assert exchanges[0].weight < len(BODY)
    assert journal._bytes == sum(each.weight for each in exchanges)

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.browsing import Browsing
from tests.support.control import SEED

from sfmc_mock.inspector.pages import data
from sfmc_mock.objects import HANDLERS
from sfmc_mock.store import event_totals

DATA = """
[[data_extension]]
key = "orders/2026"
name = "Orders"
fields = [
  {name = "Id", type = "Text", max_length = 20, is_primary_key = true},
  {name = "Amount", type = "Number"},
]
rows = [{Id = "a", Amount = 3}, {Id = "b", Amount = 12}, {Id = "=c", Amount = 7}]
"""
ROWS = "/data/DataExtensionObject?of=orders/2026"


@pytest.fixture
def browsing() -> Iterator[Browsing]:
    found = Browsing(SEED + DATA)
    yield found
    assert found.app.control.problems == []
    found.close()


def column(browsing: Browsing, path: str, number: int) -> list[str]:
    page = browsing.see(path)
    assert page.status == 200, page.words
    return [each.text_content() for each in page.find(f"//main//table//tbody//td[{number}]")]


@pytest.mark.parametrize(
    "object_type",
    [
        name
        for name, each in HANDLERS.items()
        if each.is_retrieved and name != "DataExtensionObject"
    ],
)
def test_every_object_that_can_be_retrieved_has_a_page_and_a_file(
    browsing: Browsing, object_type: str
) -> None:
    browsing.send("ada+open+click@mock.test")
    page = browsing.see(f"/data/{object_type}")
    assert page.status == 200, page.words
    assert browsing.see("/data").links(f"/data/{object_type}")
    rows = page.find("//main//table[@class='grid']//tbody//td[1]/a/@href")
    if rows:
        assert browsing.see(rows[0]).status == 200
    assert browsing.see(f"/data/{object_type}/file.csv").text.count("\r\n") == len(rows) + 1


@pytest.mark.parametrize("path", ["TriggeredSendSummary", "TriggeredSendSummary/1", "Send"])
def test_counters_say_that_events_are_still_being_counted(
    browsing: Browsing, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(event_totals, "_AT_ONCE", 2)
    monkeypatch.setattr(data, "_SECONDS_TO_COUNT", 0)
    browsing.send("ada+open+click@mock.test")
    assert "Still counting events" in browsing.see(f"/data/{path}").words
    assert "Still counting events" not in browsing.see(f"/data/{path}").words


def test_rows_of_a_data_extension_are_filtered_and_sorted(browsing: Browsing) -> None:
    assert column(browsing, ROWS, 2) == ["a", "b", "=c"]
    assert column(browsing, ROWS + "&sort=Amount", 2) == ["a", "=c", "b"]
    assert column(browsing, ROWS + "&sort=Amount&descending=1", 2) == ["b", "=c", "a"]
    assert column(browsing, ROWS + "&property=Amount&operator=greaterThan&value=5", 2) == [
        "b",
        "=c",
    ]
    assert column(browsing, ROWS + "&property=Id&operator=like&value=c", 2) == ["=c"]
    assert browsing.see(ROWS + "&property=Nope&value=1").status == 400
    assert browsing.see(ROWS + "&property=Id&operator=evil&value=1").status == 400
    assert browsing.see(ROWS + "&property=Amount&operator=equals&value=many").status == 400


def test_rows_are_turned_page_by_page_and_written_to_one_file(browsing: Browsing) -> None:
    for number in range(60):
        browsing.send(f"a{number:02}@mock.test")
    first = browsing.see("/data/Subscriber")
    (more,) = first.find("//a[@rel='next']/@href")
    rest = column(browsing, more, 1)
    assert len(rest) == 10
    assert browsing.see("/data/Subscriber/file.csv").text.count("\r\n") == 61


def test_a_missing_object_is_an_error_in_words(browsing: Browsing) -> None:
    assert "There are:" in browsing.see("/data/Nothing").words
    assert "does not exist" in browsing.see("/data/DataExtensionObject?of=nothing").words
    assert browsing.see("/data/List/999999").status == 404


def test_definitions_are_started_paused_and_refreshed(browsing: Browsing) -> None:
    page = browsing.see("/data/TriggeredSendDefinition")
    numbers = dict(
        zip(
            page.find("//section//form//span[@class='muted'][1]/bdi/text()"),
            page.find("//input[@name='definition']/@value"),
            strict=True,
        )
    )
    browsing.send("ada@mock.test", "paused")
    done = browsing.submit("/definitions", do="start", definition=numbers["paused"])
    assert "The definition 'paused' is started." in browsing.see(done.location).words
    assert browsing.get("/sends/1").body["sent"] == 1
    browsing.submit("/definitions", do="pause", definition=numbers["welcome"])
    done = browsing.submit("/definitions", do="refresh", definition=numbers["welcome"])
    assert "refreshed" in browsing.see(done.location).words
    browsing.send("bob@mock.test")
    assert browsing.get("/sends/2").body["queued"] == 1
    for wrong in ({"do": "explode", "definition": "1"}, {"do": "start", "definition": "9" * 30}):
        assert browsing.submit("/definitions", **wrong).status == 303


def test_a_subscriber_has_a_page_with_lists_and_history(browsing: Browsing) -> None:
    browsing.send("ada+unsub@mock.test")
    words = browsing.see("/subscriber?key=ada%2Bunsub@mock.test").words
    assert "Unsubscribe of job" in words
    assert browsing.see("/subscriber?key=nobody").status == 404


def test_folders_are_a_tree(browsing: Browsing) -> None:
    assert browsing.see("/data/DataFolder").find("//div[@class='tree']//li")


def test_a_mistyped_object_gets_a_suggestion(browsing: Browsing) -> None:
    page = browsing.see("/data/Lisst")

    assert page.status == 404
    assert "Did you mean List" in page.words
    assert "There are:" not in page.words

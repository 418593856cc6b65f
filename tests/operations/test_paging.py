"""Pages of a Retrieve: how they are requested, and that none is lost, repeated or stored forever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.support.soap_app import Answer, SoapApp, joint, simple

from sfmc_mock.account.retrieve_continuations import CONTINUATION_LIFE

KEYS = ["a", "b", "c", "d", "e"]
UNKNOWN = "Error: The RequestID sent through ContinueRequest does not exist."


def add(app: SoapApp, *keys: str) -> None:
    content = "".join(
        f'<Objects xsi:type="DataExtension"><CustomerKey>{key}</CustomerKey><Name>{key}</Name><Fields><Field>'
        "<Name>A</Name><FieldType>Number</FieldType></Field></Fields></Objects>"
        for key in keys
    )
    assert app.call("Create", content).overall == "OK"


def add_rows(app: SoapApp, key: str, count: int) -> None:
    content = "".join(
        f'<Objects xsi:type="DataExtensionObject"><CustomerKey>{key}</CustomerKey><Properties><Property>'
        f"<Name>A</Name><Value>{number}</Value></Property></Properties></Objects>"
        for number in range(count)
    )
    assert app.call("Create", content).overall == "OK"


@pytest.fixture
def app(make_app: Callable[..., SoapApp]) -> SoapApp:
    """An application with two results per page, and an account with five data extensions."""
    made = make_app(page_size=2)
    add(made, *KEYS)
    return made


def first(app: SoapApp, rest: str = "") -> Answer:
    return app.retrieve("DataExtension", ["CustomerKey"], rest=rest)


def names(*answers: Answer) -> list[str]:
    return [name for answer in answers for name in answer.texts("Results", "CustomerKey")]


def all_pages(app: SoapApp, answer: Answer, rest: str = "") -> list[Answer]:
    """Return the answer and the following ones, each requested with the RequestID of the one before."""
    found = [answer]
    while found[-1].overall == "MoreDataAvailable":
        found.append(app.resume(found[-1].request_id, rest))
    return found


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "<ObjectType>DataExtension</ObjectType>",
        "<ObjectType/>",
        '<ObjectType xsi:nil="true"/>',
        "<ObjectType>DataExtension</ObjectType><Properties>CustomerKey</Properties>"
        + simple("CustomerKey", "equals", "b"),
        "<Options><BatchSize>1</BatchSize></Options>",
    ],
    ids=["alone", "repeated", "empty", "nil", "everything repeated", "with BatchSize"],
)
def test_pages_follow_one_another_however_the_next_is_asked_for(app: SoapApp, rest: str) -> None:
    """SDKs repeat the whole request, send an empty object type, or only send the ContinueRequest."""
    pages = all_pages(app, first(app), rest)

    assert [names(page) for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert [page.overall for page in pages] == ["MoreDataAvailable", "MoreDataAvailable", "OK"]


def test_every_page_has_a_request_id_of_its_own(app: SoapApp) -> None:
    pages = all_pages(app, first(app))

    assert len({page.request_id for page in pages}) == 3


def test_a_last_page_that_is_full_promises_no_other(app: SoapApp) -> None:
    answer = app.retrieve("DataExtension", ["CustomerKey"], simple("CustomerKey", "IN", "a", "b"))

    assert (answer.overall, names(answer)) == ("OK", ["a", "b"])


def test_the_page_after_a_last_one_does_not_exist(app: SoapApp) -> None:
    last = all_pages(app, first(app))[-1]

    assert app.resume(last.request_id).overall == UNKNOWN


@pytest.mark.parametrize(
    "request_id", ["00000000-0000-0000-0000-000000000000", "x", "' OR '1'='1", "☃" * 1_000]
)
def test_an_unknown_request_id_is_refused_in_the_services_words(
    app: SoapApp, request_id: str
) -> None:
    """Text: seen live."""
    answer = app.resume(request_id)

    assert (answer.status, answer.overall, answer.results) == (200, UNKNOWN, [])


def test_blanks_around_a_request_id_do_not_matter(app: SoapApp) -> None:
    assert names(app.resume(f"\n  {first(app).request_id} ")) == ["c", "d"]


def test_an_empty_continue_request_asks_anew(app: SoapApp) -> None:
    assert names(first(app, "<ContinueRequest/>")) == ["a", "b"]


def test_asking_twice_for_the_same_page_gives_it_twice(app: SoapApp) -> None:
    second = app.resume(first(app).request_id)

    once, again = app.resume(second.request_id), app.resume(second.request_id)

    assert names(once) == names(again) == ["e"]


def test_the_first_request_id_alone_leads_through_all_pages(app: SoapApp) -> None:
    """Some clients never use the later ones (assumed to work)."""
    start = first(app)

    pages = [start, app.resume(start.request_id), app.resume(start.request_id)]

    assert names(*pages) == KEYS
    assert pages[-1].overall == "OK"


def test_a_page_can_be_asked_for_while_the_accounts_clock_allows_it(app: SoapApp) -> None:
    start = first(app)

    app.account.change_clock(lambda clock: clock.advance(CONTINUATION_LIFE))
    in_time = app.resume(start.request_id)
    app.account.change_clock(lambda clock: clock.advance(CONTINUATION_LIFE + timedelta(seconds=1)))
    too_late = app.resume(in_time.request_id)

    assert names(in_time) == ["c", "d"]
    assert too_late.overall == UNKNOWN


@pytest.mark.parametrize(
    ("asked", "size"), [("1", 1), ("2", 2), ("3", 2), ("999999999", 2), ("0", 2), ("-5", 2)]
)
def test_a_page_is_the_smaller_of_batch_size_and_the_servers(
    app: SoapApp, asked: str, size: int
) -> None:
    """Documented."""
    answer = first(app, f"<Options><BatchSize>{asked}</BatchSize></Options>")

    assert len(answer.results) == size


def test_batch_size_holds_for_the_pages_that_follow(app: SoapApp) -> None:
    start = first(app, "<Options><BatchSize>1</BatchSize></Options>")

    assert [len(page.results) for page in all_pages(app, start)] == [1, 1, 1, 1, 1]


def test_the_page_size_of_the_service_is_2500(make_app: Callable[..., SoapApp]) -> None:
    """Documented."""
    app = make_app()
    add(app, "rows")
    add_rows(app, "rows", 2_501)

    pages = all_pages(app, app.retrieve("DataExtensionObject[rows]", ["A"]))

    assert [len(page.results) for page in pages] == [2_500, 1]


@pytest.mark.parametrize(("rows", "sizes"), [(500, [250, 250]), (501, [250, 250, 1])])
def test_a_page_ends_where_rows_that_are_read_together_end(
    make_app: Callable[..., SoapApp], rows: int, sizes: list[int]
) -> None:
    app = make_app(page_size=250)
    add(app, "rows")
    add_rows(app, "rows", rows)

    pages = all_pages(app, app.retrieve("DataExtensionObject[rows]", ["A"]))

    assert [len(page.results) for page in pages] == sizes
    assert [row["A"] for page in pages for row in page.rows] == [str(n) for n in range(rows)]


def test_rows_of_data_extensions_come_in_pages_too(app: SoapApp) -> None:
    add_rows(app, "a", 5)

    start = app.retrieve("DataExtensionObject[a]", ["A"], simple("A", "lessThan", "4"))
    pages = all_pages(app, start)

    assert [[row["A"] for row in page.rows] for page in pages] == [["0", "1"], ["2", "3"]]


def test_rows_added_between_two_pages_come_with_a_later_one(app: SoapApp) -> None:
    start = first(app)

    add(app, "f")

    assert names(*all_pages(app, start)) == [*KEYS, "f"]


def test_rows_deleted_between_two_pages_do_not_shift_the_next(app: SoapApp) -> None:
    start = first(app)

    app.call("Delete", '<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey></Objects>')

    assert names(app.resume(start.request_id)) == ["c", "d"]


def test_no_account_continues_the_retrieve_of_another(
    app: SoapApp, make_app: Callable[..., SoapApp]
) -> None:
    start = first(app)

    assert make_app(page_size=2).resume(start.request_id).overall == UNKNOWN


def test_two_callers_page_side_by_side_without_taking_from_one_another(app: SoapApp) -> None:
    starts = [first(app), first(app)]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda start: names(*all_pages(app, start)), starts))

    assert found == [KEYS, KEYS]
    assert app.problems == []


def test_the_source_of_a_continued_retrieve_may_be_gone(app: SoapApp) -> None:
    add_rows(app, "a", 3)
    start = app.retrieve("DataExtensionObject[a]", ["A"])

    app.call("Delete", '<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey></Objects>')

    assert app.resume(start.request_id).overall == "Error: Data extension does not exist: a"
    assert app.problems == []


def test_the_column_of_a_continued_filter_may_be_gone(app: SoapApp) -> None:
    add_rows(app, "a", 5)
    field = "<Field><Name>B</Name></Field>"
    app.call(
        "Update",
        f'<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey><Fields>{field}</Fields></Objects>',
    )
    start = app.retrieve("DataExtensionObject[a]", ["A"], simple("B", "isNull"))
    found = app.retrieve("DataExtensionField", ["ObjectID"], simple("Name", "equals", "B"))
    gone = f"<Field><ObjectID>{found.texts('Results', 'ObjectID')[0]}</ObjectID></Field>"

    app.call(
        "Delete",
        f'<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey><Fields>{gone}</Fields></Objects>',
    )

    assert start.overall == "MoreDataAvailable"
    assert app.resume(start.request_id).overall == (
        "Error: The Filter Property 'B' is not a retrievable property."
    )


def test_a_nested_filter_holds_for_the_pages_that_follow(app: SoapApp) -> None:
    add_rows(app, "a", 9)
    few = joint(simple("A", "greaterThan", "3"), "AND", simple("A", "lessThan", "6"))
    condition = joint(simple("A", "equals", "1"), "OR", few, simple("A", "IN", "7", "8"))

    pages = all_pages(app, app.retrieve("DataExtensionObject[a]", ["A"], condition))

    assert [[row["A"] for row in page.rows] for page in pages] == [["1", "4"], ["5", "7"], ["8"]]


def test_each_of_several_alike_retrieves_is_warned(app: SoapApp) -> None:
    def asked(name: str) -> tuple[str, ...]:
        assert app.retrieve("DataExtension", [name]).overall == "MoreDataAvailable"
        return app.warnings

    first_time, again = asked("customerkey"), asked("customerkey")

    assert len(first_time) == 1
    assert again == first_time
    assert asked("CustomerKey") == ()


def test_a_column_that_is_gone_is_not_answered_from_memory(app: SoapApp) -> None:
    def asked(name: str) -> str:
        return app.retrieve("DataExtensionObject[a]", [name]).overall

    add_rows(app, "a", 1)
    before = [asked("A"), asked("B")]
    app.call("Delete", '<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey></Objects>')
    content = (
        '<Objects xsi:type="DataExtension"><CustomerKey>a</CustomerKey><Name>a</Name><Fields><Field>'
        "<Name>B</Name><FieldType>Number</FieldType></Field></Fields></Objects>"
    )
    assert app.call("Create", content).overall == "OK"

    assert before == ["OK", "Error: Invalid column name 'B'."]
    assert [asked("A"), asked("B")] == ["Error: Invalid column name 'A'.", "OK"]

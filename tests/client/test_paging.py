from __future__ import annotations

import pytest
from tests.support import partner_answers as answers
from tests.support.fake_service import Answer, FakeService, client_for
from tests.support.partner_answers import retrieved, subscriber

from sfmc_client import (
    APIObject,
    ConnectFailed,
    ConnectionLost,
    NotFound,
    P,
    Retrieval,
    RetrieveFailed,
    ServiceUnavailable,
    TimedOut,
    TooManyFound,
    TransportError,
    UnreadableAnswer,
)


def subscribers(service: FakeService, **options) -> Retrieval[APIObject]:
    return client_for(service).retrieve("Subscriber", ["SubscriberKey"], **options)


def page(*keys: str, more: bool = True, request_id: str = "request-1") -> bytes:
    status = "MoreDataAvailable" if more else "OK"
    return retrieved(map(subscriber, keys), status=status, request_id=request_id)


def test_each_page_continues_the_request_of_the_one_before() -> None:
    service = FakeService(
        page("a", "b", request_id="r-1"),
        page("c", request_id="r-2"),
        page("d", more=False, request_id="r-3"),
    )

    keys = [item["SubscriberKey"] for item in subscribers(service)]

    assert keys == ["a", "b", "c", "d"]
    assert [request.texts("ContinueRequest") for request in service.received] == [
        [],
        ["r-1"],
        ["r-2"],
    ]


def test_a_later_page_repeats_the_question_but_not_what_belongs_to_the_first() -> None:
    service = FakeService(page("a"), page("b", more=False))

    subscribers(service, filter=P("ID").equals(1), batch_size=1, since_last_batch=True).all()

    assert service.last.outline() == (
        "<RetrieveRequestMsg><RetrieveRequest><ObjectType>Subscriber</ObjectType><Properties>SubscriberKey</Properties>"
        "<Filter type=SimpleFilterPart><Property>ID</Property><SimpleOperator>equals</SimpleOperator><Value>1</Value>"
        "</Filter><ContinueRequest>request-1</ContinueRequest><Options><BatchSize>1</BatchSize></Options>"
        "</RetrieveRequest></RetrieveRequestMsg>"
    )


def test_pages_come_one_by_one_with_their_exchanges() -> None:
    service = FakeService(page("a", "b"), page("c", more=False))

    pages = list(subscribers(service).pages())

    assert [(len(p), p.more) for p in pages] == [(2, True), (1, False)]
    assert b"<SubscriberKey>c</SubscriberKey>" in pages[1].exchange.response


def test_a_page_is_fetched_only_when_it_is_wanted() -> None:
    service = FakeService(page("a", "b"))

    first = subscribers(service).first()

    assert first is not None
    assert first["SubscriberKey"] == "a"
    assert len(service.received) == 1


def test_nothing_found_is_an_empty_list_and_no_first() -> None:
    assert subscribers(FakeService(retrieved())).all() == []
    assert subscribers(FakeService(retrieved())).first() is None


def test_the_only_one_is_returned() -> None:
    assert subscribers(FakeService(page("a", more=False))).one()["SubscriberKey"] == "a"


def test_none_where_one_was_wanted_is_not_found() -> None:
    with pytest.raises(
        NotFound, match=r"^Retrieve of Subscriber where ID equals 1: no object found\."
    ):
        subscribers(FakeService(retrieved()), filter=P("ID").equals(1)).one()


@pytest.mark.parametrize(
    "service", [FakeService(page("a", "b", more=False)), FakeService(page("a"), page("b"))]
)
def test_several_where_one_was_wanted_are_too_many(service) -> None:
    with pytest.raises(TooManyFound, match="more than one object found"):
        subscribers(service).one()


def test_each_iteration_asks_anew() -> None:
    service = FakeService(page("a", more=False), page("a", "b", more=False))
    found = subscribers(service)

    assert (len(found.all()), len(found.all())) == (1, 2)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (answers.RATE_LIMITED, ServiceUnavailable),
        (
            retrieved(status="Error: The RequestID sent through ContinueRequest does not exist."),
            RetrieveFailed,
        ),
        (Answer(b"<html>gone</html>", status=502), UnreadableAnswer),
        (ConnectFailed("No connection."), ConnectFailed),
        (ConnectionLost("Cut off."), ConnectionLost),
        (TimedOut("Too late."), TimedOut),
    ],
    ids=["fault", "error status", "no SOAP", "refused", "cut off", "timeout"],
)
def test_trouble_between_pages_says_how_much_had_come(trouble, error) -> None:
    service = FakeService(page("a", "b"), page("c"), *[trouble] * 3)
    received: list[APIObject] = []

    with pytest.raises(
        error, match=r" 3 objects were received before; the rest is missing\.$"
    ) as failure:
        received.extend(subscribers(service))

    assert failure.value.objects_received == len(received) == 3


def test_trouble_on_the_first_page_says_nothing_of_objects() -> None:
    with pytest.raises(RetrieveFailed) as failure:
        subscribers(FakeService(retrieved(status="Error: no"))).all()

    assert failure.value.objects_received is None
    assert "had come" not in str(failure.value)


def test_a_lost_first_page_is_asked_for_again() -> None:
    service = FakeService(ConnectionLost("Cut off."), page("a", more=False))

    assert len(subscribers(service).all()) == 1


def test_a_lost_later_page_is_not_asked_for_again() -> None:
    """The service may have moved on and answer with the next page: rows would be missing."""
    service = FakeService(page("a"), ConnectionLost("Cut off."), page("c", more=False))

    with pytest.raises(ConnectionLost):
        subscribers(service).all()

    assert len(service.received) == 2


@pytest.mark.parametrize("once", ["since_last_batch", "repeat_last_result"])
def test_a_batch_that_the_service_answers_once_is_not_asked_for_again(once) -> None:
    service = FakeService(ConnectionLost("Cut off."), page("a", more=False))

    with pytest.raises(ConnectionLost):
        subscribers(service, **{once: True}).all()

    assert len(service.received) == 1


def test_a_later_page_is_asked_for_again_if_nothing_was_sent() -> None:
    service = FakeService(page("a"), ConnectFailed("No connection."), page("b", more=False))

    assert [item["SubscriberKey"] for item in subscribers(service)] == ["a", "b"]


@pytest.mark.parametrize(
    "pages", [[page("a", request_id="")], [page("a"), *[page()] * 3]], ids=["no id", "always empty"]
)
def test_endless_empty_pages_are_stopped(pages) -> None:
    with pytest.raises(UnreadableAnswer, match="announced more pages and did not send them"):
        subscribers(FakeService(*pages)).all()


def test_an_empty_page_in_between_is_passed_over() -> None:
    service = FakeService(page("a"), page(), page("b", more=False))

    assert len(subscribers(service).all()) == 2


def test_every_error_between_pages_is_one_family() -> None:
    assert issubclass(UnreadableAnswer, TransportError)

"""One thread reads many connections, and none of them delays the others."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from tests.support.raw_http import RawClient

from sfmc_mock.http import MORE, Later


class Gate:
    """Answers at once, except `/wait`, which waits until the gate is opened."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.entered.release()
            assert self.open.wait(60)
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]


WAIT = b"GET /wait HTTP/1.1\r\nHost: test\r\n\r\n"


def test_connections_that_rest_have_no_threads(serve):
    server = serve()
    before = {*threading.enumerate()}
    with ExitStack() as clients:
        for _ in range(20):
            assert clients.enter_context(RawClient(server.port)).get().status == 200

        # One more watches where the first is held up.
        assert len({*threading.enumerate()} - before) < 20


def test_connections_may_rest_for_months(serve):
    with RawClient(serve(idle_timeout=10_000_000).port) as client:
        assert client.get().status == 200


def test_requests_that_take_long_hold_up_no_other(serve):
    gate = Gate()
    server = serve(gate)
    with ExitStack() as clients:
        first, second, third = (clients.enter_context(RawClient(server.port)) for _ in range(3))
        for each in (first, second):
            each.send(WAIT)
            assert gate.entered.acquire(timeout=60)

        answered = [third.get().status for _ in range(3)]
        gate.open.set()
        released = [each.answer().body for each in (first, second)]
        again = [each.get("/again").body for each in (first, second)]

    assert answered == [200] * 3
    assert released == [b"/wait"] * 2
    assert again == [b"/again"] * 2


def test_a_request_behind_one_that_takes_long_is_answered_on_its_own_connection(serve):
    gate = Gate()
    server = serve(gate)
    with RawClient(server.port) as client:
        client.send(WAIT + WAIT.replace(b"/wait", b"/next"))
        assert gate.entered.acquire(timeout=60)
        gate.open.set()

        bodies = [client.answer().body for _ in range(2)]

    assert bodies == [b"/wait", b"/next"]


def test_a_client_that_leaves_while_its_request_takes_long_is_forgotten(serve):
    gate = Gate()
    server = serve(gate, max_connections=1)
    with RawClient(server.port) as client:
        client.send(WAIT)
        assert gate.entered.acquire(timeout=60)
    gate.open.set()
    for _ in range(60_000):
        if not server._connections:
            break
        time.sleep(0.001)

    with RawClient(server.port) as client:
        assert client.get().status == 200


def test_the_watch_goes_from_thread_to_thread(serve):
    seen = set()
    body = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n" + b"x" * 60_000

    def app(environ, start_response):
        seen.add(threading.get_ident())
        start_response("200 OK", [])
        return [b"done"]

    with RawClient(serve(app).port) as client:
        answers = {client.send(body).answer().body for _ in range(150)}

    assert answers == {b"done"}
    assert len(seen) > 1


def test_a_stop_waits_for_a_request_that_takes_long_and_ends_those_that_rest(serve):
    gate = Gate()
    server = serve(gate)
    with RawClient(server.port) as busy, RawClient(server.port) as resting:
        resting.get()
        busy.send(WAIT)
        assert gate.entered.acquire(timeout=60)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        rest = resting.rest()
        gate.open.set()
        answered = busy.answer()
        stopping.join(60)

    assert rest == b""
    assert (answered.status, answered.headers["connection"]) == (200, "close")


class Holding:
    """Answers `/later` after the other ready connections were handled; `/begin` makes two connections ready at once."""

    def __init__(self) -> None:
        self.clients: list[RawClient] = []
        self.seen: list[object] = []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/later":
            more = environ.get(MORE)
            self.seen.append(None if more is None else more())
            return Later(lambda: self.finished(start_response))
        for client in self.clients:
            client.send(b"GET /later HTTP/1.1\r\nHost: test\r\n\r\n")
        start_response("200 OK", [])
        return [b"begun"]

    def finished(self, start_response):
        self.seen.append("finished")
        start_response("200 OK", [])
        return [b"later"]


def test_answers_are_held_until_others_that_are_ready_had_their_turns(serve):
    app = Holding()
    server = serve(app)
    with ExitStack() as clients:
        first, second, third = (clients.enter_context(RawClient(server.port)) for _ in range(3))
        for each in (first, second):
            each.get()
        app.clients = [first, second]

        third.get()
        answers = [each.answer().body for each in (first, second)]
        app.clients = []
        again = [each.get().body for each in (first, second, third)]

    assert answers == [b"later"] * 2
    assert app.seen == [True, False, "finished", "finished"]
    assert again == [b"begun"] * 3


def test_alone_an_answer_is_not_held(serve):
    app = Holding()
    with RawClient(serve(app).port) as client:
        assert client.get("/later").body == b"later"

    assert app.seen == [None, "finished"]


def test_a_held_answer_that_fails_is_an_apology(serve):
    class Failing(Holding):
        def finished(self, start_response):
            raise ZeroDivisionError

    app = Failing()
    server = serve(app)
    with ExitStack() as clients:
        first, second = (clients.enter_context(RawClient(server.port)) for _ in range(2))
        first.get()
        app.clients = [first, first]
        second.get()

        answers = [first.answer().status for _ in range(2)]

    assert answers == [500, 500]
    assert len(server.errors) == 2


def test_requests_are_answered_even_if_no_thread_can_be_started(serve, monkeypatch):
    server = serve()
    with RawClient(server.port) as first, RawClient(server.port) as second:
        for each in (first, second):
            each.get()

        def refuse(thread):
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refuse)
        # A request that comes in pieces has to be waited for.
        first.send(b"GET / HTTP/1.1\r\n")
        cut_off = first.rest()
        answered = [second.get().status for _ in range(600)]
        monkeypatch.undo()

    assert cut_off == b""
    assert set(answered) == {200}
    assert [str(each) for each in server.errors] == ["can't start new thread"]

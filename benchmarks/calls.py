"""Measure calls in process, as a ratio to a floor.

The floor is hand-written code over lxml and SQLite that does the same work without types, checks and journal. Both run
in this process, in turn, so that changes of the machine's speed affect both. Prints, for each kind of call, CPU
milliseconds of the emulator and of the floor (medians of rounds), and their ratio.
"""

from __future__ import annotations

import argparse
import io
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

from sfmc_mock import Accounts, Application, Settings

NS = "http://exacttarget.com/wsdl/partnerAPI"
HEAD = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header><wsse:Security xmlns:wsse='
    '"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken>'
    "<wsse:Username>mock-user</wsse:Username><wsse:Password>mock-password</wsse:Password></wsse:UsernameToken>"
    "</wsse:Security></soap:Header><soap:Body>"
)
TAIL = "</soap:Body></soap:Envelope>"
ANSWER_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soap:Body>"
)


def create(subscribers: int, start: int) -> bytes:
    """Return a Create of one triggered send to new subscribers."""
    people = "".join(
        f"<Subscribers><EmailAddress>p{n}@mail.test.org</EmailAddress><SubscriberKey>p{n}</SubscriberKey><Attributes>"
        f"<Name>UniqueID</Name><Value>unique-{n}</Value></Attributes></Subscribers>"
        for n in range(start, start + subscribers)
    )
    body = (
        f'<CreateRequest xmlns="{NS}"><Options/><Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>'
        f"<CustomerKey>welcome</CustomerKey></TriggeredSendDefinition>{people}</Objects></CreateRequest>"
    )
    return (HEAD + body + TAIL).encode()


def retrieve_one(number: int) -> bytes:
    """Return a Retrieve of one send-log row by its unique ID."""
    return _retrieve(
        "DataExtensionObject[SendLog]",
        ("JobID", "BatchID", "SubID"),
        '<Filter xsi:type="SimpleFilterPart"><Property>UniqueID</Property><SimpleOperator>equals</SimpleOperator>'
        f"<Value>unique-{number}</Value></Filter>",
    )


def retrieve_page() -> bytes:
    """Return a Retrieve of a whole page of events."""
    return _retrieve(
        "SentEvent", ("SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"), ""
    )


def retrieve_between(start: str, end: str) -> bytes:
    """Return a Retrieve of the events of a period."""
    return _retrieve(
        "SentEvent",
        ("SendID", "SubscriberKey", "EventDate", "EventType", "BatchID"),
        '<Filter xsi:type="SimpleFilterPart"><Property>EventDate</Property><SimpleOperator>between</SimpleOperator>'
        f"<Value>{start}</Value><Value>{end}</Value></Filter>",
    )


def _retrieve(object_type: str, properties: Iterable[str], condition: str) -> bytes:
    asked = "".join(f"<Properties>{name}</Properties>" for name in properties)
    body = (
        f'<RetrieveRequestMsg xmlns="{NS}"><RetrieveRequest><ObjectType>{object_type}</ObjectType>{asked}{condition}'
        "</RetrieveRequest></RetrieveRequestMsg>"
    )
    return (HEAD + body + TAIL).encode()


class Floor:
    """The same work without anything else: tables with the same columns and indexes, one transaction per call."""

    def __init__(self, path: str = ":memory:") -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(
            "CREATE TABLE subscriber (id INTEGER PRIMARY KEY, key TEXT UNIQUE, email TEXT);"
            "CREATE TABLE message (id INTEGER PRIMARY KEY, job INT, batch INT, subscriber INT, key TEXT, email TEXT,"
            " attributes TEXT);"
            "CREATE INDEX message_flow ON message (job, batch, subscriber);"
            "CREATE TABLE log (id INTEGER PRIMARY KEY, JobID INT, BatchID INT, SubID INT, UniqueID TEXT);"
            "CREATE INDEX log_unique ON log (UniqueID);"
            "CREATE INDEX log_flow ON log (JobID, BatchID, SubID);"
            "CREATE TABLE event (id INTEGER PRIMARY KEY, type TEXT, job INT, batch INT, subscriber INT, key TEXT,"
            " at TEXT);"
            "CREATE INDEX event_flow ON event (type, job, batch, subscriber);"
            "CREATE INDEX event_subscriber ON event (type, key);"
            "CREATE INDEX event_time ON event (type, at);"
        )

    def call(self, document: bytes) -> bytes:
        """Answer one of the requests above."""
        return (ANSWER_HEAD + self.answer(etree.fromstring(document)[1][0]) + TAIL).encode()

    def answer(self, message: Any) -> str:
        """Return the message that answers a message."""
        if message.tag.endswith("CreateRequest"):
            return self._create(message)
        return self._retrieve(message[0])

    def _create(self, message: Any) -> str:
        run = self.db.execute
        run("BEGIN IMMEDIATE")
        for sent in message.iter(f"{{{NS}}}Subscribers"):
            email, key = sent[0].text, sent[1].text
            unique = sent[2][1].text
            found = run("SELECT id FROM subscriber WHERE key = ?", (key,)).fetchone()
            if found is None:
                found = (
                    run(
                        "INSERT INTO subscriber (key, email) VALUES (?, ?)", (key, email)
                    ).lastrowid,
                )
            number, at = found[0], "2026-01-01T12:00:00.000"
            run("INSERT INTO message (job, batch, subscriber, key, email, attributes) VALUES (1, 1, ?, ?, ?, ?)",
                (number, key, email, json.dumps({"UniqueID": unique})))  # fmt: skip
            run(
                "INSERT INTO log (JobID, BatchID, SubID, UniqueID) VALUES (1, 1, ?, ?)",
                (number, unique),
            )
            for kind in ("Sent", "DeliveredEvent"):
                run("INSERT INTO event (type, job, batch, subscriber, key, at) VALUES (?, 1, 1, ?, ?, ?)",
                    (kind, number, key, at))  # fmt: skip
        run("COMMIT")
        return (
            f'<CreateResponse xmlns="{NS}"><Results><StatusCode>OK</StatusCode><StatusMessage>Created TriggeredSend'
            "</StatusMessage></Results><OverallStatus>OK</OverallStatus></CreateResponse>"
        )

    def _retrieve(self, request: Any) -> str:
        if request[0].text == "SentEvent":
            rows = self.db.execute(
                "SELECT job, key, at, type, batch FROM event WHERE type = 'Sent' AND id > 0 ORDER BY id LIMIT 2501"
            ).fetchall()[:2500]
            text = "".join(
                f'<Results xsi:type="SentEvent"><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" /><SendID>{job}'
                f"</SendID><SubscriberKey>{key}</SubscriberKey><EventDate>{at}</EventDate><EventType>{kind}</EventType>"
                f"<BatchID>{batch}</BatchID></Results>"
                for job, key, at, kind, batch in rows
            )
        else:
            value = request[-1][2].text
            rows = self.db.execute(
                "SELECT JobID, BatchID, SubID FROM log WHERE UniqueID = ?", (value,)
            ).fetchall()
            text = "".join(
                f'<Results xsi:type="DataExtensionObject"><Properties><Property><Name>JobID</Name><Value>{job}</Value>'
                f"</Property><Property><Name>BatchID</Name><Value>{batch}</Value></Property><Property><Name>SubID</Name>"
                f"<Value>{number}</Value></Property></Properties></Results>"
                for job, batch, number in rows
            )
        return f'<RetrieveResponseMsg xmlns="{NS}"><OverallStatus>OK</OverallStatus>{text}</RetrieveResponseMsg>'


class Emulator:
    """The whole application, called in process: everything but sockets."""

    def __init__(self, path: str = ":memory:") -> None:
        self.accounts = Accounts(durability="none")
        self.account = self.accounts.open(path)
        self._app = Application(self.accounts, Settings())
        for action, body in SET_UP:
            self.call((HEAD + body + TAIL).encode(), action)

    def call(self, document: bytes, action: str | None = None) -> bytes:
        """Answer a request as the server would. Raises `RuntimeError` when it went wrong."""
        if action is None:
            action = "Create" if b"<CreateRequest" in document else "Retrieve"
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/Service.asmx",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "CONTENT_LENGTH": str(len(document)),
            "HTTP_SOAPACTION": action,
            "wsgi.input": io.BytesIO(document),
            "wsgi.url_scheme": "http",
        }
        answer = b"".join(self._app(environ, lambda status, headers, exc_info=None: None))  # type: ignore[arg-type, return-value]
        if b"<OverallStatus>Error" in answer or b"Fault>" in answer:
            raise RuntimeError(answer.decode())
        return answer


SET_UP = (
    (
        "Configure",
        f'<ConfigureRequestMsg xmlns="{NS}"><Action>Create</Action><Configurations><Configuration xsi:type='
        '"PropertyDefinition"><Name>UniqueID</Name><PropertyType>string</PropertyType></Configuration></Configurations>'
        "</ConfigureRequestMsg>",
    ),
    (
        "Create",
        f'<CreateRequest xmlns="{NS}"><Objects xsi:type="DataExtension"><CustomerKey>SendLog</CustomerKey><Name>SendLog'
        "</Name><Template><CustomerKey>SendLog</CustomerKey><ObjectID>c3af0d64-1867-de11-8767-001e0bcf2c98</ObjectID>"
        "</Template><Fields><Field><Name>UniqueID</Name><FieldType>Text</FieldType></Field></Fields></Objects>"
        '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>welcome</CustomerKey><Name>Welcome</Name>'
        "<SendClassification><CustomerKey>2239</CustomerKey></SendClassification><Email><ID>3099626</ID></Email>"
        "<IsSendLogging>true</IsSendLogging></Objects></CreateRequest>",
    ),
    (
        "Update",
        f'<UpdateRequest xmlns="{NS}"><Objects xsi:type="TriggeredSendDefinition"><CustomerKey>welcome</CustomerKey>'
        "<TriggeredSendStatus>Active</TriggeredSendStatus></Objects></UpdateRequest>",
    ),
)


def compare(
    emulator: Callable[[bytes], bytes],
    floor: Callable[[bytes], bytes],
    requests: Callable[[], bytes],
    calls: int,
    rounds: int,
) -> tuple[float, float, float]:
    """Return CPU milliseconds per call of the emulator, of the floor, and the ratio: medians over rounds."""
    times: tuple[list[float], list[float]] = ([], [])
    ratios = []
    for _ in range(rounds):
        documents = [requests() for _ in range(calls)]
        for call, found in ((emulator, times[0]), (floor, times[1])):
            before = time.process_time()
            for document in documents:
                call(document)
            found.append((time.process_time() - before) / calls * 1000)
        ratios.append(times[0][-1] / times[1][-1])
    return statistics.median(times[0]), statistics.median(times[1]), statistics.median(ratios)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    emulator, floor = Emulator(), Floor()
    number = iter(range(0, 100_000_000, 100))
    kinds: tuple[tuple[str, Callable[[], bytes], int], ...] = (
        ("Create TriggeredSend, 1 subscriber", lambda: create(1, next(number)), 100),
        ("Create TriggeredSend, 100 subscribers", lambda: create(100, next(number)), 10),
        ("Retrieve one row by its unique id", lambda: retrieve_one(100), 100),
        ("Retrieve a page of 2,500 events", retrieve_page, 5),
    )
    found = []
    for name, requests, calls in kinds:
        ours, theirs, ratio = compare(emulator.call, floor.call, requests, calls, options.rounds)
        found.append({"call": name, "ms": ours, "floor_ms": theirs, "ratio": ratio})
        if not options.json:
            print(f"{name:40} {ours:8.3f} ms   floor {theirs:8.3f} ms   ratio {ratio:5.2f}")
    if options.json:
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()

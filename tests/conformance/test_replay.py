"""Comparison of a recording with the emulator: allowed differences, and the report of others."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.flows import Recorded, client, emulator, record_flow, set_up, trigger
from tests.support.planting import envelope
from tests.support.soap_app import shared

from sfmc_client import APIObject, P, WSGITransport
from sfmc_client.models import Value
from sfmc_conformance.captures import read_questions, verify_captures
from sfmc_conformance.commands import verify as verify_command
from sfmc_conformance.comparison import Bindings, Comparison
from sfmc_conformance.drift import Drift, KnownDrift, read_known, sort_out
from sfmc_conformance.replay import verify
from sfmc_conformance.transcripts import RecordingTransport, TranscriptError
from sfmc_mock import Accounts, Application, Settings

QUESTIONS = Path(__file__).parents[2] / "fixtures" / "parity" / "captures.toml"

RESULT = (
    "<Results><StatusCode>OK</StatusCode><StatusMessage>Created Subscriber.</StatusMessage><NewID>970000001</NewID>"
    '<Object xsi:type="Subscriber"><PartnerKey xsi:nil="true" /><ID>970000001</ID>'
    "<EmailAddress>person-1@mock.test</EmailAddress></Object></Results>"
)
OURS = RESULT.replace("970000001", "756891044").replace("person-1", "ada")


def compared(
    recorded: str, emulator: str, *, bindings: Bindings | None = None, request: str = ""
) -> list[str]:
    """Return the differences reported for two answers."""
    comparison = Comparison(
        exchange="0001-Create",
        call="Create/Subscriber",
        bindings=bindings or Bindings(),
        request=request,
    )
    comparison.body("xml", envelope(recorded).encode(), envelope(emulator).encode())
    return [str(each) for each in comparison.drift]


def test_the_same_with_other_ids_and_addresses_is_no_drift() -> None:
    assert compared(RESULT, OURS) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "<EmailAddress>ada@mock.test</EmailAddress>",
            "",
            'Results[0]/Object/EmailAddress: missing (recorded "person-1@mock.test", emulator "")',
        ),
        (
            "EmailAddress>",
            "Email>",
            'Results[0]/Object/EmailAddress: missing (recorded "person-1@mock.test", emulator "")',
        ),
        (
            "</Object>",
            "<Status>Active</Status></Object>",
            'Results[0]/Object/Status: additional (recorded "", emulator "Active")',
        ),
        (
            "Created Subscriber.",
            "Created subscriber.",
            'Results[0]/StatusMessage: text (recorded "Created Subscriber.", emulator "Created subscriber.")',
        ),
        (
            '<PartnerKey xsi:nil="true" />',
            "<PartnerKey />",
            'Results[0]/Object/PartnerKey: nil (recorded "nil", emulator "<PartnerKey />")',
        ),
        (
            'xsi:type="Subscriber"',
            'xsi:type="List"',
            'Results[0]/Object: type (recorded "Subscriber", emulator "List")',
        ),
        (
            "<ID>756891044</ID>",
            "<ID>756891045</ID>",
            'Results[0]/Object/ID: text (recorded "756891044", emulator "756891045")',
        ),
        (
            "<NewID>756891044</NewID>",
            "<NewID>none</NewID>",
            'Results[0]/NewID: text (recorded "970000001", emulator "none")',
        ),
        (
            "<EmailAddress>",
            '<EmailAddress kind="home">',
            'Results[0]/Object/EmailAddress/@kind: attribute (recorded "", emulator "home")',
        ),
    ],
)
def test_a_difference_is_reported_by_its_path(old: str, new: str, expected: str) -> None:
    changed = OURS.replace(old, new)
    assert changed != OURS

    found = compared(RESULT, changed)

    assert f"Create/Subscriber: {expected}" in found


def test_another_order_is_reported_with_both_orders() -> None:
    one = "<Name>SendLog</Name><CustomerKey>SendLog</CustomerKey><Status>New</Status>"
    other = "<CustomerKey>SendLog</CustomerKey><Name>SendLog</Name><Status>New</Status>"

    found = compared(f"<Objects>{one}</Objects>", f"<Objects>{other}</Objects>")

    assert found == [
        'Create/Subscriber: Objects: order (recorded "Name, CustomerKey, Status", '
        'emulator "CustomerKey, Name, Status")'
    ]


def test_one_missing_property_of_many_is_reported_by_its_name() -> None:
    """The properties after it are not reported as different."""
    parts = [f"<Properties><Name>{name}</Name></Properties>" for name in ("ID", "Status", "Name")]

    found = compared("".join(parts), parts[0] + parts[2])

    assert found == [
        'Create/Subscriber: Properties[Status]: missing (recorded "<Properties> with 1 elements", emulator "")'
    ]


def test_rows_in_another_order_are_one_difference() -> None:
    rows = [f"<Results><ID>{n}</ID><MaxLength>{n}</MaxLength></Results>" for n in (10, 20, 30)]

    found = compared("".join(rows), rows[2] + rows[0] + rows[1])

    assert found == [
        'Create/Subscriber: Results: order (recorded "Results[0], Results[1], Results[2]", '
        'emulator "Results[1], Results[2], Results[0]")'
    ]


@pytest.mark.parametrize(
    ("recorded", "emulator", "agree"),
    [
        ("2020-01-01T00:00:00", "2026-11-23T10:11:12.937", True),
        ("2020-01-01T00:00:00Z", "2026-11-23T10:11:12Z", True),
        ("2020-01-01T00:00:00Z", "2026-11-23T10:11:12", False),
        ("2020-01-01T00:00:00-06:00", "2026-11-23T10:11:12+01:00", True),
        ("2020-01-01T00:00:00", "2026-11-23", False),
        ("1/2/2001 12:00:00 AM", "5/9/2034 12:00:00 AM", True),
    ],
)
def test_dates_differ_but_in_form(recorded: str, emulator: str, agree: bool) -> None:
    found = compared(
        f"<CreatedDate>{recorded}</CreatedDate>", f"<CreatedDate>{emulator}</CreatedDate>"
    )

    assert (found == []) is agree


def test_a_date_of_the_request_has_to_come_back_as_it_was() -> None:
    date = "<StartDateTime>2020-01-01T00:00:00-06:00</StartDateTime>"

    found = compared(date, date.replace("-06:00", "-05:00"), request=date)

    assert len(found) == 1


def test_references_that_were_sent_have_to_come_back() -> None:
    """A reference sent to the emulator stands for itself afterwards."""
    bindings = Bindings()
    bindings.fill("<CustomerKey>key-1</CustomerKey>")

    found = compared(
        "<CustomerKey>key-1</CustomerKey>", "<CustomerKey>other</CustomerKey>", bindings=bindings
    )

    assert found == ['Create/Subscriber: CustomerKey: text (recorded "key-1", emulator "other")']


def test_a_reference_within_a_sentence_is_bound_too() -> None:
    bindings = Bindings()

    found = compared(
        "<StatusMessage>performed AsyncID:970000001</StatusMessage>",
        "<StatusMessage>performed AsyncID:4711</StatusMessage>",
        bindings=bindings,
    )

    assert found == []
    assert bindings["970000001"] == "4711"


def test_values_are_written_in_the_form_of_the_message() -> None:
    from sfmc_client.text_safety import escape

    bindings = Bindings()
    bindings.bind("key-1", "a < b & c")

    assert bindings.fill("<Name>key-1</Name>", escape) == "<Name>a &lt; b &amp; c</Name>"


@pytest.mark.parametrize(
    ("recorded", "emulator", "expected"),
    [
        ('{"a": 1}', '{"a": 2}', 'a: text (recorded "1", emulator "2")'),
        ('{"error": "x"}', "{}", 'error: missing (recorded "\\"x\\"", emulator "")'),
        ("{}", '{"error": "x"}', 'error: additional (recorded "", emulator "a text")'),
        ('{"a": true}', '{"a": "true"}', 'a: text (recorded "true", emulator "a text")'),
        ("{}", "<a/>", 'body: body (recorded "JSON", emulator "no JSON")'),
    ],
)
def test_json_is_compared_key_by_key(recorded: str, emulator: str, expected: str) -> None:
    comparison = Comparison(exchange="", call="token", bindings=Bindings())

    comparison.body("json", recorded.encode(), emulator.encode())

    assert [str(each) for each in comparison.drift] == [f"token: {expected}"]


def test_status_content_type_and_prefixes_are_compared() -> None:
    comparison = Comparison(exchange="", call="Create", bindings=Bindings())
    recorded = envelope("<Options />")

    comparison.status(200, 500)
    comparison.content_type("text/xml; charset=utf-8", "application/soap+xml; charset=utf-8")
    comparison.body(
        "xml", recorded.encode(), recorded.replace("soap:", "s:").replace(":soap=", ":s=").encode()
    )

    kinds = [(each.path, each.kind) for each in comparison.drift]
    assert kinds[:2] == [("HTTP", "status"), ("HTTP", "content type")]
    assert ("Envelope", "prefix") in kinds
    assert ("Envelope", "namespaces") in kinds


# Known drift.


def drift(path: str = "Results[0]/ID", kind: str = "text") -> Drift:
    return Drift(exchange="0001-Create", call="Create/Subscriber", path=path, kind=kind)


def test_known_drift_is_distinguished_and_unused_entries_are_named() -> None:
    known = [
        KnownDrift("Create/*: Results[*]/ID", "counted elsewhere"),
        KnownDrift("Create/Subscriber: Results[0]/Name", "long gone"),
        KnownDrift("Create/Subscriber: Results[0]/Status", "kind differs", kind="missing"),
    ]
    seen = [drift(), drift("Results[0]/Status"), drift("Results[0]/Key")]

    new, covered, unused = sort_out(seen, known)

    assert [each.path for each in new] == ["Results[0]/Status", "Results[0]/Key"]
    assert covered == [(seen[0], known[0])]
    assert unused == known[1:]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"drift": [{"path": "a"}]}, r"\[\[drift\]\] number 1 has no reason"),
        ({"drift": [{"reason": "a"}]}, "has no path"),
        ({"drift": [{"path": "a", "reason": "b", "why": "c"}]}, "takes path, kind and reason"),
        ({"drift": [{"path": 1, "reason": "b"}]}, "are texts"),
        ({"debt": []}, r"takes \[\[drift\]\] tables"),
    ],
)
def test_a_file_of_known_drift_says_what_is_wrong_with_it(
    content: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read_known(content, "known-drift.toml")


# Whole recordings.


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of the documented flow."""
    return record_flow(tmp_path_factory.mktemp("parity") / "recording").folder


@pytest.fixture
def flow(recorded: Path, tmp_path: Path) -> Recorded:
    """A recording of the documented flow, to be changed."""
    return Recorded(Path(shutil.copytree(recorded, tmp_path / "recording")))


def test_the_flow_recorded_from_the_emulator_agrees_with_it(recorded: Path) -> None:
    report = verify(recorded)

    assert report.drift == []
    assert len(report.compared) == report.exchanges == 12
    assert report.skipped == []


CHANGES: dict[str, tuple[str, Callable[[str], str], str]] = {
    "renamed": (
        "TriggeredSendCreateResult",
        lambda text: text.replace("OrdinalID>", "Ordinal>"),
        "Create/TriggeredSend: Results[0]/Ordinal: missing",
    ),
    "other order": (
        "SentEvent",
        lambda text: re.sub(
            r"(<SendID>.*?</SendID>)(<SubscriberKey>.*?</SubscriberKey>)", r"\2\1", text
        ),
        "Retrieve/SentEvent: Results[0]: order",
    ),
    "other text": (
        "TriggeredSendDefinition created",
        lambda text: text.replace("TriggeredSendDefinition created", "Definition created"),
        "Create/TriggeredSendDefinition: Results[0]/StatusMessage: text",
    ),
    "missing nil": (
        "SentEvent",
        lambda text: text.replace('<ObjectID xsi:nil="true" />', "<ObjectID />"),
        "Retrieve/SentEvent: Results[0]/ObjectID: nil",
    ),
    "missing element": (
        "TriggeredSendCreateResult",
        lambda text: text.replace("<NewID>0</NewID>", ""),
        "Create/TriggeredSend: Results[0]/NewID: additional",
    ),
    "other type": (
        "TriggeredSendCreateResult",
        lambda text: text.replace("TriggeredSendCreateResult", "CreateResult"),
        "Create/TriggeredSend: Results[0]: type",
    ),
    "other verdict": (
        "TriggeredSendCreateResult",
        lambda text: text.replace("<OverallStatus>OK<", "<OverallStatus>Has Errors<"),
        "Create/TriggeredSend: OverallStatus: text",
    ),
    "other prefix": (
        "TriggeredSendCreateResult",
        lambda text: text.replace("soap:", "soapenv:").replace("xmlns:soap=", "xmlns:soapenv="),
        "Create/TriggeredSend: Envelope: prefix",
    ),
    "one row less": (
        "OpenEvent",
        lambda text: re.sub(r"<Results .*</Results>", "", text),
        "Retrieve/OpenEvent: Results[0]: additional",
    ),
}


@pytest.mark.parametrize(("marked", "change", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_changed_answer_is_found_and_named(
    flow: Recorded, marked: str, change: Callable[[str], str], expected: str
) -> None:
    file = flow.answer(f'"{marked}"' if marked.endswith(("Event", "Result")) else marked)
    text = file.read_text()
    file.write_text(change(text))
    assert file.read_text() != text

    found = [str(each) for each in verify(flow.folder).drift]

    assert any(each.startswith(expected) for each in found), found


def test_another_status_of_http_is_found(flow: Recorded) -> None:
    file = flow.exchange(2) / "exchange.toml"
    file.write_text(file.read_text().replace("status = 200", "status = 500"))

    found = [str(each) for each in verify(flow.folder).drift]

    assert 'Configure/PropertyDefinition: HTTP: status (recorded "500", emulator "200")' in found


def test_a_known_difference_is_accepted_with_its_reason(flow: Recorded) -> None:
    file = flow.answer("TriggeredSendDefinition created")
    file.write_text(
        file.read_text().replace("TriggeredSendDefinition created", "Definition created")
    )
    (flow.folder / "known-drift.toml").write_text(
        '[[drift]]\npath = "Create/TriggeredSendDefinition: Results[0]/StatusMessage"\nreason = "to be mended"\n'
        '[[drift]]\npath = "Create/List: *"\nreason = "old"\n'
    )

    report = verify(flow.folder)

    assert report.agrees
    assert [entry.reason for _, entry in report.known] == ["to be mended"]
    assert [entry.reason for entry in report.unused] == ["old"]


def test_only_the_last_of_several_looks_counts(tmp_path: Path) -> None:
    """Events of the live service become visible after a delay; those of the replaying emulator at once."""
    with emulator() as transport:
        service = client(RecordingTransport(transport, tmp_path))
        condition = P("SubscriberKey").equals("lovelace-1815")
        for _ in range(3):
            service.retrieve("Subscriber", ["Status"], filter=condition).all()
        service.create(
            APIObject("Subscriber", SubscriberKey="lovelace-1815", EmailAddress="ada@mock.test")
        )
        service.retrieve("Subscriber", ["Status"], filter=condition).all()
    for number in ("0002", "0003"):
        file = tmp_path / f"{number}-Retrieve" / "response.xml"
        file.write_text(file.read_text().replace("<OverallStatus>OK<", "<OverallStatus>Error<"))

    report = verify(tmp_path)

    assert report.drift == []
    assert report.skipped == [
        ("0002-Retrieve", "asked again in 0004"),
        ("0003-Retrieve", "asked again in 0004"),
    ]


def test_pages_are_compared_as_one(tmp_path: Path) -> None:
    """The service does not promise an order of rows, so pages may contain other rows."""
    people = [
        APIObject("Subscriber", SubscriberKey=f"lovelace-{n}", EmailAddress=f"ada{n}@mock.test")
        for n in range(7)
    ]
    with emulator() as transport:
        service = client(RecordingTransport(transport, tmp_path))
        service.create(people)
        found = service.retrieve(
            "Subscriber", ["ID", "SubscriberKey", "EmailAddress"], batch_size=3
        )
        assert len(found.all()) == 7

    report = verify(tmp_path)

    assert len(report.compared) == 5
    assert [each for each in report.drift if each.kind != "order"] == []


def test_a_row_that_is_missing_on_a_page_is_found(tmp_path: Path) -> None:
    people = [
        APIObject("Subscriber", SubscriberKey=f"lovelace-{n}", EmailAddress=f"ada{n}@mock.test")
        for n in range(4)
    ]
    with emulator() as transport:
        service = client(RecordingTransport(transport, tmp_path))
        service.create(people)
        service.retrieve("Subscriber", ["ID", "SubscriberKey"], batch_size=3).all()
    file = tmp_path / "0003-Retrieve" / "response.xml"
    file.write_text(re.sub(r"<Results .*?</Results>", "", file.read_text(), count=1))

    found = [each.where for each in verify(tmp_path).drift if each.kind == "additional"]

    assert found == ["Retrieve/Subscriber: Results[3]"]


def test_rows_of_every_type_agree(tmp_path: Path) -> None:
    """References are valid for the column's type, and are answered in its format."""
    cells = {
        "Id": "1",
        "Mail": "ada@lovelace.org",
        "Born": "1815-12-10",
        "Price": "12.50",
        "Knows": "True",
        "Note": 'Likes <b> & "tea"',
        "Phone": "+43 664 1234567",
        "Speaks": "de-AT",
    }
    types = ("Number", "EmailAddress", "Date", "Decimal", "Boolean", "Text", "Phone", "Locale")
    fields: list[Value] = []
    for name, kind in zip(cells, types, strict=True):
        size = {"MaxLength": 18, "Scale": 2} if kind == "Decimal" else {}
        key = {"IsPrimaryKey": True, "IsRequired": True} if name == "Id" else {}
        fields.append({"Name": name, "FieldType": kind, **size, **key})
    properties = [{"Name": name, "Value": value} for name, value in cells.items()]
    rows = APIObject(
        "DataExtensionObject", CustomerKey="people", Properties={"Property": properties}
    )
    with emulator() as transport:
        service = client(RecordingTransport(transport, tmp_path))
        folder = service.retrieve(
            "DataFolder", ["ID"], filter=P("ContentType").equals("dataextension")
        ).all()[0]
        service.create(
            APIObject(
                "DataExtension",
                CustomerKey="people",
                Name="People",
                Fields={"Field": fields},
                CategoryID=folder["ID"],
            )
        )
        service.create(rows)
        service.create(rows, check=False)
        condition = P("Price").equals("12.50")
        found = service.retrieve("DataExtensionObject[people]", list(cells), filter=condition)
        assert len(found.all()) == 1

    report = verify(tmp_path)

    assert [str(each) for each in report.drift] == []


def test_events_of_people_are_made_to_happen(tmp_path: Path) -> None:
    """A recording of a real tenant has opens that no call causes."""
    accounts = Accounts(strict=True)
    application = Application(accounts, Settings(strict=True))
    account = accounts.open()
    service = client(RecordingTransport(WSGITransport(application), tmp_path))
    set_up(service)
    service.create(
        APIObject(
            "TriggeredSend",
            TriggeredSendDefinition={"CustomerKey": "ada-welcome"},
            Subscribers=[{"EmailAddress": "ada@lovelace.org", "SubscriberKey": "lovelace-1815"}],
        )
    )
    handle = application.control.lookup.find(account.mid)
    handle.happen("softbounce", handle.sends()[0].id)
    condition = P("SubscriberKey").equals("lovelace-1815")
    properties = ["SendID", "SubscriberKey", "EventDate", "BounceCategory", "EventType"]
    assert service.retrieve("BounceEvent", properties, filter=condition).all()
    accounts.close()

    report = verify(tmp_path)

    assert report.drift == []
    assert "0008-Retrieve: made to happen: 1 BounceEvent" in report.notes


def test_objects_that_the_account_held_before_are_prepared(tmp_path: Path) -> None:
    """A recording may begin in the middle of an account's life."""
    with emulator() as transport:
        set_up(client(transport))
        service = client(RecordingTransport(transport, tmp_path))
        service.update(
            APIObject(
                "TriggeredSendDefinition", CustomerKey="ada-welcome", TriggeredSendStatus="Active"
            )
        )
        trigger(service)
        with pytest.raises(Exception, match="already"):
            service.create(
                APIObject("Subscriber", SubscriberKey="lovelace-1815", EmailAddress="ada@mock.test")
            )

    report = verify(tmp_path)

    assert report.drift == []
    assert report.notes == ["made before: the triggered send definition key-1"]


def test_a_seed_beside_the_recording_says_what_else_there_was(tmp_path: Path) -> None:
    with emulator() as transport:
        client(transport).create(
            APIObject("Subscriber", SubscriberKey="lovelace-1815", EmailAddress="ada@mock.test")
        )
        service = client(RecordingTransport(transport, tmp_path))
        condition = P("SubscriberKey").equals("lovelace-1815")
        assert service.retrieve("Subscriber", ["EmailAddress"], filter=condition).all()
    without = verify(tmp_path)
    (tmp_path / "account.toml").write_text(
        'version = 1\n[[subscriber]]\nkey = "key-1"\nemail = "person-1@mock.test"\n'
    )

    report = verify(tmp_path)

    assert [each.kind for each in without.drift] == ["missing"]
    assert report.drift == []


def test_calls_with_tokens_from_before_can_be_replayed(flow: Recorded) -> None:
    shutil.rmtree(flow.exchange(1))

    assert verify(flow.folder).drift == []


def test_a_refused_login_is_refused_again(tmp_path: Path) -> None:
    from sfmc_client import Client, LoginFailed, UsernameToken

    with emulator() as transport:
        recording = RecordingTransport(transport, tmp_path)
        stranger = Client("http://x.test", auth=UsernameToken("ada", "wrong"), transport=recording)
        known = Client(
            "http://x.test", auth=UsernameToken("mock-user", "mock-password"), transport=recording
        )
        with pytest.raises(LoginFailed):
            stranger.describe("Subscriber")
        known.describe("Subscriber")

    report = verify(tmp_path)

    assert (report.drift, len(report.compared)) == ([], 2)


def test_exchanges_that_cannot_be_replayed_are_reported(flow: Recorded) -> None:
    (flow.exchange(2) / "exchange.toml").write_text(
        (flow.exchange(2) / "exchange.toml")
        .read_text()
        .replace('body = "request.xml"', 'left_out = "9 bytes: it carries a DTD"')
    )

    report = verify(flow.folder)

    assert (
        "0002-Configure",
        "its request is not recorded (9 bytes: it carries a DTD)",
    ) in report.skipped


# The commands.


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(verify_command, list(arguments))
    return result.exit_code, result.output


def test_the_command_ends_with_a_line_that_counts(recorded: Path) -> None:
    code, output = run(str(recorded))

    assert code == 0
    assert output.splitlines()[-1] == "12 exchanges, 12 compared: 0 new differences, 0 known."


def test_the_command_fails_on_new_drift_and_names_it(flow: Recorded) -> None:
    file = flow.answer("TriggeredSendDefinition created")
    file.write_text(
        file.read_text().replace("TriggeredSendDefinition created", "Definition created")
    )

    code, output = run(str(flow.folder))

    assert code == 1
    assert "Create/TriggeredSendDefinition: Results[0]/StatusMessage: text (recorded" in output


def test_the_command_speaks_json(flow: Recorded) -> None:
    file = flow.answer("TriggeredSendDefinition created")
    file.write_text(
        file.read_text().replace("TriggeredSendDefinition created", "Definition created")
    )

    code, output = run(str(flow.folder), "--json")

    (found,) = json.loads(output)["drift"]
    assert code == 1
    assert found["path"] == "Create/TriggeredSendDefinition: Results[0]/StatusMessage"
    assert found["kind"] == "text"
    assert found["emulator"] == "TriggeredSendDefinition created"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Name the FOLDER of a recording, or --captures with --questions."),
        (["nowhere"], "holds no recording"),
        (["--captures", "nowhere", "--questions", "none.toml"], "cannot be read"),
    ],
)
def test_the_command_names_missing_requirements(arguments: list[str], reason: str) -> None:
    code, output = run(*arguments)

    assert code == 2
    assert reason in output


# Bare answers.


@pytest.mark.slow
def test_the_recorded_answers_of_the_live_service_agree_but_for_what_is_known() -> None:
    report = verify_captures(shared("captures"), QUESTIONS)

    assert [str(each) for each in report.drift] == []
    assert [entry.where for entry in report.unused] == []
    assert report.skipped == []


def test_every_question_is_for_an_answer_that_there_is() -> None:
    captures = shared("captures")
    questions, left_out = read_questions(QUESTIONS)

    assert [name for name in (*questions, *left_out) if not (captures / name).is_file()] == []


ANSWER = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><CreateResponse '
    'xmlns="http://exacttarget.com/wsdl/partnerAPI"><Results><StatusCode>OK</StatusCode></Results></CreateResponse>'
    "</soap:Body></soap:Envelope>"
)


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """Two answers and a question for one of them."""
    (tmp_path / "create" / "Subscriber").mkdir(parents=True)
    (tmp_path / "create" / "Subscriber" / "ok.xml").write_text(ANSWER)
    (tmp_path / "other.xml").write_text(ANSWER)
    (tmp_path / "questions.toml").write_text(
        '[[capture]]\nfile = "create/Subscriber/ok.xml"\noperation = "Create"\ncontent = """<Objects '
        'xsi:type="Subscriber"><EmailAddress>ada@mock.test</EmailAddress></Objects>"""\n'
    )
    return tmp_path


def test_a_bare_answer_is_held_against_the_answer_to_its_question(captures: Path) -> None:
    report = verify_captures(captures, captures / "questions.toml")

    assert report.compared == ["create/Subscriber/ok.xml"]
    assert report.skipped == [("other.xml", "there is no question for it")]
    found = [f"{each.where}: {each.kind}" for each in report.drift]
    assert "create/Subscriber/ok: Results[0]/StatusMessage: additional" in found
    assert "create/Subscriber/ok: RequestID: additional" in found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[[capture]]\nfile = "a"\n', "neither operation nor raw"),
        ('[[capture]]\nfile = "a"\noperation = "Make"\ncontent = ""\n', "Make is not an operation"),
        ('[[capture]]\noperation = "Create"\n', "not valid"),
        ("[[capture]", "not valid"),
    ],
)
def test_a_file_of_questions_says_what_is_wrong_with_it(
    tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "questions.toml").write_text(content)

    with pytest.raises(TranscriptError, match=reason):
        read_questions(tmp_path / "questions.toml")

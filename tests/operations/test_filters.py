"""Filters of a Retrieve: each operator on each kind of value, combinations, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from tests.support.soap_app import Answer, SoapApp, joint, simple

FIELDS = {"K": "Text", "T": "Text", "N": "Number", "D": "Date", "F": "Boolean", "S": "Decimal"}
# Key, text, number, date, flag, sum.
ROWS = [
    ("1", "ant", "-5", "2026-01-01T00:00:00", "true", "0.5"),
    ("2", "Bee", "0", "2026-01-01T12:30:00", "false", "1.25"),
    ("3", "cat", "10", "2026-02-01T00:00:00", "true", "10.5"),
    ("4", "50% \"off\" 'x'", "9", "2027-01-01T00:00:00", "false", "9.75"),
    ("5", None, None, None, None, None),
]


@pytest.fixture(scope="module")
def app(make_shared_app: Callable[..., SoapApp]) -> Iterator[SoapApp]:
    """An application with a data extension of five rows, and two subscribers; no test changes them."""
    module_app = make_shared_app()
    people = "".join(
        f'<Objects xsi:type="Subscriber"><EmailAddress>{name}@mock.test</EmailAddress></Objects>'
        for name in ("ada", "bob")
    )
    assert module_app.call("Create", people).overall == "OK"
    fields = "".join(
        f"<Field><Name>{name}</Name><FieldType>{kind}</FieldType>"
        + ("<Scale>2</Scale><MaxLength>9</MaxLength>" if kind == "Decimal" else "")
        + ("<IsPrimaryKey>true</IsPrimaryKey><IsRequired>true</IsRequired>" if name == "K" else "")
        + "</Field>"
        for name, kind in FIELDS.items()
    )
    rows = "".join(
        '<Objects xsi:type="DataExtensionObject"><CustomerKey>rows</CustomerKey><Properties>'
        + "".join(
            f"<Property><Name>{name}</Name><Value>{value}</Value></Property>"
            for name, value in zip(FIELDS, row, strict=True)
            if value is not None
        )
        + "</Properties></Objects>"
        for row in ROWS
    )
    made = module_app.call(
        "Create",
        f'<Objects xsi:type="DataExtension"><CustomerKey>rows</CustomerKey><Name>rows</Name><Fields>{fields}</Fields>'
        "</Objects>",
    )
    assert made.overall == "OK", made.texts("Results", "StatusMessage")
    written = module_app.call("Create", rows)
    assert written.overall == "OK", written.texts("Results", "StatusMessage")
    yield module_app
    assert module_app.problems == []


def ask(app: SoapApp, part: str) -> Answer:
    return app.retrieve("DataExtensionObject[rows]", ["K"], part)


def keys(app: SoapApp, part: str) -> str:
    """Return the keys of the rows that a filter finds, in order."""
    answer = ask(app, part)
    assert answer.overall == "OK", answer.overall
    return "".join(row["K"] for row in answer.rows)


# Operators.


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("equals", ["ant"], "1"),
        ("equals", ["ANT"], "1"),
        ("equals", [" ant"], ""),
        ("notEquals", ["ant"], "234"),
        ("greaterThan", ["ant"], "23"),
        ("greaterThanOrEqual", ["ANT"], "123"),
        ("lessThan", ["bee"], "14"),
        ("lessThanOrEqual", ["bee"], "124"),
        ("between", ["b", "cat"], "23"),
        ("between", ["cat", "b"], ""),
        ("IN", ["ANT", "cat", "dog"], "13"),
        ("IN", ["cat"], "3"),
        ("IN", ["ant','cat','x"], "13"),
        ("isNull", [], "5"),
        ("isNull", ["", "ignored"], "5"),
        ("isNotNull", [], "1234"),
    ],
)
def test_texts_are_compared_without_case(
    app: SoapApp, operator: str, values: list[str], found: str
) -> None:
    """As SQL Server's usual collation does (assumed)."""
    assert keys(app, simple("T", operator, *values)) == found


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("equals", ["10"], "3"),
        ("equals", [" 10 "], "3"),
        ("equals", ["010"], "3"),
        ("notEquals", ["10"], "124"),
        ("greaterThan", ["9"], "3"),
        ("greaterThanOrEqual", ["9"], "34"),
        ("lessThan", ["0"], "1"),
        ("lessThanOrEqual", ["0"], "12"),
        ("between", ["0", "9"], "24"),
        ("IN", ["10", "-5"], "13"),
        ("isNull", [], "5"),
        ("isNotNull", [], "1234"),
    ],
)
def test_numbers_are_compared_as_numbers(
    app: SoapApp, operator: str, values: list[str], found: str
) -> None:
    assert keys(app, simple("N", operator, *values)) == found


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("equals", ["10.50"], "3"),
        ("greaterThan", ["9.8"], "3"),
        ("lessThan", ["1.25"], "1"),
        ("between", ["1", "9.75"], "24"),
        ("IN", [".5", "1.250"], "12"),
    ],
)
def test_decimals_are_compared_as_numbers(
    app: SoapApp, operator: str, values: list[str], found: str
) -> None:
    assert keys(app, simple("S", operator, *values)) == found


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("equals", ["true"], "13"),
        ("equals", ["1"], "13"),
        ("equals", ["True"], "13"),
        ("equals", ["false"], "24"),
        ("equals", ["0"], "24"),
        ("notEquals", ["true"], "24"),
        ("IN", ["true", "false"], "1234"),
        ("isNull", [], "5"),
    ],
)
def test_flags_are_taken_in_every_spelling(
    app: SoapApp, operator: str, values: list[str], found: str
) -> None:
    assert keys(app, simple("F", operator, *values)) == found


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("equals", ["2026-01-01T12:30:00"], "2"),
        ("equals", ["2026-01-01"], "1"),
        ("equals", ["1/1/2026 12:30:00 PM"], "2"),
        ("notEquals", ["2026-01-01"], "234"),
        ("greaterThan", ["2026-01-01T12:30:00"], "34"),
        ("greaterThanOrEqual", ["2026-01-01T12:30:00"], "234"),
        ("lessThan", ["2026-01-01T12:30:00"], "1"),
        ("lessThanOrEqual", ["2026-01-01T12:30:00.000"], "12"),
        ("between", ["2026-01-01T12:30:00", "2026-02-01"], "23"),
        ("IN", ["2026-02-01", "2027-01-01"], "34"),
        ("isNull", [], "5"),
        # With Z it is UTC, with an offset that; the server's time is six hours behind UTC all year (documented).
        ("equals", ["2026-01-01T18:30:00Z"], "2"),
        ("equals", ["2026-01-01T12:30:00-06:00"], "2"),
        ("equals", ["2026-01-01T19:30:00+01:00"], "2"),
        ("equals", ["2026-01-01T12:30:00.123"], ""),
        ("lessThan", ["2026-01-01T06:00:00Z"], ""),
        ("lessThanOrEqual", ["2026-01-01T06:00:00Z"], "1"),
    ],
)
@pytest.mark.parametrize("as_dates", [False, True], ids=["Value", "DateValue"])
def test_dates_are_taken_with_and_without_an_offset(
    app: SoapApp, operator: str, values: list[str], found: str, as_dates: bool
) -> None:
    part = simple("D", operator, dates=values) if as_dates else simple("D", operator, *values)

    assert keys(app, part) == found


def test_a_value_and_a_date_value_make_two_values(app: SoapApp) -> None:
    part = simple("D", "between", "2026-01-01", dates=["2026-01-31"])

    assert keys(app, part) == "12"


def test_without_an_operator_it_is_equals(app: SoapApp) -> None:
    """The enumeration's first word is .NET's default (inferred)."""
    part = simple("T", "equals", "cat").replace("<SimpleOperator>equals</SimpleOperator>", "")

    assert keys(app, part) == "3"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ada", "ada@mock.test"),
        ("ADA", "ada@mock.test"),
        ("mock.t", "ada@mock.test bob@mock.test"),
        ("%25", ""),
    ],
)
def test_like_finds_a_part_of_a_text(app: SoapApp, value: str, found: str) -> None:
    """The service puts the percent signs around it itself (documented)."""
    answer = app.retrieve("Subscriber", ["SubscriberKey"], simple("EmailAddress", "like", value))

    assert " ".join(answer.texts("Results", "SubscriberKey")) == found


# Joining.

ONE, TWO, THREE = (simple("K", "equals", key) for key in "123")


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (joint(ONE, "OR", TWO), "12"),
        (joint(ONE, "AND", TWO), ""),
        (joint(ONE, "OR", TWO, THREE), "123"),
        (joint(ONE, "OR", TWO, THREE, simple("K", "greaterThan", "4")), "1235"),
        (joint(simple("F", "equals", "true"), "AND", joint(ONE, "OR", TWO)), "1"),
        (joint(joint(ONE, "OR", TWO), "AND", simple("F", "equals", "true")), "1"),
        (
            joint(
                ONE,
                "OR",
                joint(TWO, "AND", simple("N", "equals", "0"), simple("F", "equals", "false")),
            ),
            "12",
        ),
        (
            joint(
                simple("N", "greaterThan", "-9"),
                "AND",
                simple("N", "lessThan", "10"),
                joint(TWO, "OR", simple("K", "equals", "4"), joint(THREE, "AND", ONE)),
            ),
            "24",
        ),
    ],
)
def test_filters_are_joined_and_nested_at_will(app: SoapApp, part: str, found: str) -> None:
    assert keys(app, part) == found


def test_parts_of_a_filter_may_come_in_any_order(app: SoapApp) -> None:
    """Seen in clients that write their own XML."""
    part = (
        '<Filter xsi:type="ComplexFilterPart"><RightOperand xsi:type="SimpleFilterPart"><Value>2</Value>'
        "<SimpleOperator>equals</SimpleOperator><Property>K</Property></RightOperand>"
        '<LogicalOperator>OR</LogicalOperator><LeftOperand xsi:type="SimpleFilterPart"><Property>K</Property>'
        "<Value>1</Value><SimpleOperator>equals</SimpleOperator></LeftOperand></Filter>"
    )

    assert keys(app, part) == "12"


# What is refused.


def refused(app: SoapApp, object_type: str, part: str) -> str:
    """Return the text after `Error: ` of a refused Retrieve; HTTP 200, and no Results."""
    answer = app.retrieve(object_type, ["ID" if object_type == "List" else "SubscriberKey"], part)
    assert (answer.status, answer.results) == (200, [])
    return answer.overall.removeprefix("Error: ")


@pytest.mark.parametrize(
    ("part", "text"),
    [
        # Seen live, these.
        ("<Filter/>", "Unknown filter of type FilterPart encountered"),
        (
            '<Filter xsi:type="ComplexFilterPart"><LeftOperand><Property>ID</Property></LeftOperand>'
            "<LogicalOperator>AND</LogicalOperator><RightOperand/></Filter>",
            "Unknown filter of type FilterPart encountered",
        ),
        (
            '<Filter xsi:type="ComplexFilterPart"/>',
            "Incorrect syntax near the keyword 'AND'.",
        ),
        (
            joint(ONE, "AND", ONE)
            .replace("<RightOperand", "<Nope")
            .replace("</RightOperand", "</Nope"),
            "Incorrect syntax near the keyword 'AND'.",
        ),
        (
            joint(ONE, "OR", ONE)
            .replace("<LeftOperand", "<Nope")
            .replace("</LeftOperand", "</Nope"),
            "Incorrect syntax near the keyword 'OR'.",
        ),
        (
            simple("SubscriberKey", "equals"),
            "Invalid argument for the equals operator. Filter array cannot be null.",
        ),
        (
            simple("SubscriberKey", "IN"),
            "Invalid argument for the IN operator. Filter array cannot be null.",
        ),
        (
            simple("Nope", "equals", "1"),
            "The Filter Property 'Nope' is not a retrievable property.",
        ),
        (simple("", "equals", "1"), "The Filter Property '' is not a retrievable property."),
        (
            simple("", "equals"),
            "Invalid argument for the equals operator. Filter array cannot be null.",
        ),
        (
            joint(ONE, "AND", ONE)
            .replace("<Property>", "<SimpleFilterPart><Property>", 1)
            .replace("</LeftOperand>", "</SimpleFilterPart></LeftOperand>"),
            "Invalid argument for the equals operator. Filter array cannot be null.",
        ),
        (
            simple("Lists", "equals", "1"),
            "The Filter Property 'Lists' is not a retrievable property.",
        ),
        # Assumed, these.
        (
            simple("SubscriberKey", "between", "a"),
            "Invalid argument for the between operator. Filter array must hold two values.",
        ),
        (
            simple("SubscriberKey", "beginsWith", "a"),
            "The operator 'beginsWith' is not supported for the retrieve of Subscriber.",
        ),
        (
            '<Filter xsi:type="TagFilterPart"><Tags><Tag>x</Tag></Tags></Filter>',
            "TagFilterPart is not supported for this object type.",
        ),
        (
            simple("ID", "equals", "one"),
            "Conversion failed when converting the nvarchar value 'one' to data type int.",
        ),
        (
            simple("ID", "equals", "9" * 30),
            f"The conversion of the nvarchar value '{'9' * 30}' overflowed an int column.",
        ),
        (
            simple("CreatedDate", "greaterThan", "soon"),
            "Conversion failed when converting date and/or time from character string.",
        ),
    ],
)
def test_an_invalid_filter_is_refused_in_words(app: SoapApp, part: str, text: str) -> None:
    assert refused(app, "Subscriber", part) == text


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        (
            ["Nope"],
            "The Request Property(s) Nope do not match with the fields of Subscriber retrieve",
        ),
        (
            ["ID", "Nope", "Lists"],
            "The Request Property(s) Nope, Lists do not match with the fields of Subscriber retrieve",
        ),
    ],
)
def test_properties_that_cannot_be_retrieved_are_named(
    app: SoapApp, properties: list[str], text: str
) -> None:
    """Seen live."""
    assert app.retrieve("Subscriber", properties).overall == f"Error: {text}"


def test_a_column_that_a_data_extension_lacks_is_named(app: SoapApp) -> None:
    """Seen live."""
    wanted = app.retrieve("DataExtensionObject[rows]", ["K", "Nope"])
    filtered = ask(app, simple("Nope", "equals", "1"))

    assert wanted.overall == "Error: Invalid column name 'Nope'."
    assert filtered.overall == ("Error: The Filter Property 'Nope' is not a retrievable property.")


@pytest.mark.parametrize("operator", ["equals", "notEquals", "greaterThan", "like", "IN"])
@pytest.mark.parametrize("object_type", ["Subscriber", "DataExtensionObject[rows]"])
@pytest.mark.parametrize("value", ["<Value/>", '<Value xsi:nil="true"/>'])
def test_an_empty_value_is_refused(
    app: SoapApp, object_type: str, operator: str, value: str
) -> None:
    """Seen live for equals: a client sends one for an empty variable."""
    name = "T" if "[" in object_type else "EmailAddress"
    condition = (
        f'<Filter xsi:type="SimpleFilterPart"><Property>{name}</Property>'
        f"<SimpleOperator>{operator}</SimpleOperator>{value}</Filter>"
    )

    answer = app.retrieve(object_type, ["K" if "[" in object_type else "ID"], condition)

    if operator == "like" and "[" in object_type:
        assert "not supported" in answer.overall
    else:
        assert answer.overall == (
            f"Error: Invalid argument for the {operator} operator. Filter[0] cannot be null or empty."
        )


def test_each_of_several_alike_filters_has_its_own_answer(app: SoapApp) -> None:
    def asked(number: str, text: str) -> tuple[str, list[str], tuple[str, ...]]:
        part = joint(simple("N", "equals", number, "0"), "AND", simple("T", "equals", text))
        answer = app.retrieve("DataExtensionObject[rows]", ["K", "N"], part)
        rows = ["{K} {N}".format(**row) for row in answer.rows]
        return answer.overall, rows, app.warnings

    two_values = asked("-5", "ant")[2]
    assert len(two_values) == 1
    assert asked("-5", "ant") == ("OK", ["1 -5"], two_values)
    assert asked("10", "cat") == ("OK", ["3 10"], two_values)
    assert asked("10", "ant") == ("OK", [], two_values)
    empty = "Error: Invalid argument for the equals operator. Filter[0] cannot be null or empty."
    assert asked("", "ant")[0] == empty
    assert asked("x", "")[0].startswith("Error: Conversion failed")
    assert asked("1", "")[0] == empty


@pytest.mark.parametrize("number", ["10", " 0 ", "-5", "+9", "7"])
def test_a_number_that_the_filter_fixes_is_shown_like_one_that_is_read(
    app: SoapApp, number: str
) -> None:
    def shown(*comparison: str) -> list[dict[str, str]]:
        part = joint(simple("N", *comparison), "AND", simple("K", "isNotNull"))
        return app.retrieve("DataExtensionObject[rows]", ["N", "K", "n"], part).rows

    assert shown("equals", number) == shown("between", number, number)


def test_like_is_not_for_rows(app: SoapApp) -> None:
    """Seen live."""
    assert ask(app, simple("T", "like", "a")).overall == (
        "Error: The operator 'like' is not supported for the retrieve of DataExtensionObject."
    )


@pytest.mark.parametrize(
    "object_type", ["Nope", "", "[x]", "Subscriber[", "TriggeredSend", "APIObject"]
)
def test_an_unknown_object_type_is_named(app: SoapApp, object_type: str) -> None:
    """Recorded; object types that cannot be retrieved look the same."""
    shown = object_type.partition("[")[0] if object_type.endswith("]") else object_type

    assert app.retrieve(object_type, ["ID"]).overall == (
        f"Error: Unable to find a handler for object type: {shown}. Object types are case-sensitive, check spelling."
    )


# Nothing that comes from outside becomes a part of a statement.

_INJECTIONS = [
    "' OR '1'='1",
    '" OR "1"="1',
    "'; DROP TABLE subscriber; --",
    "1 OR 1=1",
    "a','b",
    "ant') OR ('a'='a",
    "%",
    "_nt",
    "*",
    "\\' OR 1=1 --",
    "{0}",
    "?",
    ":a",
]


@pytest.mark.parametrize("text", _INJECTIONS)
def test_a_value_is_only_ever_a_value(app: SoapApp, text: str) -> None:
    assert keys(app, simple("T", "equals", text)) == ""
    assert keys(app, simple("T", "IN", text, "x")) == ""


def test_quotes_and_percent_signs_are_found_as_they_are(app: SoapApp) -> None:
    assert keys(app, simple("T", "equals", "50% \"off\" 'x'")) == "4"


@pytest.mark.parametrize(
    "name", [*_INJECTIONS, "rowid", "rowkey", 'T" IS NULL OR "T', "sqlite_version()"]
)
def test_a_name_is_only_ever_a_name(app: SoapApp, name: str) -> None:
    asked = app.retrieve("DataExtensionObject[rows]", [name])
    filtered = ask(app, simple(name, "isNotNull"))
    object_type = app.retrieve(f"DataExtensionObject[{name}]", ["K"])

    if name != "*":
        assert asked.overall == f"Error: Invalid column name '{name}'."
    assert filtered.overall == (
        f"Error: The Filter Property '{name}' is not a retrievable property."
    )
    assert object_type.overall == f"Error: Data extension does not exist: {name}"


# Case.


@pytest.mark.parametrize(
    ("object_type", "meant"), [("LIST", "List"), ("list", "List"), ("subscriber", "Subscriber")]
)
def test_an_object_type_in_another_case_is_taken_with_a_warning(
    app: SoapApp, object_type: str, meant: str
) -> None:
    """A widely used client sends LIST."""
    assert app.retrieve(object_type, ["ID"]).overall == "OK"
    assert app.warnings == (
        f"there is no object type '{object_type}', taken as {meant}: the live service says that object types are "
        "case-sensitive",
    )


def test_strictly_an_object_type_in_another_case_is_unknown(strict_app: SoapApp) -> None:
    """Recorded: the service says so itself."""
    assert strict_app.retrieve("LIST", ["ID"]).overall == (
        "Error: Unable to find a handler for object type: LIST. Object types are case-sensitive, check spelling."
    )


def test_a_property_in_another_case_is_taken_with_a_warning(app: SoapApp) -> None:
    answer = app.retrieve("List", ["listname"], simple("LISTNAME", "equals", "All Subscribers"))

    assert answer.texts("Results", "ListName") == ["All Subscribers"]
    assert {each.split(":")[0] for each in app.warnings} == {
        "List has no property 'listname', but 'ListName'",
        "List has no property 'LISTNAME', but 'ListName'",
    }


def test_strictly_a_property_in_another_case_is_unknown(strict_app: SoapApp) -> None:
    assert strict_app.retrieve("List", ["listname"]).overall == (
        "Error: The Request Property(s) listname do not match with the fields of List retrieve"
    )


# Only new results.


@pytest.fixture
def sending(make_app: Callable[..., SoapApp]) -> SoapApp:
    """An application over an account with a definition that was started."""
    made = make_app()
    definition = (
        '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>welcome</CustomerKey>{}</Objects>'
    )
    rest = (
        "<Name>welcome</Name><SendClassification><CustomerKey>2239</CustomerKey></SendClassification>"
        "<Email><ID>3099626</ID></Email>"
    )
    started = "<TriggeredSendStatus>Active</TriggeredSendStatus>"
    for operation, content in (("Create", rest), ("Update", started)):
        assert made.call(operation, definition.format(content)).overall == "OK"
    return made


def _send(app: SoapApp, name: str, after: timedelta = timedelta(minutes=1)) -> None:
    sent = app.call(
        "Create",
        '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>welcome</CustomerKey>'
        f"</TriggeredSendDefinition><Subscribers><SubscriberKey>{name}</SubscriberKey>"
        f"<EmailAddress>{name}@mock.test</EmailAddress></Subscribers></Objects>",
    )
    assert sent.overall == "OK"
    app.account.change_clock(lambda clock: clock.advance(after))


def _new(app: SoapApp, rest: str = "", part: str = "") -> list[str]:
    since = "<RetrieveAllSinceLastBatch>true</RetrieveAllSinceLastBatch>"
    answer = app.retrieve("SentEvent", ["SubscriberKey"], part, since + rest)
    assert answer.overall == "OK"
    return answer.texts("Results", "SubscriberKey")


def test_all_since_the_last_batch_is_what_came_since(sending: SoapApp) -> None:
    """Documented; when nothing is new, OK and no Results."""
    _send(sending, "ada")
    first = _new(sending)
    _send(sending, "bob")

    assert [first, _new(sending), _new(sending)] == [["ada"], ["bob"], []]


def test_a_row_of_the_very_time_of_the_last_batch_is_new(sending: SoapApp) -> None:
    """With a frozen clock, all times are equal."""
    _send(sending, "ada", timedelta())
    first = _new(sending)
    _send(sending, "bob", timedelta())

    assert [first, _new(sending), _new(sending)] == [["ada"], ["bob"], []]


def test_the_last_result_can_be_had_again(sending: SoapApp) -> None:
    """Documented: RepeatLastResult."""
    again = "<RepeatLastResult>true</RepeatLastResult>"
    _send(sending, "ada")
    _new(sending)
    _send(sending, "bob")

    assert [_new(sending), _new(sending, again), _new(sending)] == [["bob"], ["bob"], []]


def test_the_last_result_can_be_had_without_asking_for_new_ones(sending: SoapApp) -> None:
    """Without a last batch, everything is the last result, including objects without a date."""
    again = "<RepeatLastResult>true</RepeatLastResult>"
    before = sending.retrieve("SentEvent", ["SubscriberKey"], rest=again)
    _send(sending, "ada")
    _new(sending)
    _send(sending, "bob")

    assert (before.overall, before.results) == ("OK", [])
    repeated = sending.retrieve("SentEvent", ["SubscriberKey"], rest=again)
    assert repeated.texts("Results", "SubscriberKey") == ["ada"]
    assert sending.retrieve("TimeZone", ["ID"], rest=again).overall == "OK"
    assert _new(sending) == ["bob"]


@pytest.mark.parametrize(
    "object_type",
    [
        "AutomationInstance",
        "ImportResultsSummary",
        "SubscriberSendResult",
        "TriggeredSendDefinition",
    ],
)
def test_objects_with_a_date_can_be_retrieved_since_the_last_batch(
    app: SoapApp, object_type: str
) -> None:
    since = "<RetrieveAllSinceLastBatch>true</RetrieveAllSinceLastBatch>"
    name = "Subscriber.SubscriberKey" if object_type == "SubscriberSendResult" else "ObjectID"

    assert app.retrieve(object_type, [name], rest=since).overall == "OK"


def test_each_question_has_a_last_batch_of_its_own(sending: SoapApp) -> None:
    """Documented: identical properties and filter."""
    _send(sending, "ada")
    _new(sending)

    filtered = _new(sending, part=simple("SubscriberKey", "equals", "ada"))

    assert filtered == ["ada"]


def test_objects_without_a_date_cannot_be_new(app: SoapApp) -> None:
    """The wording is assumed."""
    since = "<RetrieveAllSinceLastBatch>true</RetrieveAllSinceLastBatch>"

    answer = app.retrieve("TriggeredSendSummary", ["Sent"], rest=since)

    assert answer.overall == (
        "Error: RetrieveAllSinceLastBatch is not supported for TriggeredSendSummary, which has no date."
    )


# Query asks the same in other words.


def test_a_query_is_answered_like_the_retrieve(app: SoapApp) -> None:
    part = simple("ListName", "equals", "All Subscribers")

    answer = app.call(
        "Query",
        "<QueryRequest><Query><Object><ObjectType>List</ObjectType><Properties>ListName</Properties></Object>"
        f"{part}</Query></QueryRequest>",
    )

    assert answer.texts("Results", "ListName") == ["All Subscribers"]


# Accounts.


@pytest.mark.parametrize(("mid", "found"), [("own", 1), ("1", 0)])
def test_all_accounts_are_filtered_by_client_id(app: SoapApp, mid: str, found: int) -> None:
    """Seen live: without QueryAllAccounts a data extension has no such property to filter on."""
    number = str(app.account.mid) if mid == "own" else mid
    condition = joint(
        simple("Client.ID", "equals", number), "AND", simple("Name", "equals", "rows")
    )

    everywhere = app.retrieve(
        "DataExtension", ["Name"], condition, "<QueryAllAccounts>true</QueryAllAccounts>"
    )
    here = app.retrieve("DataExtension", ["Name"], condition)

    assert (everywhere.overall, len(everywhere.results)) == ("OK", found)
    assert here.overall == "Error: The Filter Property 'Client.ID' is not a retrievable property."


def test_a_retrieve_without_a_request_is_refused(app: SoapApp) -> None:
    answer = app.call("Retrieve")

    assert answer.overall == "Error: Object reference not set to an instance of an object."

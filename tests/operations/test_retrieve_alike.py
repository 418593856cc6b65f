"""Retrieves that differ from earlier ones only in values find the same as when parsed separately."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from tests.support.soap_app import SoapApp, element, joint, simple

from sfmc_mock.declarations.filters import Shape, shape_of
from sfmc_mock.wire.struct import Struct

ROWS = "DataExtensionObject[orders]"

FILTERS: dict[str, tuple[str, list[str]]] = {
    "a column": (simple("Note", "equals", "{}"), ["a", "b", "B", "", "a','b", " a", "x&lt;y"]),
    "a date value": (simple("Note", "equals", dates=["{}"]), ["a", "b", "", "c"]),
    "a number": (simple("Level", "greaterThan", "{}"), ["1", "2", "x", "", "99999999999999999999"]),
    "several": (simple("Note", "IN", "{}"), ["a", "a','b", "b", "a','b','c"]),
    "one and the other": (
        simple("Note", "IN", "{}", "c"),
        ["a", "b','c", "b", "c", "a','b"],
    ),
    "from and to": (simple("Level", "between", "{}", "3"), ["1", "2", "4", ""]),
    "two first ones": (simple("Note", "equals", "{}", "b"), ["a", "b", "c"]),
    "both": (
        joint(simple("Level", "lessThan", "{}"), "AND", simple("Note", "notEquals", "b")),
        ["1", "3", "4", "x", "2"],
    ),
    "one or another": (
        joint(
            joint(simple("Note", "equals", "{}"), "OR", simple("Note", "equals", "b")),
            "OR",
            simple("Level", "equals", "3"),
            simple("Note", "isNull"),
        ),
        ["a", "b", "c", "zz"],
    ),
    "an operator": (simple("Note", "{}", "b"), ["equals", "notEquals", "like", "equals", "IN"]),
    "a property": (simple("{}", "equals", "b"), ["Note", "Level", "note", "Nope", "Note"]),
    "a joint": (
        joint(simple("Note", "equals", "a"), "{}", simple("Note", "equals", "b")),
        ["AND", "OR", "AND", "OR"],
    ),
    "no filter": ("", ["1", "2", "3"]),
}
FORMS = (
    "<RetrieveRequest><ObjectType>{type}</ObjectType><Properties>Id</Properties><Properties>{name}</Properties>"
    "{filter}</RetrieveRequest>"
)


@pytest.fixture
def app(make_app: Callable[..., SoapApp]) -> SoapApp:
    made = make_app()
    create(made, data_extension("Id", "Note", "Level"))
    for number, note in enumerate(("a", "b", "c", "a','b", "x<y"), start=1):
        values = {"Id": str(number), "Note": note, "Level": str(number)}
        cells = "".join(
            f"<Property>{element('Name', name)}{element('Value', value)}</Property>"
            for name, value in values.items()
        )
        create(
            made,
            '<Objects xsi:type="DataExtensionObject"><CustomerKey>orders</CustomerKey>'
            f"<Properties>{cells}</Properties></Objects>",
        )
    return made


def data_extension(*names: str) -> str:
    kinds = {"Level": "Number"}
    fields = "".join(
        f"<Field>{element('Name', name)}{element('FieldType', kinds.get(name, 'Text'))}</Field>"
        for name in names
    )
    return (
        '<Objects xsi:type="DataExtension"><CustomerKey>orders</CustomerKey><Name>orders</Name>'
        f"<Fields>{fields}</Fields></Objects>"
    )


def create(app: SoapApp, content: str) -> None:
    assert app.call("Create", content).overall == "OK"


Answered = tuple[str, list[dict[str, str]], tuple[str, ...], str]


def answer(app: SoapApp, content: str) -> Answered:
    """Return the answer, with its summary in the journal."""
    found = app.call("Retrieve", content)
    *_, kept = app.wsgi.journal
    return found.overall, found.rows, app.warnings, f"{kept.title}: {kept.summary}"


def same(app: SoapApp, content: str) -> Answered:
    """Return the answer to a request, which must equal that of a copy with a comment: that one is parsed separately."""
    alone = answer(app, f"<!-- alone -->{content}")
    assert answer(app, content) == alone
    return alone


@pytest.mark.parametrize("name", FILTERS)
def test_they_find_what_each_finds_by_itself(app: SoapApp, name: str) -> None:
    filter_, values = FILTERS[name]
    for value in [*values, *values, *reversed(values)]:
        same(app, FORMS.format(type=ROWS, name="Note", filter=filter_.format(value)))


def test_an_empty_date_leaves_the_values_of_other_comparisons_to_them(app: SoapApp) -> None:
    def asked(*dates: str) -> str:
        filter_ = joint(
            simple("Note", "equals", dates=dates[:2]),
            "OR",
            simple("Level", "equals", dates=dates[2:]),
        )
        return FORMS.format(type=ROWS, name="Note", filter=filter_)

    # They differ in all of their dates, so that each is a value that may change.
    for dates in (("a", "b", "1", "2"), ("b", "c", "2", "3"), ("c", "a", "3", "1")) * 3:
        same(app, asked(*dates))
    for dates in (
        ("b", "", "1", "3"),
        ("b", "", "2", "3"),
        ("b", "a", "", "3"),
        ("", "b", "3", "2"),
    ) * 3:
        same(app, asked(*dates))


def test_a_date_that_is_empty_at_first_has_its_value_later(app: SoapApp) -> None:
    for second in ("", "", "", "b", "", "c"):
        filter_ = joint(
            simple("Note", "equals", dates=("a", second)), "OR", simple("Level", "equals", "2")
        )
        same(app, FORMS.format(type=ROWS, name="Note", filter=filter_))


def test_what_changes_beside_values_is_read_each_time(app: SoapApp) -> None:
    for _ in range(2):
        for name, number in (("Note", 1), ("Level", 2), ("Nope", 3), ("note", 1)):
            filter_ = simple("Level", "equals", str(number))
            same(app, FORMS.format(type=ROWS, name=name, filter=filter_))
        for kind in (
            ROWS,
            "DataExtensionObject[nothing]",
            "DataExtension",
            "dataextension",
            "Nope",
        ):
            filter_ = simple("Level", "equals", "1")
            same(app, FORMS.format(type=kind, name="Note", filter=filter_))


@pytest.mark.parametrize("kind", ["DataExtensionObject[orders]", "dataextensionobject[Orders]"])
def test_they_follow_changes_of_the_definition(app: SoapApp, kind: str) -> None:
    def found(level: int) -> object:
        filter_ = simple("Level", "equals", str(level))
        return same(app, FORMS.format(type=kind, name="Note", filter=filter_))[:2]

    for level in (1, 2) * 4:
        assert found(level) == ("OK", [{"Id": str(level), "Note": {1: "a", 2: "b"}[level]}])
    whole = '<Objects xsi:type="DataExtension"><CustomerKey>orders</CustomerKey></Objects>'
    assert app.call("Delete", whole).overall == "OK"
    assert "does not exist" in str(found(2))
    create(app, data_extension("Id", "Level"))
    assert found(1) == ("Error: Invalid column name 'Note'.", [])
    assert found(2) == ("Error: Invalid column name 'Note'.", [])


def test_what_they_ask_is_found_by_how_they_are_written(
    app: SoapApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[object] = []

    def counted(part: Struct, given: list[str | None]) -> Shape:
        shapes.append(part)
        return shape_of(part, given)

    module = sys.modules["sfmc_mock.operations.retrieve"]
    monkeypatch.setattr(module, "shape_of", counted)
    for note in "abcabcabc":
        filter_ = simple("Note", "equals", note)
        found = app.retrieve(ROWS, ["Id", "Note"], filter_)
        assert [row["Note"] for row in found.rows] == [note]

    # Two to learn the form, two to learn what changes in it, one to learn what it asks.
    assert len(shapes) == 5

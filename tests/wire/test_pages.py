"""Result pages: rows become the same XML as values, without becoming values."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sfmc_mock.wire.catalogue import NAMESPACE
from sfmc_mock.wire.page_writer import PageWriter, date_text
from sfmc_mock.wire.pages import Cell, page_writer, row_page_writer
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

NILS = '<PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" />'
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def page(type_name: str, cells: list[Cell], *rows: tuple[object, ...]) -> str:
    return page_writer(type_name, tuple(cells))(rows)


def test_a_row_is_a_result_of_its_class_in_the_order_of_the_wsdl() -> None:
    cells = [Cell("Name"), Cell("CustomerKey"), Cell("CategoryID", "number")]

    text = page("DataExtension", cells, ("n", "k", 7))

    assert text == (
        f'<Results xsi:type="DataExtension">{NILS}<CustomerKey>k</CustomerKey><Name>n</Name>'
        "<CategoryID>7</CategoryID></Results>"
    )


def test_rows_follow_one_another_without_anything_between() -> None:
    cells = [Cell("CustomerKey")]

    text = page("DataExtension", cells, ("a",), ("b",))

    assert text == page("DataExtension", cells, ("a",)) + page("DataExtension", cells, ("b",))


@pytest.mark.parametrize("is_dated", [True, False])
@pytest.mark.parametrize("count", [1, 30])
def test_a_value_that_all_rows_share_is_written_like_one_of_a_column(
    count: int, *, is_dated: bool
) -> None:
    cells = (
        Cell("SendID", "number"),
        Cell("SubscriberKey"),
        Cell("ListID", "number", partner=True),
        Cell("EventDate", "date"),
    )
    dates = [f"2026-01-02T03:04:{number:02}" if is_dated else None for number in range(count)]
    rows = [(7, f"key-{number}", 9, date) for number, date in enumerate(dates)]
    without = [(key, date, 1) for _, key, _, date in rows]

    shared = page_writer("SentEvent", cells).sharing((0, 2))(without, (7, 9))
    assert shared == page_writer("SentEvent", cells)(rows)
    assert "<SendID>7</SendID>" in shared


def test_a_shared_value_of_a_nested_part_and_of_a_row_is_written_as_well() -> None:
    nested = (Cell("List.ID", "number"), Cell("List.ListName"))
    of_part = page_writer("ListSend", nested).sharing((0,))([(None, 1), ("n", 2)], (7,))
    of_row = row_page_writer(("a", "b"), ("text", "number")).sharing((1,))([("x", 1)], (7,))

    assert of_part == page_writer("ListSend", nested)([(7, None), (7, "n")])
    assert of_row == row_page_writer(("a", "b"), ("text", "number"))([("x", 7)])


def test_no_rows_are_no_text() -> None:
    assert page("DataExtension", [Cell("Name")]) == ""


def test_null_is_left_out_and_an_empty_text_is_an_empty_element() -> None:
    """Recorded: empty values are returned, null values are not."""
    text = page("DataExtension", [Cell("Name"), Cell("Description")], (None, ""))

    assert text == f'<Results xsi:type="DataExtension">{NILS}<Description /></Results>'


def test_flags_and_dates_are_written_as_the_service_writes_them() -> None:
    cells = [Cell("IsSendable", "flag"), Cell("IsTestable", "flag"), Cell("CreatedDate", "date")]

    text = page("DataExtension", cells, (1, 0, "2026-01-02T03:04:05.640"))

    assert "<CreatedDate>2026-01-02T03:04:05.64</CreatedDate>" in text
    assert "<IsSendable>true</IsSendable><IsTestable>false</IsTestable>" in text


def test_the_memory_of_written_dates_is_bounded_and_shared_by_all_questions() -> None:
    first = datetime(2026, 1, 2, 3, 4, 5, 640000)
    times = [
        f"{first + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S.640}" for number in range(9_000)
    ]
    tracemalloc.start()
    try:
        for name in ("Name", "Description", "CustomerKey", "Status"):
            page(
                "DataExtension",
                [Cell("CreatedDate", "date"), Cell(name)],
                *((each, "") for each in times),
            )
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 1_500_000


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("2022-04-21T06:56:27.927", "2022-04-21T06:56:27.927"),
        ("2022-04-21T06:56:27.640", "2022-04-21T06:56:27.64"),
        ("2022-04-21T06:56:27.600", "2022-04-21T06:56:27.6"),
        ("2022-04-21T06:56:20.000", "2022-04-21T06:56:20"),
        ("2022-04-21T06:50:00", "2022-04-21T06:50:00"),
    ],
)
def test_fractions_of_seconds_lose_their_zeros(stored: str, written: str) -> None:
    """Recorded."""
    assert date_text(stored) == written


@pytest.mark.parametrize(
    "unusual",
    ["2026-01-02T03:04:05.600", "2026-01-02T03:04:05.000", "2026-01-02T03:04:00", None, ""],
)
def test_a_date_among_many_is_written_as_it_is_alone(unusual: str | None) -> None:
    cells = [Cell("Name"), Cell("CreatedDate", "date")]
    rows = [(f"n{number}", f"2026-01-02T03:04:05.{number:02}7") for number in range(30)]
    rows[17] = ("n17", unusual)  # type: ignore[assignment]

    together = page("DataExtension", cells, *rows)
    assert together == "".join(page("DataExtension", cells, row) for row in rows)


def test_dotted_properties_come_in_a_value_of_their_own_with_its_nils() -> None:
    cells = [Cell("DataExtension.CustomerKey"), Cell("Name")]

    text = page("DataExtensionField", cells, ("k", "n"))

    assert text == (
        f'<Results xsi:type="DataExtensionField">{NILS}<Name>n</Name>'
        f"<DataExtension>{NILS}<CustomerKey>k</CustomerKey></DataExtension></Results>"
    )


def test_a_nested_value_is_left_out_when_all_that_was_asked_of_it_is_null() -> None:
    cells = [Cell("ParentFolder.ID", "number"), Cell("ParentFolder.Name")]

    both = page("DataFolder", cells, (None, None))
    one = page("DataFolder", cells, (0, None))

    assert "ParentFolder" not in both
    assert '<ParentFolder><PartnerKey xsi:nil="true" /><ID>0</ID>' in one
    assert "Name" not in one


def test_properties_that_the_class_lacks_are_partner_properties() -> None:
    """Recorded: in the order asked for, flags with a capital letter, an empty Value where there is none."""
    cells = [
        Cell("IsSendable", "flag", partner=True),
        Cell("RetainUntil", partner=True),
        Cell("DataRetentionPeriodLength", "number", partner=True),
    ]

    text = page("DataExtensionTemplate", cells, (1, None, 6))

    assert text == (
        '<Results xsi:type="DataExtensionTemplate"><PartnerKey xsi:nil="true" />'
        "<PartnerProperties><Name>IsSendable</Name><Value>True</Value></PartnerProperties>"
        "<PartnerProperties><Name>RetainUntil</Name><Value /></PartnerProperties>"
        "<PartnerProperties><Name>DataRetentionPeriodLength</Name><Value>6</Value></PartnerProperties>"
        '<ObjectID xsi:nil="true" /></Results>'
    )


def test_attributes_of_a_subscriber_come_as_they_are_stored() -> None:
    cells = [Cell("SubscriberKey"), Cell("Attributes", "attributes")]

    text = page("Subscriber", cells, ("ada", '[["First Name", "Ada <3"], ["Last Name", ""]]'))

    assert (
        "<Attributes><Name>First Name</Name><Value>Ada &lt;3</Value></Attributes>"
        "<Attributes><Name>Last Name</Name><Value /></Attributes><SubscriberKey>ada</SubscriberKey>"
    ) in text


def test_a_row_of_a_data_extension_has_its_columns_in_the_order_asked_for() -> None:
    write_rows = row_page_writer(("B", "A"), ("text", "number"))

    assert write_rows([("x", 1)]) == (
        f'<Results xsi:type="DataExtensionObject">{NILS}<Type>DataExtensionObject</Type><Properties>'
        "<Property><Name>B</Name><Value>x</Value></Property>"
        "<Property><Name>A</Name><Value>1</Value></Property></Properties></Results>"
    )


def test_cells_of_data_extensions_are_texts_of_the_services_own_kind() -> None:
    write_rows = row_page_writer(
        ("Flag", "Time", "Sum", "Nothing"), ("Flag", "us_date", "decimal", "text")
    )

    text = write_rows([(0, "2024-05-09T13:05:00.000", "12.50", None)])

    assert "<Name>Flag</Name><Value>False</Value>" in text
    assert "<Name>Time</Name><Value>5/9/2024 1:05:00 PM</Value>" in text
    assert "<Name>Sum</Name><Value>12.50</Value>" in text
    assert "<Name>Nothing</Name><Value /></Property>" in text


_HOSTILE = [
    "{1/0}",
    "{{r}}",
    "'+str(1)+'",
    "\\'\\",
    "c0",
    '"""',
    "\n\r\t",
    "{__import__('os').abort()}",
    "</Name><Name>",
    "%s & <b>",
]


@pytest.mark.parametrize("name", _HOSTILE)
def test_names_and_texts_from_outside_are_only_ever_text(name: str) -> None:
    """The writers are generated code, which must contain nothing that a caller chose."""
    written = row_page_writer((name,), ("text",))([(name,)])

    found = etree.fromstring(written.replace("xsi:", ""))

    as_text = name.replace("\r", "\n")
    assert found.findtext("Properties/Property/Name") == as_text
    assert found.findtext("Properties/Property/Value") == as_text


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(max_size=9),
            st.none() | st.integers(-(2**63), 2**63),
            st.none() | st.booleans(),
            st.none() | st.integers(0, 99),
        ),
        max_size=4,
    )
)
def test_a_page_says_what_the_same_values_would(
    rows: list[tuple[str | None, int | None, bool | None, int | None]],
) -> None:
    cells = [
        Cell("Name"),
        Cell("CategoryID", "number"),
        Cell("IsSendable", "flag"),
        Cell("Client.ID", "number"),
    ]

    values = []
    for name, category, sendable, mid in rows:
        client = None if mid is None else Struct("ClientID", {"ID": mid})
        fields: dict[str, object] = {
            "Name": name,
            "CategoryID": category,
            "IsSendable": sendable,
            "Client": client,
        }
        given_ones = {key: value for key, value in fields.items() if value is not None}
        values.append(write(Struct("DataExtension", given_ones), "Results", declared=""))

    assert page("DataExtension", cells, *rows) == "".join(values)


def test_a_page_of_the_services_namespace_is_well_formed() -> None:
    text = page("List", [Cell("ListName")], ("a & b",), ("☃",))

    root = etree.fromstring(f'<P xmlns="{NAMESPACE}" xmlns:xsi="{XSI}">{text}</P>')

    assert [each.findtext(f"{{{NAMESPACE}}}ListName") for each in root] == ["a & b", "☃"]


def test_of_wide_writers_few_are_kept() -> None:
    def writer(columns: int, number: int = 0) -> PageWriter:
        names = tuple(f"{number} {column}" for column in range(columns))
        return row_page_writer(names, ("text",) * columns)

    narrow, wide, widest = writer(200), writer(201), writer(1_501)
    assert (writer(200), writer(201)) == (narrow, wide)
    assert writer(1_501) is not widest

    for number in range(1, 10):
        writer(200, number)
        writer(201, number)

    assert writer(200) is narrow
    assert writer(201) is not wide

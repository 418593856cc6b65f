"""`sfmc-client retrieve`: objects of a type, or rows of a data extension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice

import click

from sfmc_client.cli.connection_options import Connect, connection_options
from sfmc_client.cli.filter_parser import parse_where
from sfmc_client.cli.name_suggestions import check_case, properties_of, suggesting
from sfmc_client.cli.output import MOST_SHOWN, Format, Row, format_options, progress
from sfmc_client.client import Client
from sfmc_client.errors import ConfigurationError, NotFound, SfmcError
from sfmc_client.events import TRACKING_EVENTS
from sfmc_client.filters import Condition, P
from sfmc_client.models import APIObject
from sfmc_client.paging import Retrieval

_ROWS = "DataExtensionObject["


@click.command(short_help="Retrieve objects of a type, or rows of a data extension.")
@click.argument("object_type", metavar="TYPE")
@click.argument("properties", nargs=-1, metavar="[PROPERTY]...")
@click.option(
    "--where",
    metavar="CONDITION",
    help='Only objects that match: "SendID = 42 and EventDate >= 2024-05-01". Knows = != > >= < <= LIKE, IN (…), '
    "BETWEEN … AND …, IS [NOT] NULL, AND, OR and brackets.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, 2500),
    metavar="N",
    help="Number of objects per answer of the service.",
)
@format_options
@connection_options
def retrieve(
    object_type: str,
    properties: Sequence[str],
    where: str | None,
    limit: int | None,
    batch_size: int | None,
    connect: Connect,
    format: Format,
) -> None:
    """Retrieve objects of TYPE with the given PROPERTIES. Default: all retrievable properties.

    TYPE is case-sensitive, as in the WSDL (Subscriber, SentEvent …). Rows of a data extension have the type
    DataExtensionObject[NAME].

    \b
        sfmc-client retrieve SentEvent SendID SubscriberKey EventDate --where "SendID = 42"
        sfmc-client retrieve "DataExtensionObject[SendLog]" --csv > log.csv
    """
    condition = None if where is None else parse_where(where)
    with connect() as client:
        known = cache(lambda: _known_properties(client, object_type))
        columns = list(properties)
        if columns:
            check_case(object_type, columns, known())
        with suggesting(object_type, [*columns, *properties_of(condition)], known):
            columns = columns or _all_properties(client, object_type)
            retrieval = _found(client, object_type, columns, condition, batch_size)
            _write(format, columns, retrieval, limit, object_type)


def _write(
    format: Format,
    columns: Sequence[str],
    retrieval: Retrieval[APIObject],
    limit: int | None,
    object_type: str,
) -> None:
    """Write the found objects; a table only after the progress display has ended, which would leave traces in it."""
    with progress(object_type) as count:
        rows = islice(_rows(retrieval, columns, count), limit)
        if not format.waits_for_all:
            format.write(columns, rows, title=object_type)
            return
        come = list(islice(rows, MOST_SHOWN + 1))
    format.write(columns, come, title=object_type)


def _known_properties(client: Client, object_type: str) -> Sequence[str]:
    """Return the properties of a type from Describe; none if the service does not describe the type."""
    try:
        return _all_properties(client, object_type)
    except SfmcError:
        return ()


def _all_properties(client: Client, object_type: str) -> list[str]:
    if object_type.startswith(_ROWS):
        return _columns_of(client, object_type.removeprefix(_ROWS).removesuffix("]"))
    if object_type in TRACKING_EVENTS:
        # Describe lists properties that the live service then refuses to retrieve (recorded).
        return list(TRACKING_EVENTS[object_type].properties)
    names = list(client.describe(object_type).retrievable)
    if not names:
        raise NotFound(f"{object_type} has no property that can be retrieved.")
    return names


def _columns_of(client: Client, data_extension: str) -> list[str]:
    """Return the columns of a data extension, named by its CustomerKey or Name."""
    named = client.retrieve(
        "DataExtension",
        ["CustomerKey"],
        filter=P("CustomerKey").equals(data_extension) | P("Name").equals(data_extension),
    ).first()
    key = data_extension if named is None else named.text("CustomerKey") or data_extension
    fields = client.retrieve(
        "DataExtensionField", ["Name"], filter=P("DataExtension.CustomerKey").equals(key)
    )
    names = [field.text("Name") or "" for field in fields]
    if not names:
        raise NotFound(
            f"There is no data extension {data_extension}. Give its CustomerKey or Name; "
            "sfmc-client retrieve DataExtension CustomerKey Name lists them."
        )
    return names


def _found(
    client: Client,
    object_type: str,
    columns: Sequence[str],
    condition: Condition | None,
    batch_size: int | None,
) -> Retrieval[APIObject]:
    if object_type.startswith("[") or (object_type.startswith(_ROWS) and object_type[-1] != "]"):
        raise ConfigurationError(
            f"'{object_type}' is not a type. Rows have the type DataExtensionObject[NAME]; put it in quotation marks."
        )
    return client.retrieve(object_type, columns, filter=condition, batch_size=batch_size)


def _rows(
    retrieval: Retrieval[APIObject], columns: Sequence[str], count: Callable[[int], None]
) -> Iterator[Row]:
    for number, item in enumerate(retrieval, start=1):
        count(number)
        # The columns of a row are a list of pairs: read it once, not once per name.
        own, cells = set(item), item.pairs("Properties.Property")
        yield {
            name: cells[name] if name in cells and name not in own else _text(item, name)
            for name in columns
        }


def _text(item: APIObject, name: str) -> str | None:
    value = item.get(name)
    if value is None or isinstance(value, str):
        return value
    # Nested and repeated objects share one cell.
    several = value if isinstance(value, list) else [value]
    return "; ".join(value if isinstance(value, str) else repr(value) for value in several)

"""The data of the account: API objects by type, rows of data extensions, subscribers, definitions and folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from werkzeug.wrappers import Response

from sfmc_mock.account.triggered_send_definitions import DefinitionChange, change_definition
from sfmc_mock.control.sent_messages import TrackedEvent
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.inspector.page_request import PAGE_SIZE, PageRequest
from sfmc_mock.inspector.rendering import respond
from sfmc_mock.inspector.tables import OPERATORS, ROWS, ObjectTable, Question
from sfmc_mock.objects import HANDLERS
from sfmc_mock.store.database import Row
from sfmc_mock.store.row_types import Definition, Subscriber, find_record
from sfmc_mock.whole_numbers import whole_number

# The groups of object types, by the scopes that they need.
_GROUPS = {
    "email": "Emails and sends",
    "tracking_events": "Emails and sends",
    "list_and_subscribers": "Subscribers",
    "data_extensions": "Data extensions",
    "automations": "Automations and files",
    "accounts": "Accounts and users",
    "users": "Accounts and users",
    "sms": "Text messages",
}
_EVENTS, _OTHERS = "Tracking events", "Content and settings"
_MOST_DEFINITIONS = 200

_SECONDS_TO_COUNT = 0.06
"""The time for which one request counts events; the page reloads until all are counted."""


def data(asked: PageRequest) -> Response:
    """List the types of API objects."""
    rows = asked.rows("data_extension", 500)
    extensions = [(row["customer_key"], row["name"]) for row in rows]
    return asked.page("data.html", groups=_groups(), extensions=extensions)


def _groups() -> list[tuple[str, list[str]]]:
    """Return the groups, each with its object types."""
    groups: dict[str, list[str]] = {title: [] for title in (*_GROUPS.values(), _EVENTS, _OTHERS)}
    for name, handler in sorted(HANDLERS.items()):
        if handler.is_retrieved and name != ROWS:
            title = _EVENTS if name.endswith("Event") else _GROUPS.get(handler.scope, _OTHERS)
            groups[title].append(name)
    return [*groups.items()]


def objects(asked: PageRequest, object_type: str) -> Response:
    """Show the objects of a type as a table, with the properties that Retrieve returns."""
    of = asked.text("of")
    table = ObjectTable(asked.account, object_type, of, seconds_to_count=_SECONDS_TO_COUNT)
    question = _question(asked)
    page = table.page(question, PAGE_SIZE)
    following: dict[str, object] = {"after": page.rows[-1][0] if page.rows else 0}
    if question.sort:
        following = {"offset": question.offset + PAGE_SIZE}
    is_first = not (question.after or question.offset)
    return asked.page(
        "objects.html",
        type=object_type,
        of=of,
        table=page,
        is_counted=table.is_counted,
        question=question,
        operators=OPERATORS,
        more=asked.with_query(**following) if page.more else "",
        first="" if is_first else asked.with_query(after=None, offset=None),
        csv=asked.with_query(after=None, offset=None, sort=None, descending=None).replace(
            f"/data/{object_type}", f"/data/{object_type}/file.csv", 1
        ),
        definitions=_definitions(asked) if object_type == "TriggeredSendDefinition" else [],
        folders=_folders(asked) if object_type == "DataFolder" else [],
        groups=_groups(),
    )


def _question(asked: PageRequest) -> Question:
    return Question(
        after=asked.number("after") or 0,
        sort=asked.text("sort"),
        descending=bool(asked.text("descending")),
        offset=asked.number("offset") or 0,
        property=asked.text("property"),
        operator=asked.text("operator") or "like",
        value=asked.text("value"),
    )


def csv_file(asked: PageRequest, object_type: str) -> Response:
    """Return the rows as a CSV file."""
    table = ObjectTable(asked.account, object_type, asked.text("of"))
    content = b"".join(table.as_csv(_question(asked)))
    return respond(
        content,
        "text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{object_type}.csv"'},
    )


def row(asked: PageRequest, object_type: str, number: int) -> Response:
    """Show all properties of one object."""
    of = asked.text("of")
    table = ObjectTable(asked.account, object_type, of, seconds_to_count=_SECONDS_TO_COUNT)
    pairs = list(zip(table.names, table.row(number), strict=True))
    return asked.page(
        "row.html", type=object_type, of=of, number=number, pairs=pairs, is_counted=table.is_counted
    )


# Definitions.


def _definitions(asked: PageRequest) -> list[Row]:
    rows = asked.rows("triggered_send_definition")
    return [row for row in rows if row["status"] != "Deleted"][:_MOST_DEFINITIONS]


_CHANGES = {
    "start": (DefinitionChange({}, "Active"), "started"),
    "pause": (DefinitionChange({}, "Inactive"), "paused"),
    "refresh": (DefinitionChange({}, None, refresh_content=True), "refreshed"),
}


def change(asked: PageRequest) -> Response:
    """Start, pause or refresh a definition."""
    wanted, number = asked.field("do"), whole_number(asked.field("definition"))
    if wanted not in _CHANGES or number is None:
        raise SetupError("Choose a definition and an action: start, pause or refresh.")
    account = asked.account.account
    how, done = _CHANGES[wanted]
    with account.db.atomic():
        account.settle()
        definition = find_record(account.db, Definition, "triggered_send_definition", id=number)
        if definition is None:
            raise SetupError("That definition does not exist any more.")
        try:
            change_definition(account, definition, how)
        except Refused as refused:
            raise SetupError(f"Refused with {refused.error_code}: {refused.message}") from None
    return asked.back(f"The definition '{definition.customer_key}' is {done}.")


# Folders.


def _folders(asked: PageRequest) -> list[dict[str, object]]:
    """Return the folders as a tree: each with its name, its content type and its subfolders."""
    inside: dict[object, list[Row]] = {}
    for row in asked.rows("folder", 2_000):
        inside.setdefault(row["parent_id"], []).append(row)
    return _branch(inside, 0, 0)


def _branch(inside: dict[object, list[Row]], parent: object, depth: int) -> list[dict[str, object]]:
    # Deeper folders are only shown in the table.
    if depth > 30:
        return []
    return [
        {
            "id": folder["id"],
            "name": folder["name"],
            "kind": folder["content_type"],
            "folders": _branch(inside, folder["id"], depth + 1),
        }
        for folder in inside.get(parent, ())
    ]


# Subscribers.


def subscriber(asked: PageRequest) -> Response:
    """Show a subscriber: status and its history, attributes, lists, messages and events."""
    key = asked.text("key")
    handle = asked.account
    subscriber = handle.subscriber(key)
    if subscriber is None:
        raise asked.missing(f"There is no subscriber with the key '{key}'.")
    db = handle.account.db
    with db.lock:
        members = db.find_all("list_subscriber", subscriber_id=subscriber.id)
        lists = [(_list_name(asked, member), member) for member in members[:200]]
    events = handle.tracking(key, newest=True, limit=200)
    return asked.page(
        "subscriber.html",
        subscriber=subscriber,
        attributes=json.loads(subscriber.attributes),
        lists=lists,
        history=_history(subscriber, events),
        events=events[::-1],
        sends=handle.sends(subscriber=key, limit=20),
    )


def _list_name(asked: PageRequest, member: Row) -> str:
    subscriber_list = asked.account.account.db.find("list", id=member["list_id"]) or {}
    return str(subscriber_list.get("name") or member["list_id"])


_CHANGES_STATUS = ("Unsubscribe", "HardBounce", "SoftBounce", "OtherBounce")


def _history(
    subscriber: Subscriber, events: Sequence[TrackedEvent]
) -> list[tuple[datetime | str, str]]:
    """Return the known history of the status: the account stores the current status, and the events that changed it."""
    history: list[tuple[datetime | str, str]] = [
        (subscriber.created_at, "created, as Active unless the caller gave another status")
    ]
    for event in events:
        if event.type in _CHANGES_STATUS:
            history.append((event.at, f"{event.type} of job {event.job_id}"))
    history.append((subscriber.modified_at, f"last changed; now {subscriber.status}"))
    return history

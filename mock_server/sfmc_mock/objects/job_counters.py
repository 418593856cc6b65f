"""SQL that counts the visible events of a job, or of a part of it.

`visible_event` is the view of the events visible at the account's time. `counted_events` and `counted_messages` are
totals in memory (`sfmc_mock.store.event_totals`).
"""

from __future__ import annotations

from sfmc_mock.declarations.properties import Property

OPTED_OUT = "e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)"
UNDELIVERABLE = "e.error_code IN (2, 1030)"

_EVENTS = {
    "HardBounces": "HardBounce",
    "SoftBounces": "SoftBounce",
    "OtherBounces": "OtherBounce",
    "ForwardedEmails": "ForwardedEmail",
}
_LATER_EVENTS = {
    "NumberSent": "Sent",
    "NumberDelivered": "DeliveredEvent",
    "Unsubscribes": "Unsubscribe",
}


def events(kind: str, of: str) -> str:
    """Return SQL that counts the events of a kind; `of` is a condition on `e` (the event)."""
    return f"(SELECT count(*) FROM visible_event e WHERE e.type = '{kind}' AND {of})"  # noqa: S608 - constants


def messages(kind: str, of: str) -> str:
    """Return SQL that counts the messages with at least one event of a kind."""
    return (
        "(SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) "  # noqa: S608 - constants
        f"FROM visible_event e WHERE e.type = '{kind}' AND {of})"
    )


def counter(name: str, sql: str) -> Property:
    """Return a property that is a counter."""
    return Property(name, "number", updatable=False, sql=sql)


def job_counters(job: str, *, on_list: str = "") -> tuple[Property, ...]:
    """Return the counters of a job; `job` is the SQL of its number.

    With `on_list`, the SQL of a list's number, they only count what was sent to that list.
    """
    number = f"{job}.id"
    here = f"e.job_id = {number}" + (f" AND e.list_id = {on_list}" if on_list else "")
    refused = f"m.job_id = {number}" + (f" AND m.list_id = {on_list}" if on_list else "")

    def counted(kind: str) -> str:
        return events(kind, here) if on_list else f"counted_events({number}, '{kind}')"

    def counted_once(kind: str) -> str:
        return messages(kind, here) if on_list else f"counted_messages({number}, '{kind}')"

    def refused_with(code: int) -> str:
        return f"(SELECT count(*) FROM message m WHERE {refused} AND m.error_code = {code})"  # noqa: S608 - constants

    return (
        counter("Duplicates", f"{job}.duplicates"),
        counter("InvalidAddresses", refused_with(5)),
        counter("ExistingUndeliverables", events("NotSent", f"{UNDELIVERABLE} AND {here}")),
        counter("ExistingUnsubscribes", events("NotSent", f"{OPTED_OUT} AND {here}")),
        *(counter(name, counted(kind)) for name, kind in _EVENTS.items()),
        counter("UniqueClicks", counted_once("Click")),
        counter("UniqueOpens", counted_once("Open")),
        *(counter(name, counted(kind)) for name, kind in _LATER_EVENTS.items()),
        counter("MissingAddresses", refused_with(4)),
    )

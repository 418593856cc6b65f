"""QueryDefinition: SQL queries on the account's data that write to a data extension."""

from __future__ import annotations

from zlib import crc32

from sfmc_mock.account import Account
from sfmc_mock.account.activities import Counts
from sfmc_mock.account.queries import UPDATE_TYPES, check_query, run_query_definition
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import (
    BY_OBJECT_ID,
    Key,
    Property,
    Reference,
    Refusal,
    sample,
)
from sfmc_mock.declarations.seed_entries import Entry, Loading
from sfmc_mock.errors import Refused, SetupError
from sfmc_mock.store.database import Row
from sfmc_mock.store.read_only_query import QueryFailed
from sfmc_mock.wire.struct import Struct


def _exception(reason: str) -> Refusal:
    """Return the refusal that the service gives for every invalid query (seen live); a warning has the reason."""
    number = crc32(reason.encode())
    return (2, f"Exception occurred during [CreateQueryDefinition] ErrorID: {number}")


class QueryDefinitionHandler(Activity):
    """A query activity.

    Properties and success messages: recorded; the refusal of a query that cannot run: seen live; code and text for an
    unknown query, and the limits of key and name: assumed.
    """

    scope = "automations"
    performed = "QueryDefinition perform called successfully"
    example = sample(
        CustomerKey="everybody",
        Name="Everybody",
        QueryText="SELECT SubscriberKey FROM _Subscribers",
        DataExtensionTarget={"CustomerKey": "target"},
        TargetUpdateType="Overwrite",
    )
    fields = (
        *BY_OBJECT_ID,
        Property(
            "Name",
            required=True,
            max_length=200,
            missing=_exception("no name"),
            too_long=_exception("long name"),
        ),
        Property("Description", default=""),
        Property(
            "QueryText", required=True, missing=_exception("no text"), seed=Key(required=True)
        ),
        Property("TargetType", default="DE"),
        Reference(
            "DataExtensionTarget",
            to="DataExtension",
            shows=("ObjectID", "CustomerKey", "Name"),
            not_found=_exception("no target"),
            required=True,
            refuses_empty=True,
            # A query without a target fails when it runs.
            protects=False,
            seed=Key(required=True),
        ),
        Property("TargetUpdateType", default="Overwrite", seed=Key(choices=UPDATE_TYPES)),
        *Property.alike("FileSpec", "FileType"),
        Property("Status", default="Active", any_case=True),
        Property.folder("queryactivity", invalid=_exception("no folder")),
    )

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        said = str(changes.get("target_update_type", UPDATE_TYPES[0]))
        named = [update_type for update_type in UPDATE_TYPES if update_type.lower() == said.lower()]
        if not named:
            call.warn(f"TargetUpdateType {said} is none of {', '.join(UPDATE_TYPES)}")
            raise Refused(*_exception("no update type"))
        if "target_update_type" in changes:
            changes["target_update_type"] = named[0]
        return changes

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        said = {"query_text", "data_extension_target_id", "target_update_type"}
        changes = self.changes(call, sent, row)
        if row is not None and not said & changes.keys():
            return
        columns = {"target_update_type": UPDATE_TYPES[0], **(row or {}), **changes}
        try:
            _check(call.account, columns)
        except QueryFailed as failed:
            call.warn(f"the query cannot run, and the service gives no reason: {failed}")
            raise Refused(*_exception(str(failed))) from None

    def to_start(self, call: Call, sent: Struct) -> Row:
        row = self.find(call, sent)
        if row is None:
            named = sorted(str(sent.values.get(identity)) for identity in self.identities)
            error = crc32(repr(named).encode())
            call.warn("there is no such QueryDefinition: name it by its ObjectID or CustomerKey")
            # Text: seen live.
            raise Refused(2, f"Exception occurred during [Schedule::Start] ErrorID = {error}")
        return row

    def run(self, account: Account, task: Row) -> Counts:
        return run_query_definition(account, task)

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        try:
            _check(seed.account, self.at(seed.account, number))
        except QueryFailed as failed:
            raise SetupError(f"key 'query_text': {failed}") from None


def _check(account: Account, columns: Row) -> None:
    check_query(
        account,
        str(columns["query_text"]),
        columns["data_extension_target_id"],
        str(columns["target_update_type"]),
    )

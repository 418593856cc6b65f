"""Extract: write files of rows and of tracking into the account's FTP folder."""

from __future__ import annotations

from sfmc_mock.account.extracts import NOTIFY, ExtractKind, kind_named, start_extract
from sfmc_mock.account.identifiers import is_guid
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.objects import HANDLERS
from sfmc_mock.objects.extracts import values_of
from sfmc_mock.operations.batch_results import overall
from sfmc_mock.operations.related_accounts import call_on
from sfmc_mock.wire.struct import Struct, names_and_values

_NO_ACCESS = (31002, "User does not have access to the Extract ID")
_OFF = frozenset({"off", "false", "no", "0", "disabled"})


def extract(call: Call, message: Struct) -> Struct:
    """Queue each extract, and report on each in the order sent.

    Codes and texts of refusals: documented; that files appear in `export`, and the text of success: assumed.
    """
    results = [
        _one(call, ordinal, request) for ordinal, request in enumerate(message.parts("Requests"))
    ]
    return Struct(
        "ExtractResponseMsg",
        {
            "OverallStatus": overall(results) if results else "Error",
            "RequestID": call.request_id,
            "Results": Struct("ExtractResponseMsg.Results", {"ExtractResult": results}),
        },
    )


def _one(call: Call, ordinal: int, sent: Struct) -> Struct:
    try:
        there = _account_of(call, sent)
        with there.account.db.atomic():
            _start(there, sent)
    except Refused as refused:
        values = {"StatusCode": "Error", "StatusMessage": refused.message, "OrdinalID": ordinal}
        return Struct("ExtractResult", {**values, "ErrorCode": refused.error_code, "Request": sent})
    done = {"StatusCode": "OK", "StatusMessage": "OK", "OrdinalID": ordinal}
    return Struct("ExtractResult", {**done, "RequestID": call.request_id, "Request": sent})


def _account_of(call: Call, sent: Struct) -> Call:
    """Return the call on the account of an extract. Raises `Refused` when the caller cannot see the account."""
    try:
        return call_on(call, sent.values.get("Client"))
    except Refused:
        raise Refused(*_NO_ACCESS) from None


def _start(call: Call, sent: Struct) -> None:
    for rule, refusal in (
        ("Data Extract", (31003, "ExtractNo Data Extract BR")),
        ("Enhanced FTP", (31004, "ExtractNo Enhanced FTP BR")),
    ):
        row = call.account.db.find("business_rule", name=rule)
        # That a rule of such a name with such a Quality takes the right away: assumed.
        if row is not None and str(row["quality"]).strip().lower() in _OFF:
            raise Refused(*refusal)
    kind, given = _asked(call, sent)
    if not call.may(kind.scope):
        raise Refused(*_NO_ACCESS)
    given |= call.named_values(sent.wrapped("Parameters", "Parameter"))
    start_extract(call.account, kind, given)
    if any(given.get(name) for name in NOTIFY):
        call.warn("NotifyEmail of an extract has no effect in the emulator: no mail is sent")


def _asked(call: Call, sent: Struct) -> tuple[ExtractKind, dict[str, str]]:
    """Return the requested extract, and the values of its definition. Raises `Refused`."""
    definition, given = sent.part("Definition"), {}
    text = (sent.text("ID") or "").strip()
    if not text and definition is not None and definition.values:
        row = stored_object(HANDLERS, "ExtractDefinition").find(call, definition)
        text = row["package_key"] if row else definition.text("PackageKey") or ""
        sent_values = names_and_values(definition.wrapped("Values", "Value"))
        given = {**(values_of(row) if row else {}), **sent_values}
    description = sent.part("Description")
    if not text and description is not None:
        text = description.text("ObjectID") or description.text("Name") or ""
    kind = kind_named(text)
    if kind is not None:
        return kind, given
    if not is_guid(text):
        call.warn("the ID of an extract is a GUID: a Retrieve of ExtractDescription has them")
        raise Refused(31000, "Extract Invalid ID")
    call.warn(f"there is no extract {text}: a Retrieve of ExtractDescription has them")
    raise Refused(31001, "Extract Unknown ID")

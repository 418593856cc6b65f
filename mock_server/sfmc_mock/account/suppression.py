"""Suppression lists of the account: the lists that apply to a send, and their addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sfmc_mock.account.account import Account
from sfmc_mock.store.database import Row

TABLE = "suppression_list_data"

# Contexts that mean every send of the account; those of other accounts of an enterprise do not ask it (assumed).
_EVERYWHERE = frozenset({"Enterprise", "BusinessUnit", "Global"})


def put_address(
    account: Account, definition_id: int, address: str, properties: Mapping[str, str]
) -> None:
    """Add an address to a suppression list, or change its properties there."""
    where = {"definition_id": definition_id, "email_address": address}
    kept = json.dumps(dict(properties))
    if not account.db.update(TABLE, {"properties": kept}, **where):
        account.db.insert(TABLE, {**where, "properties": kept, "created_at": account.now_text()})


def applicable_lists(
    account: Account, classification: Row, sender_profile_id: object
) -> tuple[int, ...]:
    """Return the numbers of the suppression lists that apply to sends with a classification and a sender profile.

    An address on any of them is not sent to (documented). A context that does not apply to all sends means commercial
    ones, or those of its SendClassificationType (what the flag means: documented; what holds without it: assumed).
    """
    definitions = {
        context["definition_id"]: None
        for context in account.db.find_all("suppression_list_context", "id")
        if context["definition_id"] is not None
        and _applies(context, classification, sender_profile_id)
    }
    return tuple(definitions)


def _applies(context: Row, classification: Row, sender_profile_id: object) -> bool:
    kind = context["context"]
    if kind == "SendClassification":
        return bool(context["send_classification_id"] == classification.get("id"))
    if kind == "SenderProfile":
        return bool(context["sender_profile_id"] == sender_profile_id)
    if kind not in _EVERYWHERE:
        return False
    wanted = context["send_classification_type"] or "Marketing"
    return bool(context["applies_to_all_sends"]) or wanted == classification.get(
        "type", "Marketing"
    )


def list_with_address(account: Account, lists: tuple[int, ...], address: str) -> str:
    """Return the name of the first of the lists that has an address, empty when none has it."""
    sql = (
        "SELECT s.name FROM suppression_list_data d JOIN suppression_list_definition s ON s.id = d.definition_id "
        "WHERE d.email_address = ? AND s.id IN (SELECT value FROM json_each(?)) ORDER BY s.id LIMIT 1"
    )
    rows = account.db.rows(sql, (address, json.dumps(lists)))
    return str(rows[0][0]) if rows else ""

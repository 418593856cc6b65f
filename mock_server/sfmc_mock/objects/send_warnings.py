"""Warnings about sends: addresses that the live List Detective blocks, and columns that stay empty."""

from __future__ import annotations

from collections.abc import Iterable

from sfmc_mock.account.exclusion_filters import why_not_evaluated
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.account.send_log_columns import LogColumns
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import with_article
from sfmc_mock.simulator.addresses import list_detective_blocks
from sfmc_mock.wire.struct import Struct


def warn_of_list_detective(call: Call, addresses: Iterable[str | None]) -> None:
    """Warn a call of addresses that List Detective would block; the warning names the first."""
    if call.strict:
        return
    blocked = [address for address in addresses if address and list_detective_blocks(address)]
    if blocked:
        more = f" and {len(blocked) - 1} more" if len(blocked) > 1 else ""
        call.warn(
            f"{blocked[0]}{more}: taken, but List Detective of the live service blocks such addresses "
            f"({list_detective_blocks(blocked[0])})"
        )


def warn_of_log_variables(call: Call, context: SendContext) -> None:
    """Warn a call of send log columns named like AMPscript variables whose values the emulator does not compute."""
    columns = LogColumns.of(call.account, context)
    for name in columns.unknown if columns is not None else ():
        call.warn(
            f"the column '{name}' of the send log is called like the AMPscript variable @{name}, whose value the "
            "emulator does not compute: the column stays empty. SET it to a text, a number or an attribute"
        )


def warn_of_filter_of_send(call: Call, object_type: str, context: SendContext) -> None:
    """Warn a call that sends with a definition whose ExclusionFilter the emulator does not evaluate."""
    text = context.definition.exclusion_filter
    if text and context.is_filtered_out is None:
        warn_of_exclusion_filter(call, Struct(object_type, {"ExclusionFilter": text}))


def warn_of_exclusion_filter(call: Call, sent: Struct) -> None:
    """Warn a call that sets an ExclusionFilter that the emulator does not evaluate."""
    text = sent.text("ExclusionFilter") or ""
    if text.strip() and (why := why_not_evaluated(text)):
        owner = with_article(sent.type)
        call.warn(f"ExclusionFilter of {owner} excludes no recipient: {why}")

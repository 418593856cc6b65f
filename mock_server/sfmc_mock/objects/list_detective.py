"""What a call is told of addresses that List Detective of the live service blocks."""

from __future__ import annotations

from collections.abc import Iterable

from sfmc_mock.declarations.handler import Call
from sfmc_mock.simulator.decisions import list_detective_blocks


def warn_of_list_detective(call: Call, addresses: Iterable[str | None]) -> None:
    """Note the addresses that List Detective would keep from being sent to, by the first of them."""
    if call.strict:
        return
    blocked = [address for address in addresses if address and list_detective_blocks(address)]
    if blocked:
        more = f" and {len(blocked) - 1} more" if len(blocked) > 1 else ""
        call.warn(
            f"{blocked[0]}{more}: taken, but List Detective of the live service blocks such addresses "
            f"({list_detective_blocks(blocked[0])})"
        )

"""Find the account that a part of a call works on: the caller's own, or a business unit that it can see.

A caller cannot see accounts of another enterprise. A caller of a unit cannot see the accounts above or beside it,
except their shared objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.diagnostics import cut
from sfmc_mock.errors import Refused, RetrieveRefused
from sfmc_mock.wire.struct import Struct

Operation = Callable[[Call, Struct], Struct]

# Text: seen live, of a Retrieve; that a change of another account's objects gets it as well is inferred.
NO_PERMISSION = "API Permission Failed"


# The elements of a RetrieveRequest that can name another account than the caller's.
_ELSEWHERE = frozenset({"ClientIDs", "Options", "QueryAllAccounts"})


_NAMING = frozenset({"ID", "ClientID", "PartnerClientKey"})


def mid_named(call: Call, client: object) -> int | None:
    """Return the MID that a ClientID names: by its ID, by its older ClientID, or by the PartnerKey of an account.

    None where it names no account; -1 for an unknown PartnerKey.
    """
    if not isinstance(client, Struct) or not client.values:
        return None
    if surplus := sorted(name for name in client.values.keys() - _NAMING if client.values[name]):
        call.warn(
            f"{', '.join(surplus)} of a Client {'have' if len(surplus) > 1 else 'has'} no effect: an account is named "
            "by its ID"
        )
    mid = client.number("ID") or client.number("ClientID")
    key = client.text("PartnerClientKey")
    if mid or not key:
        return mid or None
    for account in call.account.seen():
        if account.setting("about.PartnerKey") == key:
            return account.mid
    if call.strict:
        return -1
    call.warn(
        f"no account has the PartnerKey '{cut(key, 50)}' that PartnerClientKey names: the caller's own was taken; name "
        "an account by its ID"
    )
    return None


def call_on(call: Call, client: object) -> Call:
    """Return the call on the account that a ClientID names; the caller's own where it names none.

    Raises `Refused` for an account that the caller cannot see.
    """
    mid = mid_named(call, client)
    if mid is None or mid == call.account.mid:
        return call
    account = call.account.related(mid)
    if account is None:
        raise Refused(0, NO_PERMISSION)
    return call.on(account)


def call_for(call: Call, handler: Handler, sent: Struct) -> Call:
    """Return the call on the account in which an object is created, changed or deleted. Raises `Refused`."""
    if handler.of_enterprise:
        return call.on(call.account.enterprise) if call.account.enterprise is not None else call
    client = sent.values.get("Client")
    if client is None or "Client" in handler.reads.get("", ()):
        return call
    enterprise = call.account.enterprise
    if enterprise is not None and mid_named(call, client) == enterprise.mid:
        above = call.on(enterprise)
        if handler.is_shared(above, sent):
            return above
    return call_on(call, client)


def in_account(run: Operation, client: object) -> Operation:
    """Return a function that does an operation in the account that the Client of its options names.

    Where the caller cannot see this account, each object is refused.
    """

    def run_there(call: Call, message: Struct) -> Struct:
        try:
            there = call_on(call, client)
        except Refused as refused:
            refusal = refused
            return run(replace(call, refused=lambda _: refusal), message)
        if there is call:
            return run(call, message)
        with there.account.db.atomic():
            there.settle()
            return run(there, message)

    return run_there


def readable_calls(call: Call, request: Struct) -> Iterator[tuple[Call, bool]]:
    """Yield the call on each account that a Retrieve reads, and whether the caller can see its shared objects only.

    With QueryAllAccounts these are the caller's own account and those below it, and the shared objects of the
    enterprise; with ClientIDs the named accounts that the caller can see (documented). Raises `RetrieveRefused` when it
    can see none of them.
    """
    if _ELSEWHERE.isdisjoint(request.values):
        yield call, False
        return
    account = call.account
    if request.flag("QueryAllAccounts"):
        yield from ((call.on(unit), False) for unit in account.seen())
        if account.enterprise is not None:
            yield call.on(account.enterprise), True
        return
    named = [
        mid for client in request.parts("ClientIDs") if (mid := mid_named(call, client)) is not None
    ]
    options = request.part("Options")
    if not named and options is not None and (mid := mid_named(call, options.part("Client"))):
        named = [mid]
    if not named:
        yield call, False
        return
    found = [there for mid in dict.fromkeys(named) if (there := readable_call(call, mid))]
    if not found:
        raise RetrieveRefused(NO_PERMISSION)
    if len(found) < len(set(named)):
        call.warn(
            "ClientIDs names accounts that the caller may not see: they were left out, and only the others were "
            "searched"
        )
    yield from found


def readable_call(call: Call, mid: int) -> tuple[Call, bool] | None:
    """Return the call on an account that the caller may read, and whether it can see its shared objects only."""
    account: Account | None = call.account.related(mid)
    if account is not None:
        return call.on(account), False
    enterprise = call.account.enterprise
    if enterprise is not None and enterprise.mid == mid:
        return call.on(enterprise), True
    return None

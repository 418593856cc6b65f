"""The source of a Retrieve: from the text of its ObjectType to the rows of an account."""

from __future__ import annotations

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.source import Source
from sfmc_mock.errors import RetrieveRefused
from sfmc_mock.objects import handler_for, warn_of_unknown_type
from sfmc_mock.operations.related_accounts import NO_PERMISSION


def split_object_type(object_type: str) -> tuple[str, str | None]:
    """Return an object type, and the text in brackets behind it."""
    name, bracket, rest = object_type.strip().partition("[")
    if bracket and rest.endswith("]"):
        return name.rstrip(), rest[:-1]
    return object_type.strip(), None


def handler_named(call: Call, name: str) -> Handler | None:
    """Return the handler of an object type, None for an unknown one; the lenient mode ignores the case of letters."""
    handler = handler_for(name)
    if handler is None and not call.strict:
        handler = handler_for(name, any_case=True)
        if handler is not None:
            call.warn(
                f"there is no object type '{name}', taken as {handler.object_type}: the live service says that "
                "object types are case-sensitive"
            )
    return handler


def check_scope(call: Call, handler: Handler | None) -> None:
    """Raise `RetrieveRefused` where the caller may not retrieve an object type."""
    if handler is not None and not handler.allows(call, "Retrieve"):
        raise RetrieveRefused(NO_PERMISSION)


def source_of(
    call: Call,
    handler: Handler | None,
    name: str,
    argument: str | None,
    *,
    only_shared: bool = False,
) -> Source:
    """Return the source of a Retrieve of an object type; `only_shared` limits it to the shared objects.

    Raises `RetrieveRefused` for unknown and unreadable types, and where no object is shared.
    """
    if handler is None:
        warn_of_unknown_type(call, name)
    elif only_shared and handler.is_retrieved:
        shared = handler.shared_source(call, argument)
        if shared is None:
            raise RetrieveRefused(NO_PERMISSION)
        return shared
    source = handler.source(call, argument) if handler is not None else None
    if source is None:
        # Text: recorded.
        raise RetrieveRefused(
            f"Unable to find a handler for object type: {name}. Object types are case-sensitive, check spelling."
        )
    return source

"""The API objects, one file each."""

from __future__ import annotations

from sfmc_mock.objects.handler import Handler

HANDLERS: dict[str, Handler] = {handler.object_type: handler for handler in ()}


def handler_for(object_type: str, *, any_case: bool = False) -> Handler | None:
    """Return the API object called so, None when the emulator has none."""
    if not any_case:
        return HANDLERS.get(object_type)
    folded = object_type.casefold()
    return next((each for name, each in HANDLERS.items() if name.casefold() == folded), None)

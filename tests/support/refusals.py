"""What declarations refuse: for each case what to send instead of the example's value, and what is said."""

from __future__ import annotations

from typing import Any

from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import StoredObject


def refusals(thing: StoredObject) -> dict[str, tuple[dict[str, Any], tuple[int, str]]]:
    """What a declaration refuses of values: what to send instead of the example's, and what is said."""
    found: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
        f"{name} given": ({name: {"CustomerKey": "nobody's"}}, refusal)
        for name, refusal in thing.refused_parts.items()
    }
    for each in thing.declared:
        if isinstance(each, Property):
            if each.missing:
                found[f"{each.name} missing"] = ({each.name: None}, each.missing)
                found[f"{each.name} blank"] = ({each.name: " "}, each.missing)
            if each.too_long:
                limit = each.limit or each.max_length
                assert limit is not None
                found[f"{each.name} too long"] = ({each.name: "x" * (limit + 1)}, each.too_long)
            for text, refusal in each.refused.items():
                found[f"{each.name} {text}"] = ({each.name: text}, refusal)
            if each.wrong:
                found[f"{each.name} wrong"] = ({each.name: "wrong"}, each.wrong)
            invalid = getattr(each, "invalid", None)
            if invalid:
                found[f"{each.name} no folder"] = ({each.name: 99}, invalid)
        else:
            for identity in each.by:
                value: Any = 99 if identity == "ID" else "nobody's"
                found[f"{each.name} by {identity}"] = (
                    {each.name: {identity: value}},
                    each.refused(identity),
                )
            if each.required:
                missing = each.missing or each.refused(each.by[0])
                found[f"{each.name} missing"] = ({each.name: None}, missing)
    return found

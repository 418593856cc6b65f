"""The refusals of declarations: for each, the value to send instead of the example's, and the refusal."""

from __future__ import annotations

from typing import Any

from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import StoredObject


def refusals(thing: StoredObject) -> dict[str, tuple[dict[str, Any], tuple[int, str]]]:
    """Return the values that a declaration refuses, each with the refusal."""
    cases: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
        f"{name} given": ({name: {"CustomerKey": "nobody's"}}, refusal)
        for name, refusal in thing.refused_parts.items()
    }
    for field in thing.declared:
        if isinstance(field, Property):
            if field.missing:
                cases[f"{field.name} missing"] = ({field.name: None}, field.missing)
                cases[f"{field.name} blank"] = ({field.name: " "}, field.missing)
            if field.too_long:
                limit = field.limit or field.max_length
                assert limit is not None
                cases[f"{field.name} too long"] = ({field.name: "x" * (limit + 1)}, field.too_long)
            for text, refusal in field.refused.items():
                cases[f"{field.name} {text}"] = ({field.name: text}, refusal)
            if field.wrong:
                cases[f"{field.name} wrong"] = ({field.name: "wrong"}, field.wrong)
            invalid = getattr(field, "invalid", None)
            if invalid:
                cases[f"{field.name} no folder"] = ({field.name: 99}, invalid)
        else:
            for identity in field.by:
                value: Any = 99 if identity == "ID" else "nobody's"
                cases[f"{field.name} by {identity}"] = (
                    {field.name: {identity: value}},
                    field.refused(identity),
                )
            if field.required:
                missing = field.missing or field.refused(field.by[0])
                cases[f"{field.name} missing"] = ({field.name: None}, missing)
    return cases

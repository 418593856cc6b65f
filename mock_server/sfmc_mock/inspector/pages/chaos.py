"""Chaos rules: switch them on and off, and show how many calls they matched."""

from __future__ import annotations

import tomllib
from typing import Any

from werkzeug.wrappers import Response

from sfmc_mock.chaos.engine import MOST_RULES
from sfmc_mock.errors import SetupError
from sfmc_mock.inspector.page_request import PageRequest
from sfmc_mock.terminal import as_written

_RECIPES = (
    ("Refuse with 503", "status = 503\ntimes = 2"),
    ("Slow Retrieves", 'operation = "Retrieve"\ndelay = "2s"'),
    (
        "Lose the answer of a send",
        'operation = "Create"\nobject = "TriggeredSend"\nlose = "answer"\nnth = 1',
    ),
    ("Rate limit", 'fault = "rate-limit"\nprobability = 0.3'),
)
_COUNTED = ("seen", "hits")


def chaos(asked: PageRequest) -> Response:
    """Show the rules and a form to add one."""
    chosen = dict(_RECIPES).get(asked.text("recipe"), "")
    return asked.page(
        "chaos.html",
        rules=[(rule, _text(rule)) for rule in asked.account.chaos.as_json()],
        off=[(rule, _text(rule)) for rule in asked.services.off(asked.account).values()],
        recipes=[name for name, _ in _RECIPES],
        chosen=chosen,
    )


def _text(rule: dict[str, Any]) -> str:
    shown = {name: value for name, value in rule.items() if name not in (*_COUNTED, "name")}
    return ", ".join(f"{name} = {as_written(value)}" for name, value in shown.items())


def change(asked: PageRequest) -> Response:
    """Add, remove, switch off or switch on a rule."""
    rules, off = asked.account.chaos, asked.services.off(asked.account)
    wanted, name = asked.field("do"), asked.request.form.get("name", "")
    if wanted == "add":
        made = rules.add(**_table(asked.field("rule")))
        off.pop(made.name, None)
        return asked.back(f"The rule '{made.name}' is on.", to=f"{asked.root}/chaos")
    if wanted == "on" and (waiting := off.get(name)) is not None:
        rules.add(**waiting)
        off.pop(name, None)
        return asked.back(f"The rule '{name}' is on again; it counts from 0.")
    if wanted == "forget" and name in off:
        off.pop(name)
        return asked.back(f"The rule '{name}' is removed.")
    table = next((rule for rule in rules.as_json() if rule["name"] == name), None)
    if wanted == "off" and table is not None:
        if len(off) >= MOST_RULES:
            raise SetupError(
                f"{MOST_RULES} rules are switched off, which is the most. Remove some."
            )
        rules.remove(name)
        off[name] = {key: value for key, value in table.items() if key not in _COUNTED}
        return asked.back(f"The rule '{name}' is off.")
    raise SetupError("That rule does not exist any more.")


def _table(text: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SetupError(
            f"The rule is not valid TOML: {problem}. Write one line per key: status = 503"
        ) from None
    if not table:
        raise SetupError("The rule is empty. Write one line per key: status = 503")
    # A TOML date is passed on as its text.
    kept = (bool, int, float, str, dict)
    return {name: value if isinstance(value, kept) else str(value) for name, value in table.items()}

"""Chaos: rules by which calls of an account are delayed, refused, cut off or lost on purpose."""

from sfmc_mock.chaos.call_facts import objects_of
from sfmc_mock.chaos.effects import FAULTS
from sfmc_mock.chaos.engine import (
    CallFacts,
    Chaos,
    ChaosStatus,
    Interruption,
    Plan,
    chaos_of,
    keep_rules,
    spoilt,
)
from sfmc_mock.chaos.rules import KEYS, TOKEN, parse_rule, parse_rules

__all__ = [
    "FAULTS",
    "KEYS",
    "TOKEN",
    "CallFacts",
    "Chaos",
    "ChaosStatus",
    "Interruption",
    "Plan",
    "chaos_of",
    "keep_rules",
    "objects_of",
    "parse_rule",
    "parse_rules",
    "spoilt",
]

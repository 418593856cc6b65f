"""AMPscript variables with a value that is known without running the script: `SET @Colour = "red"`, or an attribute.

A value that depends on conditions, loops or functions is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BLOCK = re.compile(r"%%\[(.*?)\]%%", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Statements end where the next begins: AMPscript has no mark between them.
_STATEMENT = re.compile(
    r"\b(?P<word>set|var|if|elseif|else|endif|for|next|output|attributevalue)\b", re.IGNORECASE
)
_SET = re.compile(r"set\s+@(?P<name>\w+)\s*=\s*(?P<value>.+)", re.IGNORECASE | re.DOTALL)
_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_ATTRIBUTE = re.compile(
    r"\[([^\]]+)\]|attributevalue\(\s*[\"']([^\"']+)[\"']\s*\)|([A-Za-z_]\w*)", re.IGNORECASE
)
_VARIABLE = re.compile(r"@(\w+)")
_BRANCHES = frozenset({"if", "for"})
_WORDS = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class Assigned:
    """The value of a variable: a `text`, or that of an `attribute` (in lower case), or unknown."""

    text: str | None = None
    attribute: str | None = None

    @property
    def is_known(self) -> bool:
        return self.text is not None or self.attribute is not None

    def value(self, attributes: Mapping[str, str]) -> str | None:
        """Return the value, given those of attributes by their names in lower case; None when there is none."""
        return self.text if self.attribute is None else attributes.get(self.attribute)


UNKNOWN = Assigned()


def assignments(*texts: str) -> dict[str, Assigned]:
    """Return the variables that the scripts of texts set, by their names in lower case; the last value of each.

    >>> assignments("%%[ SET @Colour = 'red' set @who = [First Name] ]%%")["colour"].text
    'red'
    """
    variables: dict[str, Assigned] = {}
    for block in (block for text in texts for block in _BLOCK.finditer(text)):
        words, statements = _statements(_COMMENT.sub(" ", block[1]))
        is_plain = _BRANCHES.isdisjoint(words)
        for match in map(_SET.fullmatch, statements):
            if match is not None:
                value = _assigned(match["value"].strip(), variables) if is_plain else UNKNOWN
                variables[match["name"].lower()] = value
    return variables


def _statements(script: str) -> tuple[list[str], list[str]]:
    """Return the words with which statements of a script begin, in lower case, and the statements."""
    # Texts become blanks of their length.
    bare = _TEXT.sub(lambda match: " " * len(match[0]), script)
    words = [(match.start(), match["word"].lower()) for match in _STATEMENT.finditer(bare)]
    starts = [start for start, word in words if word != "attributevalue"]
    ends = [*starts[1:], len(script)]
    statements = [script[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [word for _, word in words], statements


def _assigned(value: str, known: Mapping[str, Assigned]) -> Assigned:
    text = _TEXT.fullmatch(value)
    if text is not None:
        return Assigned(text[1] if text[1] is not None else text[2])
    if _NUMBER.fullmatch(value) or value.lower() in _WORDS:
        return Assigned(value)
    variable = _VARIABLE.fullmatch(value)
    if variable is not None:
        return known.get(variable[1].lower(), UNKNOWN)
    attribute = _ATTRIBUTE.fullmatch(value)
    if attribute is not None:
        name = next(group for group in attribute.groups() if group is not None)
        return Assigned(attribute=name.strip().lower())
    return UNKNOWN

"""Scrub sentences of the service: its own words stay, everything between them is replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sfmc_conformance.references import References
from sfmc_conformance.vocabulary import Vocabulary

_EDGES = re.compile(r"([(\[{'\"<`]{0,4})(.*?)([.,:;!?)\]}'\">`]{0,4})", re.DOTALL)
# A colon joins pieces that the other separators have split: URLs contain colons.
_JOINTS = (re.compile(r"([=\[\](){}'\"<>,|;`]+)"), re.compile(r"(:+)"))
_TIED = re.compile(r"[-/.]+")
_SIGNS = frozenset({"", "-", "--", "--->", "->", "&", "+", "#"})

# Codes and counts; longer numbers identify something.
_LONGEST_NUMBER = 3
_LONGEST_TIED = 60

# Replacing shorter values everywhere would damage ordinary sentences.
_SHORTEST_SECRET = 4

# Two characters that no valid message has; a known value is marked between them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


@dataclass(eq=False, slots=True)
class TextScrubber:
    """Scrubs the sentences of one recording.

    `is_one_value` says whether a piece of a sentence is a value as a whole, `replaced` returns the replacement of a
    value. `secrets` may grow: they are replaced even if they read like words of the service.
    """

    words: Vocabulary
    references: References
    is_one_value: Callable[[str], bool]
    replaced: Callable[[str], str]
    secrets: set[str] = field(default_factory=set)
    _known: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def scrubbed(self, text: str) -> str:
        """Return a sentence with everything but the service's own words replaced."""
        # The values known by now decide which words are replaced.
        key = (text, len(self.secrets), len(self.references.wide))
        if key not in self._known:
            self._known[key] = "".join(self._pieces(text))
        return self._known[key]

    def _pieces(self, text: str) -> Iterator[str]:
        values: list[str] = []

        def mark(match: re.Match[str]) -> str:
            values.append(match[0])
            return f"{_OPEN}{len(values) - 1}{_CLOSE}"

        text = text.replace(_OPEN, " ").replace(_CLOSE, " ")
        known = [secret for secret in self.secrets | self.references.wide if secret in text]
        whole = [secret for secret in known if len(secret) >= _SHORTEST_SECRET]
        if whole:
            longest_first = sorted(whole, key=lambda secret: (-len(secret), secret))
            pattern = "|".join(map(re.escape, longest_first))
            text = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", mark, text)
        after_colon = False
        for part in re.split(r"(\s+)", text):
            if not part or part.isspace():
                yield re.sub(r"[^ \n]", " ", part)
                continue
            edges = _EDGES.fullmatch(part)
            assert edges is not None
            word = self._value(edges[2], edges[1], after_colon) or self._word(edges[2], values)
            yield edges[1] + word + edges[3]
            after_colon = part.endswith(":")

    def _value(self, text: str, before: str, after_colon: bool) -> str | None:
        """Return the replacement of a word where sentences contain values, even if it is a word of the service."""
        if before.endswith("(") and text.isascii() and text.isdigit():
            return self.replaced(text)
        return self.references.known(text) if before or after_colon else None

    def _word(self, text: str, values: list[str]) -> str:
        if self._is_plain(text):
            return text
        whole = _MARK.sub(lambda match: values[int(match[1])], text)
        if _MARK.fullmatch(text) or self.is_one_value(whole):
            return self.references.known(whole) or self.replaced(whole)
        for joint in _JOINTS:
            pieces = joint.split(text)
            if len(pieces) > 1:
                return "".join(
                    piece if turn % 2 else self._word(piece, values)
                    for turn, piece in enumerate(pieces)
                )
        if len(text) < _LONGEST_TIED and all(map(self._is_plain, _TIED.split(text))):
            return text
        return self.replaced(whole)

    def _is_plain(self, text: str) -> bool:
        if text in self.secrets:
            return False
        if text.isascii() and text.isdigit():
            return len(text) <= _LONGEST_NUMBER
        return text in _SIGNS or self.words.is_word(text)

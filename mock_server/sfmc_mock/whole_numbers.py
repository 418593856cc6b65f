"""Numbers as callers write them."""


def whole_number(text: str) -> int | None:
    """Return the number that 1 to 18 digits from 0 to 9 stand for; None for any other text.

    `str.isdigit` is true of `²` too, which `int` refuses; `int` refuses thousands of digits, and SQLite more than 18.
    """
    return int(text) if len(text) <= 18 and text.isascii() and text.isdigit() else None

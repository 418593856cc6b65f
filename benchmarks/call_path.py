"""List the emulator's files that a call passes, with the number of function calls in each.

    python benchmarks/call_path.py [send
row
page]

The ninth call of its kind is traced, so that caches are filled.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import CodeType

from calls import Emulator, create, retrieve_one, retrieve_page

import sfmc_mock

ROOT = Path(sfmc_mock.__file__).parent


def passed(emulator: Emulator, document: bytes) -> Counter[str]:
    """Return the number of function calls in each file during a call, in the order of the first ones."""
    found: Counter[str] = Counter()

    def enter(frame: object, event: str, argument: object) -> None:
        if event != "call":
            return
        code: CodeType = frame.f_code  # type: ignore[attr-defined]
        if code.co_filename.startswith(str(ROOT)):
            found[str(Path(code.co_filename).relative_to(ROOT))] += 1

    sys.setprofile(enter)
    try:
        emulator.call(document)
    finally:
        sys.setprofile(None)
    return found


def main() -> int:
    """Print the files of a call."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("send", "row", "page"), default="send")
    options = parser.parse_args()
    requests = {
        "send": lambda number: create(1, number),
        "row": retrieve_one,
        "page": lambda _: retrieve_page(),
    }
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(str(Path(folder) / "a.db"))
        # Rows that the first calls find: what writes them is made with the first one.
        for number in range(20):
            emulator.call(create(1, number))
        for number in range(8):
            emulator.call(requests[options.kind](number + 10))
        found = passed(emulator, requests[options.kind](2 if options.kind == "row" else 20))
    for file, times in found.items():
        print(f"{times:5}  {file}")
    print(f"{len(found)} files, {found.total()} functions entered")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the wheel has beside its packages: the pages of the repository's root, for `sfmc-mock docs`."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = ("README.md", "CHANGELOG.md")


class RootPages(BuildHookInterface):
    """Put the pages beside those of docs/; an editable installation reads them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"] |= {name: f"sfmc_mock/docs/{name}" for name in PAGES}

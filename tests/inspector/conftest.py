from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.browsing import Browsing


@pytest.fixture
def browsing() -> Iterator[Browsing]:
    found = Browsing()
    yield found
    assert found.app.control.problems == []
    found.close()

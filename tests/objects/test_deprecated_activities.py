"""Deprecated activities: Perform refuses them and says why."""

from __future__ import annotations

import pytest
from tests.support.soap_app import SoapApp


@pytest.mark.parametrize(
    ("object_type", "code"), [("MessageSendActivity", "105"), ("ReportActivity", "106")]
)
def test_no_account_has_one_to_perform(app: SoapApp, object_type: str, code: str) -> None:
    sent = f'<Definition xsi:type="{object_type}"><CustomerKey>x</CustomerKey></Definition>'

    answer = app.call("Perform", f"<Action>start</Action><Definitions>{sent}</Definitions>")

    assert answer.texts("Results", "Result", "ErrorCode") == [code]
    assert answer.texts("Results", "Result", "StatusMessage") == ["Perform_Unsupported Object Type"]
    assert list(app.warnings) == [
        f"{object_type} is deprecated: no account has one, and none can be made"
    ]

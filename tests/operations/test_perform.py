"""Perform: the content of its results."""

from __future__ import annotations

import pytest
from lxml import etree
from tests.support.soap_app import PARTNER, SoapApp


def perform(app: SoapApp, action: str, definition: str) -> list[str]:
    """Return the names of the elements of a successful result."""
    answer = app.call(
        "Perform",
        f"<Action>{action}</Action><Definitions>{definition}</Definitions>",
    )
    result = answer.message.find(f"{PARTNER}Results/{PARTNER}Result")
    assert result is not None
    assert result.findtext(f"{PARTNER}StatusCode") == "OK"
    return [etree.QName(each).localname for each in result]


def test_a_result_holds_the_object_and_a_task(app: SoapApp) -> None:
    named = 'xsi:type="DataExtension"><CustomerKey>k</CustomerKey>'
    fields = "<Fields><Field><Name>A</Name></Field></Fields>"
    app.call("Create", f"<Objects {named}<Name>k</Name>{fields}</Objects>")

    found = perform(app, "ClearData", f"<Definition {named}</Definition>")

    assert found == ["StatusCode", "StatusMessage", "Object", "Task"]


@pytest.mark.parametrize(
    ("object_type", "called"),
    [("EmailSendDefinition", "InteractionDefinition"), ("DataExtension", "DataExtension")],
)
def test_an_unknown_action_is_refused_with_the_class_of_definitions(
    app: SoapApp, object_type: str, called: str
) -> None:
    definition = f'<Definition xsi:type="{object_type}"/>'

    answer = app.call("Perform", f"<Action>Dance</Action><Definitions>{definition}</Definitions>")

    message = answer.text("Results", "Result", "StatusMessage")
    assert message.startswith(
        f"dance is not an action that can be Performed on a {called}. ErrorID = "
    )

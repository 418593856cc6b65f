"""Execute: its named requests."""

from __future__ import annotations

from tests.support.soap_app import SoapApp, element


def execute(app: SoapApp, name: str, **parameters: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the StatusMessage of a request, and the pairs in its answer."""
    given = "".join(
        f"<Parameters>{element('Name', key)}{element('Value', value)}</Parameters>"
        for key, value in parameters.items()
    )
    answer = app.call("Execute", f"<Requests><Name>{name}</Name>{given}</Requests>")
    names = answer.texts("Results", "Results", "Name")
    values = answer.texts("Results", "Results", "Value")
    return answer.text("Results", "StatusMessage"), list(zip(names, values, strict=True))


def folders(app: SoapApp) -> dict[str, dict[str, str]]:
    """Return the folders of GetFolderHierarchy by name."""
    message, pairs = execute(app, "GetFolderHierarchy")
    assert message == "OK"
    triples = [dict(pairs[start : start + 3]) for start in range(0, len(pairs), 3)]
    return {each["Name"]: each for each in triples}


def test_the_folder_hierarchy_is_that_of_emails(app: SoapApp) -> None:
    root = next(each for each in folders(app).values() if each["ParentID"] == "0")
    made = app.call(
        "Create",
        '<Objects xsi:type="DataFolder"><Name>Autumn</Name><Description>d</Description>'
        f"<ContentType>email</ContentType><ParentFolder><ID>{root['ID']}</ID></ParentFolder></Objects>",
    )

    assert made.text("Results", "StatusCode") == "OK"
    assert folders(app)["Autumn"]["ParentID"] == root["ID"]


def test_a_master_unsubscribe_is_one_from_everything(app: SoapApp) -> None:
    app.call(
        "Create",
        '<Objects xsi:type="Subscriber"><SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress>'
        "</Objects>",
    )

    assert execute(app, "MasterUnsub", SubscriberKey="ada", JobID="5") == ("Event posted", [])
    assert app.retrieve("Subscriber", ["Status"]).text("Results", "Status") == "Unsubscribed"
    assert execute(app, "MasterUnsub", SubscriberKey="bob")[0] != "Event posted"
    assert app.retrieve("UnsubEvent", ["SubscriberKey"]).results == []


def test_other_names_are_refused_with_a_warning_that_lists_these(app: SoapApp) -> None:
    message, _ = execute(app, "Dance")

    assert message == "Unable to find a handler for the Dance method."
    assert "GetFolderHierarchy, LogUnsubEvent, MasterUnsub" in app.warnings[0]

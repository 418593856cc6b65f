"""DataExtensionTemplate over SOAP: read-only."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from tests.support.messages import fields, results, retrieve, shape, simple

from sfmc_mock.account.data_extension_templates import DOCUMENTED_TEMPLATE
from sfmc_mock.declarations.call import Call

CAPTURE = Path(__file__).parents[3] / "shared/captures/retrieve/DataExtensionTemplate/all.xml"
NAMESPACE = "{http://exacttarget.com/wsdl/partnerAPI}"
PROPERTIES = (
    "IsSendable",
    "IsTestable",
    "SendableCustomObjectField",
    "SendableSubscriberField",
    "DataRetentionPeriodLength",
    "DataRetentionPeriodUnitOfMeasure",
    "RowBasedRetention",
    "ResetRetentionPeriodOnImport",
    "DeleteAtEndOfRetentionPeriod",
    "RetainUntil",
    "ObjectID",
    "CustomerKey",
    "Name",
    "Description",
)


def partner_properties(result: etree._Element) -> dict[str, str]:
    return {
        each.findtext(f"{NAMESPACE}Name") or "": each.findtext(f"{NAMESPACE}Value") or ""
        for each in result.iterfind(f"{NAMESPACE}PartnerProperties")
    }


def test_templates_come_back_like_recorded(call: Call) -> None:
    if not CAPTURE.exists():
        pytest.skip(f"needs {CAPTURE}, a recorded answer that is not part of the project")
    recorded = next(etree.parse(CAPTURE).getroot().iter(f"{NAMESPACE}Results"))

    answer = retrieve(
        call, "DataExtensionTemplate", PROPERTIES, simple("Name", "equals", "DomainExclusion")
    )

    (result,) = results(answer)
    assert shape(result) == shape(recorded)


def test_flags_are_capitalised_and_what_is_missing_is_empty(call: Call) -> None:
    asked = simple("Name", "equals", "TriggeredSendDataExtension")

    (result,) = results(retrieve(call, "DataExtensionTemplate", PROPERTIES, asked))

    found = partner_properties(result)
    assert found["IsSendable"] == "True"
    assert found["IsTestable"] == "False"
    assert found["SendableSubscriberField"] == "_SubscriberKey"
    assert found["DataRetentionPeriodLength"] == found["RetainUntil"] == ""


def test_templates_are_found_by_their_flags(call: Call) -> None:
    asked = simple("IsSendable", "equals", "True")

    names = [
        each["Name"] for each in fields(retrieve(call, "DataExtensionTemplate", ["Name"], asked))
    ]

    assert "TriggeredSendDataExtension" in names
    assert "SendLog" not in names


def test_the_account_has_a_template_for_its_send_log_under_an_id_of_its_own(call: Call) -> None:
    asked = simple("Name", "equals", "SendLog")

    (found,) = fields(retrieve(call, "DataExtensionTemplate", ["ObjectID"], asked))

    assert found["ObjectID"] != DOCUMENTED_TEMPLATE

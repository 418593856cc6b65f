"""The served WSDL describes the vendor's service, with the emulator's address."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from tests.support.schema import Description, described, expected, of_catalogue, reference
from zeep import Client
from zeep.transports import Transport

from sfmc_mock.wire.wsdl import fault_xsd, wsdl

ADDRESS = "http://127.0.0.1:8025/Service.asmx"
FAULT_SCHEMA = "http://127.0.0.1:8025/ETFrameworkFault.xsd"
PARTNER = "{http://exacttarget.com/wsdl/partnerAPI}"
VENDORS_FAULT_SCHEMA = b"https://webservice.exacttarget.com/ETFrameworkFault.xsd"


class Offline(Transport):
    """A transport that has the schema of faults and requests nothing else."""

    def load(self, url: str) -> bytes:
        assert url == FAULT_SCHEMA
        return fault_xsd()


def client_of(text: bytes) -> Any:
    """Return zeep's client for a WSDL."""
    transport = Offline()
    return Client(BytesIO(text), transport=transport)


@pytest.fixture(scope="module")
def served() -> bytes:
    return wsdl(ADDRESS, FAULT_SCHEMA)


@pytest.fixture(scope="module")
def description(served: bytes) -> Description:
    return described(served)


@pytest.fixture(scope="module")
def client(served: bytes) -> Any:
    return client_of(served)


def test_the_wsdl_says_what_the_catalogue_says(description: Description) -> None:
    assert description == of_catalogue()


def test_the_operations_are_the_references(description: Description) -> None:
    wanted = expected().operations

    assert description.operations == wanted


def test_the_messages_are_the_references(description: Description) -> None:
    wanted = expected().messages

    assert description.messages == wanted


def test_the_elements_are_the_references(description: Description) -> None:
    wanted = expected().elements

    assert description.elements == wanted


def test_the_simple_types_are_the_references(description: Description) -> None:
    wanted = expected().simple_types

    assert description.simple_types == wanted


def test_the_complex_types_are_the_references(description: Description) -> None:
    """Base, abstractness, and every field in its order: type, occurrence, nil, choice, default."""
    wanted = expected().complex_types

    assert description.complex_types == wanted


def test_the_types_stand_in_the_references_order(description: Description) -> None:
    wanted = expected()

    assert list(description.simple_types) == list(wanted.simple_types)
    assert list(description.complex_types) == list(wanted.complex_types)


def test_zeep_sees_the_same_signatures_as_in_the_vendors_wsdl(client: Any) -> None:
    vendors = reference("etframework-2024-11.wsdl").read_bytes()
    original = client_of(vendors.replace(VENDORS_FAULT_SCHEMA, FAULT_SCHEMA.encode()))

    signatures = _signatures(client)
    assert signatures == _signatures(original)
    assert len(signatures) == 251 + 63


def test_zeep_calls_the_same_operations_as_with_the_vendors_wsdl(client: Any) -> None:
    vendors = reference("etframework-2024-11.wsdl").read_bytes()
    original = client_of(vendors.replace(VENDORS_FAULT_SCHEMA, FAULT_SCHEMA.encode()))

    operations = _operations(client)
    assert operations == _operations(original)
    assert len(operations) == 13


def test_the_name_space_of_the_service_is_the_first_that_a_client_meets(client: Any) -> None:
    """Existing clients ask zeep for `ns0:SimpleFilterPart` (sdk)."""
    assert client.get_type("ns0:SimpleFilterPart").qname.text == f"{PARTNER}SimpleFilterPart"


def test_a_client_posts_to_the_address_that_the_wsdl_was_asked_from(client: Any) -> None:
    service = client.wsdl.services["PartnerAPI"]

    assert list(service.ports) == ["Soap"]
    assert service.ports["Soap"].binding_options == {"address": ADDRESS}


def test_each_server_gives_its_own_address(served: bytes) -> None:
    other = wsdl("http://localhost:1/Service.asmx", "http://localhost:1/f.xsd")

    assert (
        other.replace(b"http://localhost:1/Service.asmx", ADDRESS.encode()).replace(
            b"http://localhost:1/f.xsd", FAULT_SCHEMA.encode()
        )
        == served
    )


@pytest.mark.parametrize("host", ['a"><evil/>', "a&b", "ü", "a b\x00\x1b", "\udcff"])
def test_no_address_breaks_the_document(host: str) -> None:
    """The address can come from the Host header, which the caller chooses."""
    text = wsdl(f"http://{host}/Service.asmx", f"http://{host}/f.xsd")

    assert described(text).operations == described(wsdl(ADDRESS, FAULT_SCHEMA)).operations
    assert not etree.fromstring(text).findall(".//{*}evil")


def test_an_address_with_a_query_comes_back_whole() -> None:
    text = wsdl("http://a/Service.asmx?x=1&y=%20", FAULT_SCHEMA)

    (address,) = etree.fromstring(text).iterfind(".//{*}address")
    assert address.get("location") == "http://a/Service.asmx?x=1&y=%20"


def test_an_optional_choice_stays_optional(served: bytes) -> None:
    schema = etree.fromstring(served)

    choices = {
        each.xpath("string(ancestor::*[local-name() = 'complexType']/@name)"): each.get("minOccurs")
        for each in schema.iter("{*}choice")
    }

    assert choices == {"ExtractRequest": "0", "FieldMap": None, "ImportDefinitionFieldMap": None}


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        ("<LeftOperand xsi:type='SimpleFilterPart'>{0}</LeftOperand>", True),
        ("<LeftOperand xsi:type='SimpleFilterPart'>{0}</LeftOperand><RightOperand/>", False),
        ("<LeftOperand>{0}</LeftOperand>", False),
    ],
)
def test_a_validator_takes_what_the_schema_allows(served: bytes, fields: str, valid: bool) -> None:
    schema = next(etree.fromstring(served).iter("{*}schema"))
    # Only the fault's schema is elsewhere, and no request is of it.
    schema.remove(schema[0])
    simple = "<Property>a</Property><SimpleOperator>equals</SimpleOperator><Value>1</Value>"
    request = (
        f"<RetrieveRequestMsg xmlns='{PARTNER[1:-1]}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
        "<RetrieveRequest><ObjectType>Subscriber</ObjectType><Filter xsi:type='ComplexFilterPart'>"
        f"{fields.format(simple)}<LogicalOperator>AND</LogicalOperator>"
        "</Filter></RetrieveRequest></RetrieveRequestMsg>"
    )

    validator = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))

    assert validator.validate(etree.fromstring(request)) is valid


def test_fields_that_the_wsdl_lacks_are_not_added_to_it(description: Description) -> None:
    fields = description.complex_types["InteractionBaseObject"]["fields"]

    assert "IsPlatformObject" not in [field["name"] for field in fields]


def test_the_fault_schema_takes_a_fault_detail() -> None:
    schema = etree.XMLSchema(etree.fromstring(fault_xsd()))
    detail = (
        '<apifault xmlns="urn:fault.partner.exacttarget.com"><Code>12</Code><Message>Failed</Message>'
        "<LogID>5000000000</LogID><Params><Param>a</Param><Param>b</Param></Params></apifault>"
    )

    assert schema.validate(etree.fromstring(detail))
    assert not schema.validate(etree.fromstring(detail.replace("12", "twelve")))


def test_the_fault_schema_is_the_references() -> None:
    original = etree.fromstring(reference("ETFrameworkFault.xsd").read_bytes())

    assert _particles(etree.fromstring(fault_xsd())) == _particles(original)


@pytest.mark.slow
def test_many_threads_may_ask_first() -> None:
    """spyne builds the WSDL with module state: only one thread may do so."""
    program = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from sfmc_mock.wire.wsdl import wsdl\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    texts = set(pool.map(lambda _: wsdl('http://a/', 'http://b/'), range(8)))\n"
        "print(len(texts))\n"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (answer.stdout, answer.stderr) == ("1\n", "")


@pytest.mark.slow
def test_only_asking_for_the_wsdl_loads_spyne() -> None:
    program = "import sys, sfmc_mock.wire.wsdl; print('spyne' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert answer.stdout == "False\n"


def _signatures(client: Any) -> dict[str, str]:
    """Return zeep's signature of each named type of the service, by name."""
    return {
        each.qname.text: each.signature(schema=client.wsdl.types)
        for each in client.wsdl.types.types
        if each.qname is not None and each.qname.namespace == PARTNER.strip("{}")
    }


def _operations(client: Any) -> dict[str, tuple[str, str, str]]:
    """Return the SOAPAction of each operation, with zeep's signatures of its input and output."""
    binding = client.wsdl.bindings[f"{PARTNER}SoapBinding"]
    return {
        name: (each.soapaction, each.input.signature(), each.output.signature())
        for name, each in binding.all().items()
    }


def _particles(schema: etree._Element) -> list[tuple[str | None, str, str, str]]:
    return [
        (
            each.get("name"),
            each.get("type", "").rpartition(":")[2],
            each.get("minOccurs", "1"),
            each.get("maxOccurs", "1"),
        )
        for each in schema.iter("{*}element")
    ]

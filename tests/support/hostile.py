"""Requests designed to be expensive: families of them, each in any size.

`FAMILIES` has them by name. Each is a function from a size in bytes to a request of about that size, so that time and
memory per megabyte can be compared between sizes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote

NAMESPACE = "http://exacttarget.com/wsdl/partnerAPI"
_HEAD = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{declared}><soap:Header>{header}<wsse:Security xmlns:wsse='
    '"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken>'
    "<wsse:Username>mock-user</wsse:Username><wsse:Password>mock-password</wsse:Password></wsse:UsernameToken>"
    "</wsse:Security></soap:Header><soap:Body>"
)
_TAIL = "</soap:Body></soap:Envelope>"


@dataclass(frozen=True)
class HostileRequest:
    """A request: path, SOAPAction, content type and body."""

    body: bytes
    action: str = "Create"
    path: str = "/Service.asmx"
    content_type: str = "text/xml; charset=utf-8"


Family = Callable[[int], HostileRequest]
FAMILIES: dict[str, Family] = {}


def family(make: Family) -> Family:
    """Register a function that makes requests in `FAMILIES`."""
    FAMILIES[make.__name__] = make
    return make


def soap(operation: str, content: str, *, header: str = "", declared: str = "") -> HostileRequest:
    """Return a call of an operation with the content of its message."""
    element = {"Retrieve": "RetrieveRequestMsg", "Describe": "DefinitionRequestMsg"}.get(
        operation, f"{operation}Request"
    )
    for name in ("Configure", "Execute", "Extract", "Perform", "Query", "Schedule"):
        element = f"{name}RequestMsg" if operation == name else element
    message = f'<{element} xmlns="{NAMESPACE}">{content}</{element}>'
    text = _HEAD.format(header=header, declared=declared) + message + _TAIL
    return HostileRequest(text.encode(), operation)


def filled(size: int, parts: Iterable[str]) -> str:
    """Return the parts joined, up to a size."""
    taken, length = [], 0
    for part in parts:
        if length >= size:
            break
        taken.append(part)
        length += len(part)
    return "".join(taken)


def numbered(text: str) -> Iterable[str]:
    """Return a text repeated up to a size, with a number for each `#`."""
    before, _, after = text.partition("#")
    return (f"{before}{number}{after}" for number in count())


def repeated(size: int, text: str) -> str:
    """Return a text repeated up to a size."""
    return text * (size // len(text))


_SEND = (
    '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>welcome</CustomerKey>'
    "</TriggeredSendDefinition><Subscribers><SubscriberKey>a@mock.test</SubscriberKey>"
    "<EmailAddress>a@mock.test</EmailAddress>{}</Subscribers></Objects>"
)


def _subscriber(content: str) -> str:
    return f'<Objects xsi:type="Subscriber"><SubscriberKey>a</SubscriberKey>{content}</Objects>'


def _retrieve(content: str) -> HostileRequest:
    return soap(
        "Retrieve",
        f"<RetrieveRequest><ObjectType>Subscriber</ObjectType>{content}</RetrieveRequest>",
    )


# Elements.


@family
def unknown_elements(size: int) -> HostileRequest:
    return soap("Create", repeated(size, "<a/>"))


@family
def unknown_elements_of_many_names(size: int) -> HostileRequest:
    return soap("Create", filled(size, numbered("<a#/>")))


@family
def unknown_elements_in_an_object(size: int) -> HostileRequest:
    return soap("Create", _subscriber(repeated(size, "<a>x</a>")))


@family
def repeated_single_elements(size: int) -> HostileRequest:
    return soap("Create", _subscriber(repeated(size, "<EmailAddress>a@mock.test</EmailAddress>")))


@family
def xml_attributes(size: int) -> HostileRequest:
    attributes = filled(size, numbered(' a#=""'))
    return soap("Create", f"<Objects{attributes}/>")


@family
def elements_with_attributes(size: int) -> HostileRequest:
    return soap("Create", repeated(size, '<a b="" c="" d="" e="" f=""/>'))


@family
def deep_elements(size: int) -> HostileRequest:
    one = "<a>" * 200 + "</a>" * 200
    return soap("Create", repeated(size, one))


@family
def bottomless_elements(size: int) -> HostileRequest:
    return soap("Create", "<a>" * (size // 3))


@family
def mixed_content(size: int) -> HostileRequest:
    return soap("Create", _subscriber(f"<EmailAddress>{repeated(size, 'a<b/>')}</EmailAddress>"))


@family
def long_names(size: int) -> HostileRequest:
    return soap("Create", filled(size, numbered(f"<{'a' * 20_000}#/>")))


@family
def one_long_name(size: int) -> HostileRequest:
    return soap("Create", f"<{'a' * size}/>")


@family
def white_space(size: int) -> HostileRequest:
    return soap("Create", " \n" * (size // 2))


# Texts.


@family
def huge_text(size: int) -> HostileRequest:
    return soap("Create", _subscriber(f"<EmailAddress>{'a' * size}</EmailAddress>"))


@family
def huge_object_type(size: int) -> HostileRequest:
    return soap(
        "Retrieve", f"<RetrieveRequest><ObjectType>{'a' * size}</ObjectType></RetrieveRequest>"
    )


@family
def huge_xsi_type(size: int) -> HostileRequest:
    return soap("Create", f'<Objects xsi:type="{"a" * size}"/>')


@family
def huge_action(size: int) -> HostileRequest:
    made = soap("Create", "")
    body = made.body.replace(
        b"<soap:Header>",
        b"<soap:Header><a:Action xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing'>%b</a:Action>"
        % (b"a" * size),
    )
    return HostileRequest(body, "")


@family
def huge_message_id(size: int) -> HostileRequest:
    header = (
        "<a:MessageID xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing'>"
        f"{'a' * size}</a:MessageID>"
    )
    return soap("Create", "", header=header)


@family
def predefined_entities(size: int) -> HostileRequest:
    return soap("Create", _subscriber(f"<EmailAddress>{repeated(size, '&amp;')}</EmailAddress>"))


@family
def character_references(size: int) -> HostileRequest:
    return soap(
        "Create", _subscriber(f"<EmailAddress>{repeated(size, '&#x1F600;')}</EmailAddress>")
    )


@family
def quoted_messages(size: int) -> HostileRequest:
    text = "&lt;Password&gt;a&lt;/Password&gt;"
    return soap("Create", _subscriber(f"<EmailAddress>{repeated(size, text)}</EmailAddress>"))


@family
def deeply_quoted_messages(size: int) -> HostileRequest:
    one = "&" + "amp;" * 60 + "lt;a&" + "amp;" * 60 + "gt;"
    return soap("Create", _subscriber(f"<EmailAddress>{repeated(size, one)}</EmailAddress>"))


@family
def sections_of_characters(size: int) -> HostileRequest:
    text = repeated(size, "<![CDATA[<a>]]>")
    return soap("Create", _subscriber(f"<EmailAddress>{text}</EmailAddress>"))


# Not elements.


@family
def comments(size: int) -> HostileRequest:
    return soap("Create", repeated(size, "<!--a-->"))


@family
def comments_in_a_text(size: int) -> HostileRequest:
    return soap("Create", _subscriber(f"<EmailAddress>{repeated(size, 'a<!---->')}</EmailAddress>"))


@family
def instructions(size: int) -> HostileRequest:
    return soap("Create", repeated(size, "<?a b?>"))


@family
def namespaces_on_one_element(size: int) -> HostileRequest:
    return soap("Create", "", declared=filled(size, numbered(' xmlns:n#="urn:a"')))


@family
def namespaces_on_each_element(size: int) -> HostileRequest:
    return soap("Create", filled(size, numbered('<n:a xmlns:n="urn:#"/>')))


@family
def namespaces_and_types(size: int) -> HostileRequest:
    objects = repeated(size // 2, '<Objects xsi:type="Subscriber"/>')
    return soap("Create", objects, declared=filled(size // 2, numbered(' xmlns:n#="urn:a"')))


@family
def namespaces_and_prefixed_elements(size: int) -> HostileRequest:
    elements = filled(size // 2, (f"<n{number % 10_000}:a/>" for number in count()))
    declared = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(10_000))
    return soap("Create", elements, declared=declared)


@family
def entities(size: int) -> HostileRequest:
    declared = filled(size, numbered("<!ENTITY e# 'aaaaaaaaaa'>"))
    return HostileRequest(
        f"<!DOCTYPE a [{declared}]>".encode() + soap("Create", "<a>&e1;</a>").body
    )


@family
def nested_entities(size: int) -> HostileRequest:
    lines = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    doctype = f"<!DOCTYPE a [<!ENTITY e0 '{'a' * size}'>{lines}]>"
    return HostileRequest(doctype.encode() + soap("Create", "<a>&e11;</a>").body)


# Batches.


@family
def nil_objects(size: int) -> HostileRequest:
    return soap("Create", repeated(size, '<Objects xsi:nil="1"/>'))


@family
def empty_objects(size: int) -> HostileRequest:
    return soap("Create", repeated(size, "<Objects/>"))


@family
def objects_without_a_handler(size: int) -> HostileRequest:
    return soap("Create", repeated(size, '<Objects xsi:type="Account"/>'))


@family
def objects_that_are_refused(size: int) -> HostileRequest:
    return soap("Create", repeated(size, '<Objects xsi:type="Subscriber"/>'))


@family
def objects_that_are_refused_one_by_one(size: int) -> HostileRequest:
    one = '<Objects xsi:type="Subscriber"><ID>#</ID></Objects>'
    return soap("Create", filled(size, numbered(one)))


@family
def objects_to_update(size: int) -> HostileRequest:
    return soap("Update", repeated(size, '<Objects xsi:type="Subscriber"/>'))


@family
def objects_to_update_one_by_one(size: int) -> HostileRequest:
    return soap("Update", filled(size, numbered('<Objects xsi:type="List"><ID>#</ID></Objects>')))


@family
def objects_to_delete(size: int) -> HostileRequest:
    return soap("Delete", repeated(size, '<Objects xsi:type="Subscriber"/>'))


@family
def definitions_to_perform(size: int) -> HostileRequest:
    inner = repeated(size, '<Definition xsi:type="Subscriber"/>')
    return soap("Perform", f"<Action>start</Action><Definitions>{inner}</Definitions>")


@family
def configurations(size: int) -> HostileRequest:
    inner = repeated(size, '<Configuration xsi:type="PropertyDefinition"/>')
    return soap("Configure", f"<Action>create</Action><Configurations>{inner}</Configurations>")


@family
def requests_to_execute(size: int) -> HostileRequest:
    return soap("Execute", repeated(size, "<Requests><Name>LogUnsubEvent</Name></Requests>"))


@family
def parameters_to_execute(size: int) -> HostileRequest:
    inner = filled(size, numbered("<Parameters><Name>a#</Name></Parameters>"))
    return soap("Execute", f"<Requests><Name>LogUnsubEvent</Name>{inner}</Requests>")


@family
def definitions_to_describe(size: int) -> HostileRequest:
    one = "<ObjectDefinitionRequest><ObjectType>Subscriber</ObjectType></ObjectDefinitionRequest>"
    return soap("Describe", f"<DescribeRequests>{repeated(size, one)}</DescribeRequests>")


@family
def save_options(size: int) -> HostileRequest:
    one = (
        "<SaveOption><PropertyName>a#</PropertyName><SaveAction>UpdateAdd</SaveAction></SaveOption>"
    )
    inner = filled(size, numbered(one))
    return soap("Create", f"<Options><SaveOptions>{inner}</SaveOptions></Options>")


# Attributes, rows, subscribers.


@family
def subscriber_attributes(size: int) -> HostileRequest:
    inner = filled(size, numbered("<Attributes><Name>a#</Name><Value>b</Value></Attributes>"))
    return soap("Create", _subscriber(f"<EmailAddress>a@mock.test</EmailAddress>{inner}"))


@family
def attributes_of_a_send(size: int) -> HostileRequest:
    inner = filled(size, numbered("<Attributes><Name>a#</Name><Value>b</Value></Attributes>"))
    return soap("Create", _SEND.format(inner))


@family
def empty_subscribers_of_a_send(size: int) -> HostileRequest:
    sent = _SEND.replace("</Objects>", repeated(size, "<Subscribers/>") + "</Objects>")
    return soap("Create", sent.format(""))


@family
def magic_labels(size: int) -> HostileRequest:
    address = f"a{filled(size, numbered('+l#'))}@mock.test"
    return soap("Create", _SEND.format("").replace("a@mock.test", address))


@family
def properties_of_a_row(size: int) -> HostileRequest:
    inner = filled(size, numbered("<Property><Name>a#</Name><Value>b</Value></Property>"))
    row = f"<CustomerKey>SendLog</CustomerKey><Properties>{inner}</Properties>"
    return soap("Create", f'<Objects xsi:type="DataExtensionObject">{row}</Objects>')


@family
def fields_of_a_data_extension(size: int) -> HostileRequest:
    one = "<Field><Name>a#</Name><FieldType>Text</FieldType></Field>"
    fields = (
        f"<CustomerKey>a</CustomerKey><Name>a</Name><Fields>{filled(size, numbered(one))}</Fields>"
    )
    return soap("Create", f'<Objects xsi:type="DataExtension">{fields}</Objects>')


@family
def lists_of_a_subscriber(size: int) -> HostileRequest:
    inner = filled(size, numbered("<Lists><ID>#</ID></Lists>"))
    return soap("Create", _subscriber(f"<EmailAddress>a@mock.test</EmailAddress>{inner}"))


@family
def partner_properties(size: int) -> HostileRequest:
    one = "<PartnerProperties><Name>a#</Name><Value>b</Value></PartnerProperties>"
    return soap("Create", _subscriber(filled(size, numbered(one))))


# Retrieves.


@family
def properties_to_retrieve(size: int) -> HostileRequest:
    return _retrieve(filled(size, numbered("<Properties>a#</Properties>")))


@family
def one_property_often(size: int) -> HostileRequest:
    return _retrieve(repeated(size, "<Properties>ID</Properties>"))


@family
def values_of_a_filter(size: int) -> HostileRequest:
    simple = "<Property>SubscriberKey</Property><SimpleOperator>IN</SimpleOperator>"
    values = filled(size, numbered("<Value>#</Value>"))
    return _retrieve(
        f'<Properties>ID</Properties><Filter xsi:type="SimpleFilterPart">{simple}{values}</Filter>'
    )


@family
def operands_of_a_filter(size: int) -> HostileRequest:
    simple = "<Property>ID</Property><SimpleOperator>equals</SimpleOperator><Value>1</Value>"
    more = repeated(size, f'<Operand xsi:type="SimpleFilterPart">{simple}</Operand>')
    return _retrieve(
        '<Properties>ID</Properties><Filter xsi:type="ComplexFilterPart">'
        f'<LeftOperand xsi:type="SimpleFilterPart">{simple}</LeftOperand><LogicalOperator>OR</LogicalOperator>'
        f'<RightOperand xsi:type="SimpleFilterPart">{simple}</RightOperand>'
        f"<AdditionalOperands>{more}</AdditionalOperands></Filter>"
    )


@family
def nested_filters(size: int) -> HostileRequest:
    simple = "<Property>ID</Property><SimpleOperator>equals</SimpleOperator><Value>1</Value>"
    right = f'<RightOperand xsi:type="SimpleFilterPart">{simple}</RightOperand>'
    depth = 20
    one = (
        '<LeftOperand xsi:type="ComplexFilterPart">' * depth
        + f'<LeftOperand xsi:type="SimpleFilterPart">{simple}</LeftOperand>'
        + f"<LogicalOperator>OR</LogicalOperator>{right}</LeftOperand>" * depth
    )
    more = repeated(size, f'<Operand xsi:type="ComplexFilterPart">{one}</Operand>')
    return _retrieve(
        '<Properties>ID</Properties><Filter xsi:type="ComplexFilterPart">'
        f"<LogicalOperator>AND</LogicalOperator><AdditionalOperands>{more}</AdditionalOperands></Filter>"
    )


@family
def dotted_names(size: int) -> HostileRequest:
    return _retrieve(f"<Properties>{'a.' * (size // 2)}</Properties>")


@family
def brackets(size: int) -> HostileRequest:
    return soap(
        "Retrieve", f"<RetrieveRequest><ObjectType>{'[' * size}</ObjectType></RetrieveRequest>"
    )


# Headers and tokens.


@family
def tokens_in_the_header(size: int) -> HostileRequest:
    return soap("Create", "", header=repeated(size, "<fueloauth>a</fueloauth>"))


@family
def security_in_the_header(size: int) -> HostileRequest:
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    one = f'<Security xmlns="{wsse}"><Username>a</Username></Security>'
    return soap("Create", "", header=repeated(size, one))


@family
def token_request_of_many_fields(size: int) -> HostileRequest:
    fields = {f"field{number}": "a" for number in range(size // 16)}
    body = json.dumps({**fields, "grant_type": "client_credentials"})
    return HostileRequest(body.encode(), "", "/v2/token", "application/json")


@family
def token_request_nested(size: int) -> HostileRequest:
    return HostileRequest(b"[" * size, "", "/v2/token", "application/json")


@family
def token_request_of_a_long_scope(size: int) -> HostileRequest:
    body = json.dumps(
        {
            "grant_type": "client_credentials",
            "client_id": "mock-client-id",
            "client_secret": "mock-client-secret",
            "scope": "email_read " * (size // 11),
        }
    )
    return HostileRequest(body.encode(), "", "/v2/token", "application/json")


@family
def token_form(size: int) -> HostileRequest:
    body = "&".join(f"f{number}={quote('&=')}" for number in range(size // 14))
    return HostileRequest(body.encode(), "", "/v2/token", "application/x-www-form-urlencoded")


@family
def unreadable_bytes(size: int) -> HostileRequest:
    return HostileRequest(b"\xff<" * (size // 2), "Create")


@family
def open_angles(size: int) -> HostileRequest:
    return HostileRequest(b"<" * size, "Create")


@family
def in_utf_16(size: int) -> HostileRequest:
    text = soap("Create", repeated(size // 2, "<a/>")).body.decode()
    return HostileRequest(text.encode("utf-16"), "Create")

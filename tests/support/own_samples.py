"""The seven documented requests in this project's words, for checkouts without the printed ones in `../shared`.

They have the same significant parts: the SOAP version and the prefix, the place of the action, the order of the
elements, nil elements, and values that the default account knows. IDs, addresses and white space are this project's
own.
"""

from __future__ import annotations

from sfmc_mock.envelope import SOAP11, SOAP12, WSA, WSSE
from sfmc_mock.wire.catalogue import NAMESPACE

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = '<ObjectID xsi:nil="true"/>'
_KEY = "API Example for SendLogging"
_NAME = "API Example for Send Logging"
_ADDRESS = "help@example.com"
_UNIQUE_ID = "111-111-2323123-21312321-213213"


def _soap11(message: str, content: str, action: str | None = None) -> str:
    address = "" if action is None else f"<a:Action>{action}</a:Action>"
    return (
        f'<soap:Envelope xmlns:soap="{SOAP11}" xmlns:xsi="{_XSI}" xmlns:a="{WSA}" xmlns:wsse="{WSSE}">\n'
        f'<soap:Header>{address}<wsse:Security soap:mustUnderstand="1"><wsse:UsernameToken>'
        '<wsse:Username>user</wsse:Username><wsse:Password Type="text">password</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security></soap:Header>\n"
        f'<soap:Body><{message} xmlns="{NAMESPACE}">{content}</{message}></soap:Body>\n</soap:Envelope>'
    )


def _soap12(message: str, content: str, action: str) -> str:
    return (
        f'<s:Envelope xmlns:s="{SOAP12}" xmlns:a="{WSA}">\n<s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>'
        f'<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}"><o:UsernameToken><o:Username><!-- user --></o:Username>'
        "<o:Password><!-- password --></o:Password></o:UsernameToken></o:Security></s:Header>\n"
        f'<s:Body xmlns:xsi="{_XSI}"><{message} xmlns="{NAMESPACE}">{content}</{message}></s:Body>\n</s:Envelope>'
    )


def _objects(type_name: str, content: str) -> str:
    return f'<Options/><Objects xsi:type="{type_name}">{content}</Objects>'


def _extension(content: str) -> str:
    # The type has a prefix of its own, declared beside it.
    declared = f'ns1:DataExtension" xmlns:ns1="{NAMESPACE}'
    return _objects(declared, f"{content}</Field></Fields>")


def _equals(name: str, value: str, element: str = "Value") -> str:
    comparison = f"<Property>{name}</Property><SimpleOperator>equals</SimpleOperator>"
    return f"{comparison}<{element}>{value}</{element}>"


def _request(object_type: str, names: tuple[str, ...], condition: str) -> str:
    properties = "".join(f"<Properties>{name}</Properties>" for name in names)
    asked = f"<ObjectType>{object_type}</ObjectType>{properties}{condition}"
    return f"<RetrieveRequest>{asked}</RetrieveRequest>"


_SIMPLE = 'xsi:type="SimpleFilterPart"'

OWN_SAMPLES = {
    "1-configure-profile-attribute": _soap12(
        "ConfigureRequestMsg",
        '<Options> </Options><Action>Create</Action><Configurations><Configuration xsi:type="PropertyDefinition">'
        '<ObjectID xsi:nil="true"> </ObjectID><Name>UniqueID</Name><PropertyType>string</PropertyType>'
        "</Configuration></Configurations>",
        "Configure",
    ),
    "2-update-send-log": _soap11(
        "UpdateRequest",
        _extension(
            "<CustomerKey>SendLog</CustomerKey><!-- whatever it is --><Fields><Field><Name>UniqueID</Name>"
            "<MaxLength>200</MaxLength><IsRequired>false</IsRequired>"
        ),
    ),
    "2b-create-send-log": _soap11(
        "CreateRequest",
        _extension(
            "<Name>SendLog</Name><Template><ObjectID>c3af0d64-1867-de11-8767-001e0bcf2c98</ObjectID></Template>"
            "<Fields><Field><Name>UniqueID</Name><FieldType>Text</FieldType>"
        ),
    ),
    "3-create-triggered-send-definition": _soap11(
        "CreateRequest",
        _objects(
            "TriggeredSendDefinition",
            f"{_NIL}<CustomerKey>{_KEY}</CustomerKey><Name>{_NAME}</Name><SendClassification>"
            f"<CustomerKey>2239</CustomerKey>{_NIL}</SendClassification><Email>{_NIL}<ID>3099626</ID></Email>"
            "<IsSendLogging>true</IsSendLogging>",
        ),
    ),
    "4-create-triggered-send": _soap11(
        "CreateRequest",
        _objects(
            "TriggeredSend",
            f"{_NIL}<TriggeredSendDefinition>{_NIL}<CustomerKey>{_NAME}</CustomerKey></TriggeredSendDefinition>"
            f"<Subscribers>{_NIL}<EmailAddress>{_ADDRESS}</EmailAddress><SubscriberKey>{_ADDRESS}</SubscriberKey>"
            f"<Attributes><Name>UniqueID</Name><Value>{_UNIQUE_ID}</Value></Attributes></Subscribers>",
        ),
        "Create",
    ),
    "5-retrieve-send-log": _soap11(
        "RetrieveRequestMsg",
        _request(
            "DataExtensionObject[SendLog]",
            ("JobID", "BatchID", "SubscriberID"),
            f"<Filter {_SIMPLE}>{_equals('UniqueID', _UNIQUE_ID, 'DateValue')}</Filter>",
        ),
        "Retrieve",
    ),
    "6-retrieve-sent-event": _soap12(
        "RetrieveRequestMsg",
        _request(
            "SentEvent",
            ("SubscriberKey", "EventDate"),
            f'<Filter xsi:type="ComplexFilterPart"><LeftOperand {_SIMPLE}>{_equals("SendID", "10980375")}</LeftOperand>'
            f"<LogicalOperator>AND</LogicalOperator><RightOperand {_SIMPLE}>{_equals('BatchID', '5')}</RightOperand>"
            f"<AdditionalOperands><Operand {_SIMPLE}>{_equals('SubscriberID', '199672583')}</Operand>"
            "</AdditionalOperands></Filter>",
        ),
        "Retrieve",
    ),
}
"""The requests by the names of the files in which they stand as printed."""

"""The catalogue as spyne models, and the spyne service with the thirteen operations.

`models()` returns a class for each complex and each simple type, by its name in the catalogue; `application()` has the
thirteen operations. The served WSDL (`wsdl.py`) is made from these. Calls do not use them: envelopes are read and
written by plans made from the same catalogue, some hundred times faster.

Importing this module loads spyne.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from lxml import etree

from sfmc_mock._spyne_compat import (
    Application,
    ByteArray,
    ComplexModel,
    Service,
    Soap11,
    Wsdl11,
    complex_model,
    primitive,
    rpc,
)
from sfmc_mock.wire.catalogue import (
    NAMESPACE,
    ComplexType,
    Field,
    OperationNames,
    SimpleType,
    catalogue,
)

_PRIMITIVES: dict[str, Any] = {
    "any": primitive.AnyXml.customize(schema_tag="{http://www.w3.org/2001/XMLSchema}any"),
    "base64Binary": ByteArray,
    "boolean": primitive.Boolean,
    "byte": primitive.Integer8,
    "dateTime": primitive.DateTime,
    "double": primitive.Double,
    "int": primitive.Integer32,
    "integer": primitive.Integer,
    "long": primitive.Integer64,
    "short": primitive.Integer16,
    "string": primitive.Unicode,
    "time": primitive.Time,
}


class Model(ComplexModel):  # type: ignore[misc]  # spyne has no types
    """The base of all complex models."""

    __namespace__ = NAMESPACE


@cache
def models() -> Mapping[str, Any]:
    """Return the model of every type, by its name in the catalogue; the name of an anonymous type is its path."""
    schema = catalogue()
    made = {simple.name: _simple(simple) for simple in schema.simple_types.values()}
    for described in schema.published_types():
        _declare(described, made)
    # In spyne the occurrence of a field takes a copy of its class: one for each kind of field is enough.
    copies: dict[Field, Any] = {}
    # The types are recursive: no model can have its fields before all of them exist.
    for described in schema.published_types():
        for field in described.fields:
            kind = replace(field, name="", choice=False)
            if kind not in copies:
                copies[kind] = _occurring(kind, made)
            made[described.name]._type_info[field.name] = copies[kind]
    return MappingProxyType(made)


@cache
def application() -> Any:
    """Return the spyne application: service `PartnerAPI`, port type `Soap`, thirteen operations, SOAP 1.1."""
    declared = {names.name: _operation(names) for names in catalogue().operations.values()}
    service = type(Service)(
        "PartnerAPI",
        (Service,),
        {"__service_name__": "PartnerAPI", "__port_types__": ("Soap",), **declared},
    )
    made = Application(
        [service],
        NAMESPACE,
        name="PartnerAPI",
        in_protocol=Soap11(),
        out_protocol=Soap11(),
        # Types that no message refers to must be named, to be in the description.
        classes=tuple(models().values()),
    )
    made.transport = "http://schemas.xmlsoap.org/soap/http"
    return made


def description(address: str) -> etree._Element:
    """Return the root of the WSDL that spyne makes from the application, a new one at each call."""
    interface = application().interface
    for model, needed in interface.deps.items():
        # spyne sorts the types by what they need, and gives up on recursive ones; bases first is all that matters.
        interface.deps[model] = {base for base in needed if base is model.__extends__}
    made = _Description(interface)
    made.build_interface_document(address)
    root: etree._Element = made.root_elt
    return root


class _Description(Wsdl11):  # type: ignore[misc]  # spyne has no types
    def _get_binding_name(self, port_type_name: str) -> str:
        return f"{port_type_name}Binding"

    def add(self, cls: Any, tags: set[Any]) -> None:
        # Copies differ in occurrence only: describing each would describe most types several times.
        super().add(cls.__orig__ or cls if issubclass(cls, Model) else cls, tags)


def _simple(described: SimpleType) -> Any:
    form = {"values": described.values} if described.values else {"pattern": described.pattern}
    return primitive.Unicode.customize(type_name=described.name, __namespace__=NAMESPACE, **form)


def _declare(described: ComplexType, made: dict[str, Any]) -> None:
    """Add the model of a type, without fields yet, to the models; its bases come first."""
    if described.name in made:
        return
    base: Any = Model
    members: dict[str, Any] = {
        "__type_name__": described.name,
        "_type_info": complex_model.TypeInfo(),
    }
    if described.base is not None:
        _declare(described.base, made)
        # spyne does not see a base without fields; and here none has any yet.
        base = members["__extends__"] = made[described.base.name]
    made[described.name] = type(base)(described.name, (base,), members)


def _occurring(field: Field, made: Mapping[str, Any]) -> Any:
    """Return the model of a field's type with the field's occurrence."""
    original = _PRIMITIVES.get(field.type) or made[field.type]
    occurrence: dict[str, Any] = {
        "min_occurs": field.lowest,
        "max_occurs": "unbounded" if field.highest is None else field.highest,
        "nillable": field.nillable,
    }
    if field.default is not None:
        occurrence["default"] = field.default
    if issubclass(original, Model):
        copy = original.customize(**occurrence)
        # The copy must see the fields that its original is still going to have.
        copy._type_info = original._type_info
        return copy
    if field.type in made:
        # Otherwise spyne takes the copy for a new, nameless type.
        occurrence |= {"type_name": field.type, "__namespace__": NAMESPACE}
    return original.customize(**occurrence)


def _operation(names: OperationNames) -> Any:
    def described(_ctx: Any, _request: Any) -> None:
        raise NotImplementedError(
            f"{names.name}: spyne only describes the operations; sfmc_mock.operations answers them"
        )

    # spyne tells operations apart by the names of their functions.
    described.__name__ = names.name
    return rpc(
        models()[names.request],
        _returns=models()[names.response],
        _in_message_name=names.request,
        _out_message_name=names.response,
        _body_style="bare",
        _wsdl_part_name="parameters",
        _port_type="Soap",
    )(described)

"""Messages of the service from plain Python values, and answers as Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from sfmc_mock.declarations.call import Call
from sfmc_mock.operations import OPERATIONS
from sfmc_mock.wire.catalogue import NAMESPACE, catalogue
from sfmc_mock.wire.reading import Leniency, read
from sfmc_mock.wire.struct import Struct
from sfmc_mock.wire.writing import write

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def struct(type_name: str, values: Mapping[str, Any] | None = None, **more: Any) -> Struct:
    """A value of a type from nested dicts and lists; `{"xsi:type": …}` in a dict names a derived type."""
    given = {**(values or {}), **more}
    actual = given.pop("xsi:type", type_name)
    fields = {each.name: each for each in catalogue().complex_types[actual].wire_fields()}
    return Struct(actual, {name: _value(fields[name].type, value) for name, value in given.items()})


def _value(type_name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(type_name, each) for each in value]
    return struct(type_name, value) if isinstance(value, Mapping) else value


def message_from(element: etree._Element, *, lenient: bool = True) -> Struct:
    """Return the message in a body element."""
    name = etree.QName(element).localname
    return read(element, catalogue().elements[name], Leniency(lenient))


def write_objects(call: Call, operation: str, *objects: Struct, save: str | None = None) -> Struct:
    """Return the answer to a Create, Update or Delete; `save` is the SaveAction for all types."""
    values: dict[str, Any] = {"Objects": list(objects)}
    if save is not None:
        option = {"PropertyName": "*", "SaveAction": save}
        values["Options"] = struct(f"{operation}Options", {"SaveOptions": {"SaveOption": [option]}})
    call.warnings.clear()
    return OPERATIONS[operation](call, Struct(f"{operation}Request", values))


_WRAPPERS = {
    "Configure": ("Configurations", "Configuration"),
    "Perform": ("Definitions", "Definition"),
    "Schedule": ("Interactions", "Interaction"),
}


def act_on(
    call: Call,
    operation: str,
    action: str,
    *objects: Struct,
    schedule: Mapping[str, Any] | None = None,
) -> Struct:
    """Return the answer to a Configure, Perform or Schedule; `schedule` is the ScheduleDefinition of the last."""
    wrapper, inner = _WRAPPERS[operation]
    element = f"{operation}RequestMsg"
    held = Struct(f"{element}.{wrapper}", {inner: list(objects)})
    values: dict[str, object] = {"Action": action, wrapper: held}
    if schedule is not None:
        values["Schedule"] = struct("ScheduleDefinition", schedule)
    call.warnings.clear()
    return OPERATIONS[operation](call, Struct(element, values))


def result_of(answer: Struct) -> Struct:
    """Return the result of an action with one object."""
    (result,) = answer.wrapped("Results", "Result")
    return result


def only_result(answer: Struct) -> Struct:
    """Return the result of a batch of one object."""
    (result,) = answer.parts("Results")
    return result


def status(answer: Struct) -> tuple[str | None, str | None, int]:
    """Return StatusCode, StatusMessage and ErrorCode (0 without one) of the result of a batch of one object."""
    result = only_result(answer)
    return result.text("StatusCode"), result.text("StatusMessage"), result.number("ErrorCode") or 0


def simple(name: str, operator: str, *values: str, dates: Sequence[str] = ()) -> Struct:
    """Return a SimpleFilterPart."""
    given: dict[str, Any] = {"Property": name, "SimpleOperator": operator}
    if values:
        given["Value"] = list(values)
    if dates:
        given["DateValue"] = list(dates)
    return Struct("SimpleFilterPart", given)


def retrieve(
    call: Call,
    object_type: str,
    properties: Sequence[str],
    condition: Struct | None = None,
    **request: Any,
) -> etree._Element:
    """Return the RetrieveResponseMsg, as the service writes it."""
    given: dict[str, Any] = {
        "ObjectType": object_type,
        "Properties": list(properties),
        **request,
    }
    if condition is not None:
        given["Filter"] = condition
    message = Struct("RetrieveRequestMsg", {"RetrieveRequest": Struct("RetrieveRequest", given)})
    call.warnings.clear()
    return as_element(OPERATIONS["Retrieve"](call, message))


def as_element(answer: Struct) -> etree._Element:
    """Return the answer as XML."""
    text = write(answer, answer.type)
    return etree.fromstring(
        text.replace(f"<{answer.type}", f'<{answer.type} xmlns="{NAMESPACE}" xmlns:xsi="{XSI}"', 1)
    )


def overall_status(answer: etree._Element) -> str:
    return answer.findtext(f"{{{NAMESPACE}}}OverallStatus") or ""


def results(answer: etree._Element) -> list[etree._Element]:
    return answer.findall(f"{{{NAMESPACE}}}Results")


def rows(answer: etree._Element) -> list[dict[str, str]]:
    """Return the data extension rows in an answer: values by the names in the answer."""
    assert overall_status(answer) in ("OK", "MoreDataAvailable"), overall_status(answer)
    path = f"{{{NAMESPACE}}}Properties/{{{NAMESPACE}}}Property"
    return [
        {_text(each, "Name"): _text(each, "Value") for each in result.iterfind(path)}
        for result in results(answer)
    ]


def fields(answer: etree._Element) -> list[dict[str, str]]:
    """Return the results of an answer: texts by (dotted) element names, without nil elements."""
    assert overall_status(answer) in ("OK", "MoreDataAvailable"), overall_status(answer)
    return [_flat(result, "") for result in results(answer)]


def shape(element: etree._Element) -> list[str]:
    """Return the paths of all elements in document order, with nil ones marked, for comparing answers."""
    found = []
    for each in element.iter(etree.Element):
        steps = [etree.QName(above).localname for above in reversed([each, *each.iterancestors()])]
        nil = "=nil" if each.get(f"{{{XSI}}}nil") == "true" else ""
        empty = "=empty" if not nil and not len(each) and not (each.text or "").strip() else ""
        found.append("/".join(steps[steps.index(etree.QName(element).localname) :]) + nil + empty)
    return found


def _flat(element: etree._Element, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in element:
        name = prefix + etree.QName(each).localname
        if len(each):
            found.update(_flat(each, f"{name}."))
        elif each.get(f"{{{XSI}}}nil") != "true":
            found[name] = each.text or ""
    return found


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(f"{{{NAMESPACE}}}{name}") or ""

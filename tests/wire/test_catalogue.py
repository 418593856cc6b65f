"""The catalogue is complete and consistent, and matches the reference."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.support.schema import expected, of_catalogue

from sfmc_mock.wire.catalogue import PRIMITIVES, Catalogue, catalogue


@pytest.fixture
def schema() -> Catalogue:
    return catalogue()


def test_nothing_of_the_service_is_missing(schema: Catalogue) -> None:
    assert len(schema.operations) == 13
    assert len(schema.named_types()) == 251
    assert len(schema.simple_types) == 63
    assert len(schema.elements) == 59


def test_every_field_is_of_a_known_type(schema: Catalogue) -> None:
    known = PRIMITIVES | schema.simple_types.keys() | schema.complex_types.keys()

    dangling = [
        f"{each.name}.{field.name}: {field.type}"
        for each in schema.complex_types.values()
        for field in each.fields + each.beyond
        if field.type not in known
    ]

    assert dangling == []


def test_every_message_is_an_element(schema: Catalogue) -> None:
    messages = [
        name for each in schema.operations.values() for name in (each.request, each.response)
    ]

    assert set(messages) <= schema.elements.keys()
    assert len(set(messages)) == 26


def test_every_element_is_of_a_known_type(schema: Catalogue) -> None:
    assert set(schema.elements.values()) <= schema.complex_types.keys()


def test_no_name_is_both_a_simple_and_a_complex_type(schema: Catalogue) -> None:
    assert not schema.simple_types.keys() & schema.complex_types.keys()


def test_no_type_has_two_fields_of_one_name(schema: Catalogue) -> None:
    twice = {
        each.name: name
        for each in schema.complex_types.values()
        for name, times in Counter(field.name for field in each.wire_fields()).items()
        if times > 1
    }

    assert twice == {}


def test_an_anonymous_type_belongs_to_one_element(schema: Catalogue) -> None:
    """So a path names it, and the served WSDL can put it inside that element."""
    uses = Counter(
        field.type
        for each in schema.complex_types.values()
        for field in (*each.fields, *each.beyond, *each.last)
    )
    uses.update(schema.elements.values())

    anonymous = [each.name for each in schema.complex_types.values() if each.anonymous]

    assert {uses[name] for name in anonymous} == {1}


def test_the_members_of_a_choice_are_neighbours(schema: Catalogue) -> None:
    apart = [
        each.name
        for each in schema.complex_types.values()
        if "".join("c" if field.choice else " " for field in each.fields).strip().count(" ")
        and any(field.choice for field in each.fields)
    ]

    assert apart == []


def test_a_simple_type_has_values_or_a_form(schema: Catalogue) -> None:
    assert all(bool(each.values) != bool(each.pattern) for each in schema.simple_types.values())


def test_the_bases_come_first_on_the_wire(schema: Catalogue) -> None:
    fields = [field.name for field in schema.complex_types["DataExtensionField"].schema_fields()]

    assert fields.index("ObjectState") < fields.index("DefaultValue") < fields.index("Ordinal")


def test_fields_that_the_wsdl_lacks_stand_after_the_inherited_ones(schema: Catalogue) -> None:
    described = schema.complex_types["TriggeredSendDefinition"]
    fields = [field.name for field in described.wire_fields()]

    assert fields.index("IsPlatformObject") == fields.index("ObjectState") + 1
    assert "IsPlatformObject" not in [field.name for field in described.schema_fields()]


def test_the_operations_are_the_references() -> None:
    wanted = expected().operations

    assert of_catalogue().operations == wanted


def test_the_messages_are_the_references() -> None:
    wanted = expected().messages

    assert of_catalogue().messages == wanted


def test_the_elements_are_the_references() -> None:
    wanted = expected().elements

    assert of_catalogue().elements == wanted


def test_the_simple_types_are_the_references() -> None:
    wanted = expected().simple_types

    assert of_catalogue().simple_types == wanted


def test_the_complex_types_are_the_references() -> None:
    wanted = expected().complex_types

    assert of_catalogue().complex_types == wanted

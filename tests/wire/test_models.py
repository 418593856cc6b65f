"""Every type of the catalogue is a spyne model, and the application offers the thirteen operations."""

from __future__ import annotations

from typing import Any

import pytest

from sfmc_mock.wire.catalogue import NAMESPACE, Field, catalogue
from sfmc_mock.wire.models import Model, application, models


def test_every_type_has_a_model_of_its_name() -> None:
    schema = catalogue()

    assert models().keys() == schema.simple_types.keys() | {
        each.name for each in schema.published_types()
    }
    assert all(each.get_type_name() == name for name, each in models().items())
    assert {each.get_namespace() for each in models().values()} == {NAMESPACE}


def test_every_model_has_the_fields_of_its_type_in_order() -> None:
    described = {each.name: each for each in catalogue().published_types()}

    fields = {name: list(models()[name]._type_info) for name in described}
    flat = {name: list(models()[name].get_flat_type_info(models()[name])) for name in described}

    assert fields == {
        name: [field.name for field in each.fields] for name, each in described.items()
    }
    assert flat == {
        name: [field.name for field in each.schema_fields()] for name, each in described.items()
    }


def test_every_field_of_a_model_has_the_type_and_occurrence_of_its_field() -> None:
    fields = [
        (models()[each.name]._type_info[field.name], field)
        for each in catalogue().published_types()
        for field in each.fields
    ]

    assert [_occurrence(model) for model, _ in fields] == [_wanted(field) for _, field in fields]


def test_a_model_derives_from_its_base_even_where_that_has_no_fields() -> None:
    """spyne takes a base without fields for none (`FilterPart`)."""
    parts = ["SimpleFilterPart", "ComplexFilterPart", "TagFilterPart"]

    assert all(models()[name].__extends__ is models()["FilterPart"] for name in parts)
    assert issubclass(models()["BusinessUnit"], models()["APIObject"])


def test_a_field_of_a_recursive_type_leads_back_to_it() -> None:
    filter_part = models()["ComplexFilterPart"]

    operands = filter_part._type_info["AdditionalOperands"]._type_info["Operand"]

    assert operands.__orig__ is models()["FilterPart"]
    assert operands._type_info is models()["FilterPart"]._type_info


def test_an_enumeration_takes_its_values_only() -> None:
    operators = models()["SimpleOperators"]

    assert operators.validate_native(operators, "IN")
    assert not operators.validate_native(operators, "in")


def test_the_application_offers_the_thirteen_operations() -> None:
    (service,) = application().services

    described = {
        name: (each.in_message.get_element_name(), each.out_message.get_element_name())
        for name, each in service.public_methods.items()
    }

    assert described == {
        name: (each.request, each.response) for name, each in catalogue().operations.items()
    }


def test_no_call_is_answered_through_spyne() -> None:
    (service,) = application().services

    with pytest.raises(NotImplementedError, match="Create: spyne only describes"):
        service.Create(None, None)


def test_the_base_of_the_models_adds_nothing_to_the_schema() -> None:
    assert not Model._type_info
    assert models()["APIObject"].__extends__ is None


def _occurrence(model: Any) -> tuple[object, ...]:
    attributes = model.Attributes
    return attributes.min_occurs, attributes.max_occurs, attributes.nillable, model.get_type_name()


def _wanted(field: Field) -> tuple[object, ...]:
    highest = float("inf") if field.highest is None else field.highest
    name = {"any": "anyType"}.get(field.type, field.type)
    return field.lowest, highest, field.nillable, name

"""Conditions of the error codes of profile attributes."""

from __future__ import annotations

from tests.error_codes.calls import (
    ASSUMED,
    CHANGED,
    DOCUMENTED,
    Case,
    after,
    attribute,
    create,
    locked,
    rename_locked,
)

CASES: tuple[Case, ...] = (
    # PropertyDefinition
    Case(67000, "a MinLength above the MaxLength", DOCUMENTED, attribute(MinLength=5, MaxLength=2)),
    Case(
        67001,
        "a MinLength with a nil MaxLength, or the other way round",
        ASSUMED,
        attribute(MinLength=5, MaxLength=None),
    ),
    Case(67002, "no Name", DOCUMENTED, attribute(Name=None)),
    Case(67003, "a Name that begins with no letter", DOCUMENTED, attribute(Name="1st")),
    Case(
        67004,
        "a Name with other characters than letters, digits, blanks and underscores",
        DOCUMENTED,
        attribute(Name="A-B"),
    ),
    Case(67005, "a Name that the service uses itself", DOCUMENTED, attribute(Name="EmailAddress")),
    Case(67006, "a Name that is taken", DOCUMENTED, after(attribute(), then=attribute())),
    Case(
        67007,
        "IsRestrictedPicklist without items",
        DOCUMENTED,
        attribute(IsRestrictedPicklist=True),
    ),
    Case(
        67008,
        "a picklist item without a value, or with that of another",
        ASSUMED,
        attribute(PicklistItems={"PicklistItem": [{"Label": "A"}]}),
    ),
    Case(
        67009,
        "two picklist items that are the default",
        ASSUMED,
        attribute(
            PicklistItems={
                "PicklistItem": [{"Value": name, "IsDefaultValue": True} for name in "ab"]
            }
        ),
    ),
    Case(
        67010,
        "a DefaultValue that no picklist item has",
        ASSUMED,
        attribute(DefaultValue="c", PicklistItems={"PicklistItem": [{"Value": "a"}]}),
    ),
    Case(
        67011,
        "a DefaultValue beside a default item of another value",
        DOCUMENTED,
        attribute(
            DefaultValue="b",
            PicklistItems={
                "PicklistItem": [{"Value": "a", "IsDefaultValue": True}, {"Value": "b"}]
            },
        ),
    ),
    Case(
        67012,
        "a DefaultValue of another type",
        DOCUMENTED,
        attribute(PropertyType="double", DefaultValue="old"),
    ),
    Case(
        67013,
        "a MinValue of another type",
        DOCUMENTED,
        attribute(PropertyType="double", MinValue="old"),
    ),
    Case(
        67014,
        "a DefaultValue below the MinValue",
        DOCUMENTED,
        attribute(PropertyType="double", MinValue="5", DefaultValue="1"),
    ),
    Case(
        67015,
        "a MaxValue of another type",
        DOCUMENTED,
        attribute(PropertyType="double", MaxValue="old"),
    ),
    Case(
        67016,
        "a DefaultValue above the MaxValue",
        DOCUMENTED,
        attribute(PropertyType="double", MaxValue="5", DefaultValue="9"),
    ),
    Case(
        67017,
        "a DefaultValue shorter than the MinLength",
        DOCUMENTED,
        attribute(MinLength=5, MaxLength=9, DefaultValue="a"),
    ),
    Case(
        67018,
        "a DefaultValue longer than the MaxLength",
        DOCUMENTED,
        attribute(MaxLength=1, DefaultValue="ab"),
    ),
    Case(
        67019,
        "a MinValue with a nil MaxValue, or the other way round",
        ASSUMED,
        attribute(PropertyType="double", MinValue="5", MaxValue=None),
    ),
    Case(67020, "a change without ID and Name", DOCUMENTED, attribute("Update", Name=None)),
    Case(67021, "a change of a Name that is not there", DOCUMENTED, attribute("Update")),
    Case(
        67022,
        "Delete of an attribute that a filter of subscribers names",
        ASSUMED,
        after(
            attribute(),
            create(
                "FilterDefinition",
                CustomerKey="f",
                Name="F",
                DataFilter={
                    "xsi:type": "SimpleFilterPart",
                    "Property": "Colour",
                    "SimpleOperator": "equals",
                    "Value": ["red"],
                },
            ),
            then=attribute("Delete"),
        ),
    ),
    Case(67023, "a change of an ID that is not there", DOCUMENTED, attribute("Update", ID=1)),
    *(
        Case(
            code,
            f"a change of {name} of an attribute that a seed file locks",
            ASSUMED,
            rename_locked(name, value),
        )
        for name, (code, value) in CHANGED.items()
    ),
    Case(
        67035,
        "Delete of an attribute that a seed file locks",
        ASSUMED,
        after(locked, then=attribute("Delete")),
    ),
)

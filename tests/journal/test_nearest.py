"""The closest candidates, and their differences."""

from __future__ import annotations

from sfmc_mock.journal import differences, nearest

SENDS = [
    ("send 1", {"definition": "welcome-2", "to": "ada@mock.test", "attributes": {"UniqueID": "1"}}),
    ("send 2", {"definition": "receipt", "to": "bob@mock.test", "attributes": {}}),
    ("send 3", {"definition": "welcome", "to": "eve@mock.test", "attributes": {"UniqueID": "2"}}),
]


def test_the_candidate_with_the_fewest_differences_comes_first():
    near = nearest({"definition": "welcome", "to": "ada@mock.test"}, SENDS)

    assert [each.label for each in near] == ["send 1", "send 3", "send 2"]
    assert str(near[0]) == "send 1: definition is 'welcome-2', not 'welcome'"


def test_of_equally_near_candidates_the_later_comes_first():
    near = nearest({"a": 1}, [("first", {"a": 2}), ("second", {"a": 2})])

    assert [each.label for each in near] == ["second", "first"]


def test_only_as_many_as_wanted_are_returned():
    assert len(nearest({"to": "ada@mock.test"}, SENDS, limit=1)) == 1


def test_a_mapping_is_compared_part_by_part():
    expected = {"attributes": {"UniqueID": "1", "Colour": "red"}}
    phrases = differences(expected, SENDS[2][1], words={"attributes": "attribute"})

    assert phrases == (
        "attribute UniqueID is '2', not '1'",
        "it has no attribute Colour 'red'",
    )


def test_properties_without_an_expectation_are_not_compared():
    assert differences({"definition": "welcome"}, SENDS[2][1]) == ()


def test_one_of_several_values_is_enough():
    candidate = {"object_type": ("SentEvent", "OpenEvent")}

    assert differences({"object_type": "OpenEvent"}, candidate) == ()
    assert differences({"object_type": "ClickEvent"}, candidate) == (
        "object_type is 'SentEvent', 'OpenEvent', not 'ClickEvent'",
    )


def test_a_typo_is_nearer_than_another_word():
    near = nearest(
        {"key": "welcome"}, [("typo", {"key": "wellcome"}), ("other", {"key": "receipt"})]
    )

    assert [each.label for each in near] == ["typo", "other"]
    assert near[0].score > near[1].score


def test_a_value_that_only_looks_equal_is_not_equal():
    assert differences({"account": 1}, {"account": "1"}) == ("account is '1', not 1",)


def test_nothing_expected_agrees_with_anything():
    assert nearest({}, [("any", {})])[0].score == 1.0

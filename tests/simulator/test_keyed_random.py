"""Random numbers derived from a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.simulator.keyed_random import (
    KeyedRandom,
    exponential,
    lognormal,
    lognormal_share,
    quantile,
)

keys = st.lists(st.text(max_size=5) | st.integers(), max_size=4).map(tuple)


@given(keys)
def test_a_draw_is_a_number_from_0_to_below_1(key: tuple[str | int, ...]) -> None:
    assert 0.0 <= KeyedRandom("seed").unit(*key) < 1.0


@given(keys, keys)
def test_different_keys_give_different_draws(
    one: tuple[str | int, ...], other: tuple[str | int, ...]
) -> None:
    """Also if the parts only differ in where they are split, or in type."""
    draws = KeyedRandom("seed")

    assert (draws.unit(*one) == draws.unit(*other)) == (one == other)


@given(keys, keys)
def test_a_scope_is_the_beginning_of_a_key(
    scope: tuple[str | int, ...], key: tuple[str | int, ...]
) -> None:
    draws = KeyedRandom("seed")

    assert draws.scope(*scope).unit(*key) == draws.unit(*scope, *key)


def test_another_seed_gives_other_draws() -> None:
    assert KeyedRandom("one").unit("open", 1) != KeyedRandom("two").unit("open", 1)


def test_draws_are_the_same_in_every_release() -> None:
    """A recorded number: seeds of test suites must keep their results."""
    assert KeyedRandom("seed").unit("open", 7) == 0.03368760750866373


@pytest.mark.parametrize(("rate", "happens"), [(0.0, False), (1.0, True)])
def test_never_and_always_are_certain(rate: float, happens: bool) -> None:
    draws = KeyedRandom("seed")

    assert {draws.below(rate, number) for number in range(200)} == {happens}


def test_choices_are_picked_by_their_weights() -> None:
    draws = KeyedRandom("seed")
    weights = {"often": 3.0, "seldom": 1.0, "never": 0.0}

    picked = [draws.pick(weights, number) for number in range(4_000)]

    assert picked.count("often") == pytest.approx(3_000, abs=120)
    assert "never" not in picked


def test_a_choice_needs_some_weight() -> None:
    with pytest.raises(ValueError, match="no choice has any weight"):
        KeyedRandom("seed").pick({"never": 0.0}, 1)


def test_the_median_of_an_exponential_delay() -> None:
    assert exponential(0.5, 10.0) == pytest.approx(6.931, abs=0.001)


def test_the_share_of_a_lognormal_delay_is_its_inverse() -> None:
    assert lognormal_share(lognormal(0.3, 90.0, 1.5), 90.0, 1.5) == pytest.approx(0.3)


def test_a_quantile_beyond_the_last_point_is_the_last_value() -> None:
    assert quantile(1.0, [(0.0, 1.0), (0.5, 3.0)]) == 3.0

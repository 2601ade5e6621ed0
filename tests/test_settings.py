from dataclasses import dataclass, replace

import pytest

from wish_tf import InputError
from wish_tf.recipes import DEFAULT, PAPER, PRESETS, Recipe, StraightThrough
from wish_tf.settings import Count, Settings, Share


@dataclass(frozen=True)
class Inner(Settings):
    share: Share = 0.5
    pair: tuple[float, float] = (1.0, 2.0)


@dataclass(frozen=True)
class Outer(Settings):
    count: Count = 3
    on: bool = True
    inner: Inner | None = None


def test_values_are_made_what_the_type_says():
    made = Outer(inner={"share": 1, "pair": [3, 4]})
    assert made == Outer(inner=Inner(1.0, (3.0, 4.0)))
    assert isinstance(made.inner.share, float)
    assert made.to_json() == {
        "count": 3,
        "on": True,
        "inner": {"share": 1.0, "pair": [3.0, 4.0]},
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"count": 0}, "expected Outer.count at least 1; got 0"),
        ({"count": 1.5}, "expected Outer.count as int; got 1.5"),
        ({"count": True}, "expected Outer.count as int; got True"),
        ({"on": 1}, "expected Outer.on as bool; got 1"),
        ({"inner": {"share": 2}}, "expected Inner.share from 0 to 1; got 2.0"),
        ({"inner": {"share": float("nan")}}, "expected Inner.share as float; got nan"),
        ({"inner": {"pair": [1]}}, "expected Inner.pair as a list of 2"),
        ({"inner": {"pair": [1, "a"]}}, r"expected Inner.pair\[1\] as float; got 'a'"),
        ({"inner": 3}, "expected settings as an object; got 3"),
        ({"cuont": 3}, "expected a setting of Outer: count, on, inner; got 'cuont'"),
    ],
)
def test_what_does_not_fit_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        Outer.from_json(values)


@pytest.mark.parametrize("preset", PRESETS)
def test_recipes_are_written_and_read(preset):
    recipe = PRESETS[preset]
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_one_setting_is_changed_by_its_path():
    changed = DEFAULT.assigned("strategy.books.at_most=2048")
    assert changed.strategy.books.at_most == 2048
    books = replace(changed.strategy.books, at_most=20_000)
    assert replace(changed, strategy=replace(changed.strategy, books=books)) == DEFAULT
    assert PAPER.assigned("strategy.combine=mean").strategy.combine == "mean"
    other = DEFAULT.assigned('strategy={"name": "straight_through", "topic_dim": 9}')
    assert other.strategy == StraightThrough(topic_dim=9)
    # What the strategy needs beside it is there at once.
    assert other.fit == PAPER.fit and other.model == PAPER.model


def test_settings_that_are_none_are_made_by_their_first_one():
    assert Outer().assigned("inner.share=1").inner == Inner(1.0)


@pytest.mark.parametrize(
    ("recipe", "text", "said"),
    [
        (PAPER, "fit.epochs", "expected PATH=VALUE; got 'fit.epochs'"),
        (PAPER, "fit.epoch=3", "expected a setting of FitSettings: epochs, .*'epoch'"),
        (PAPER, "fit.epochs.x=3", "expected epochs to have settings of its own"),
        (PAPER, "model.hidden_units=[]", "expected at least one width"),
        (DEFAULT, "strategy.topic_dim=3", "a setting of NestedCodes: .*'topic_dim'"),
        (DEFAULT, 'strategy={"name": "x"}', "the name of a strategy, one of .*got 'x'"),
        (DEFAULT, "strategy.combine=x", "expected a setting of NestedCodes"),
        (DEFAULT, 'fit={"epochs": 3}', "expected no settings of fit, since nested_cod"),
        (DEFAULT, "fit.epochs=3", "expected no settings of fit, since nested_codes"),
        (DEFAULT, "fit.epoch=3", "expected a setting of FitSettings: .*'epoch'"),
    ],
)
def test_a_field_that_does_not_apply_cannot_be_set(recipe, text, said):
    with pytest.raises(InputError, match=said):
        recipe.assigned(text)

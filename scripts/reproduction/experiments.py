"""Which runs each table and figure of the paper needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from reproduction.cell import Cell
from reproduction.scale import FULL, Scale
from wish_tf.recipes import PRESETS, Recipe

# (method, preset): all that stand in Table 1. The paper's first.
METHODS = [
    ("sth", "default"),
    ("vdsh", "default"),
    ("nash", "default"),
    ("rbsh", "default"),
    ("node2hash", "default"),
    ("nbrreg", "default"),
    ("lda", "default"),
    ("lsh", "default"),
    ("itq", "default"),
    ("kmeans", "default"),
    ("ammi", "default"),
    ("bmsh", "default"),
    ("encoder", "kmeans"),
    ("encoder", "itq"),
    ("encoder", "sign"),
]
WISH = [("wish", "paper"), ("wish", "default")]
# These give every cluster a code, or enumerate all codes.
FEW_BITS_ONLY = {("kmeans", "default"), ("ammi", "default"), ("encoder", "kmeans")}
PICTURED = 8
# What Fig. 7 compares: the paper's two g, and its sum as it is written, of z itself.
COMBINATIONS = {
    "sum": ("combine", "sum"),
    "mean": ("combine", "mean"),
    "sum, not centred": ("centred", False),
}
# Whose codes of the first corpus Fig. 10 shows.
MAPPED = [("vdsh", "default"), *WISH]


def table1(scale: Scale) -> Iterator[Cell]:
    """Every method, corpus and length; also Fig. 3 and Fig. 8, at 8 bits."""
    for seed, corpus, bits in product(scale.seeds, scale.corpora, scale.bits):
        for method, preset in WISH:
            yield cell("table1", method, preset, corpus, bits, seed)
    # The length that most figures show comes first.
    lengths = sorted(scale.bits, key=lambda bits: bits != PICTURED)
    for corpus, bits, (method, preset) in product(scale.corpora, lengths, METHODS):
        yield cell("table1", method, preset, corpus, bits, 0)


def fig4(scale: Scale) -> Iterator[Cell]:
    """Bits drawn at random in training, or not."""
    for corpus, stochastic in product(scale.corpora, (True, False)):
        yield cell("fig4", "wish", "paper", corpus, 8, 0, stochastic=stochastic)


def fig5(scale: Scale) -> Iterator[Cell]:
    """The length of topic vectors."""
    for corpus, bits, dim in product(two_of(scale), (4, 8), scale.topic_dims):
        yield cell("fig5", "wish", "paper", corpus, bits, 0, topic_dim=dim)


def fig6(scale: Scale) -> Iterator[Cell]:
    """The weight of the orthogonality penalty."""
    for corpus, bits, weight in product(two_of(scale), (4, 8), scale.lambdas):
        yield cell("fig6", "wish", "paper", corpus, bits, 0, orthogonality=weight)


def fig7(scale: Scale) -> Iterator[Cell]:
    """The sum of the selected topic vectors, or their mean; or the sum not centred."""
    combinations = COMBINATIONS.values()
    for corpus, bits, (name, value) in product(two_of(scale), scale.bits, combinations):
        yield cell("fig7", "wish", "paper", corpus, bits, 0, **{name: value})


def fig9(scale: Scale) -> Iterator[Cell]:
    """Longer codes, on the corpora with the most and the fewest classes."""
    methods = [*WISH, *[m for m in METHODS if m not in FEW_BITS_ONLY]]
    corpora = [name for name in ("tmc", "agnews") if name in scale.corpora]
    for corpus, bits, (method, preset) in product(corpora, scale.long_bits, methods):
        settings = {}
        # Section 5.8 of the paper.
        if (method, preset) == ("wish", "paper"):
            settings = {
                "topic_dim": 50,
                "learning_rate": 1e-4 if corpus == "agnews" else 1e-3,
            }
        yield cell("fig9", method, preset, corpus, bits, 0, **settings)


def fig10(scale: Scale) -> Iterator[Cell]:
    """8-bit codes in the plane: of runs that are Table 1's."""
    for method, preset in MAPPED:
        yield cell("table1", method, preset, scale.corpora[0], PICTURED, 0)


def ammi(scale: Scale) -> Iterator[Cell]:
    """AMMI trained for fewer epochs than in Table 1, where its objective is lower."""
    for epochs in scale.ammi_epochs:
        yield cell("ammi", "ammi", "default", "reuters", PICTURED, 0, epochs=epochs)


EXPERIMENTS: dict[str, Callable[[Scale], Iterator[Cell]]] = {
    "table1": table1,
    "fig4": fig4,
    "fig5": fig5,
    "fig6": fig6,
    "fig7": fig7,
    "fig9": fig9,
    "fig10": fig10,
    "ammi": ammi,
}


def two_of(scale: Scale) -> list[str]:
    """The corpora of the paper's figures about settings of WISH."""
    return [name for name in ("reuters", "20newsgroups") if name in scale.corpora]


def cell(
    experiment: str,
    method: str,
    preset: str,
    corpus: str,
    bits: int,
    seed: int,
    **settings,
) -> Cell:
    """Returns a cell; it is Table 1's where the settings are those of the preset."""
    if method == "wish" and settings:
        usual = recipe(preset, corpus, bits)
        settings = {
            name: value
            for name, value in settings.items()
            if with_settings(usual, {name: value}) != usual
        }
        if not settings and bits in FULL.bits:
            experiment = "table1"
    return Cell(experiment, method, preset, corpus, bits, seed, settings)


def recipe(preset: str, corpus: str, bits: int) -> Recipe:
    """Returns a recipe of WISH as the paper has it for a corpus (section 4.4)."""
    found = PRESETS[preset]
    if preset == "paper" and corpus == "reuters":
        return found.with_setting("strategy.topic_dim", 50)
    return found


def with_settings(recipe: Recipe, settings: dict) -> Recipe:
    """Returns a straight-through recipe with some settings changed, by the names that
    the results have."""
    for name, value in settings.items():
        part = "fit" if name == "learning_rate" else "strategy"
        recipe = recipe.with_setting(f"{part}.{name}", value)
    return recipe

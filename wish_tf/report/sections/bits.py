"""What each named bit means: its words, classes and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from wish_tf.explain import Explanation
from wish_tf.explain.explanation import log_odds
from wish_tf.explain.places import places
from wish_tf.health import bit_name
from wish_tf.metrics import code_statistics
from wish_tf.naming import Bucket
from wish_tf.readable_numbers import counted, share, signed
from wish_tf.report.charts import bar_table, heat_map
from wish_tf.report.markup import (
    ELLIPSIS,
    Html,
    Section,
    between,
    join,
    note,
    quoted,
    tag,
)
from wish_tf.report.source import Classes, Documents, Source

HEAT_CLASSES = 25
EXAMPLES, MARKED, CLASSES, BUCKETS = 3, 5, 3, 3
# A smaller effect moves a probability of 1/2 by less than a hundredth.
LEAST_EFFECT = 0.04
# To explain a text, it is hashed once for each of its words: the time grows with the
# square of its length, and a bit has three texts.
LONGEST = 4000
# Log-odds of 0.99. A text should be sure of the bit, but where the probability is 1 but
# for the rounding of float32, it does not show what a word does.
SURE = np.log(99)
# Of a passage, in characters; one that would begin near the start begins there.
LENGTH, NEAR_START = 260, 60


def bits(source: Source) -> Section:
    """What each named bit means: its words, classes and documents."""
    topics, train = source.hasher.topics(), source.train
    by_class, names = None, []
    if source.classes is not None:
        by_class = share_on_by_class(train, source.classes)
        names = source.classes.names
    entropy = code_statistics(train.codes).bit_entropy
    cards = [
        _card(source, bit, entropy[bit], names, by_class) for bit in range(len(topics))
    ]
    lead = (
        "Each bit answers one question about a text with yes or no, and its words say "
        "which. The bar of a word is the share of texts with it where the bit is on, "
        "less that where it is off. "
        "The examples are test documents in which the bit is on with a probability as "
        "near to 99 % as there is, and the words that moved it most are marked: by "
        "the number beside a word the bit's log-odds would fall were the word left "
        "out, or rise where the number is negative and the word spoke against the bit."
    )
    contents = [tag("div", *cards, class_="cards")]
    rest = source.hasher.bits - len(topics)
    if rest:
        said = f"The other {rest} bits refine these topics; no words name them."
        contents.append(note(said))
    if by_class is not None:
        most, own = HEAT_CLASSES, source.hasher.names_
        heat = heat_map(
            by_class[:most],
            names[:most],
            [bit_name(bit, own) for bit in range(source.hasher.bits)],
            label="Percent of the training documents of each class with each bit on",
            corner="class, bit",
        )
        contents += [tag("h3", "Bits by class"), heat]
    return Section("bits", "What each bit means", lead, contents)


def share_on_by_class(documents: Documents, classes: Classes) -> np.ndarray:
    """Returns the share of each class's documents with each bit on, [classes, bits].

    Args:
        documents: those by which the classes are counted.
        classes: their labels.
    """
    members = classes.members(documents.labels)
    on = members.T @ documents.codes.astype(np.int64)
    return np.asarray(on / classes.sizes[:, np.newaxis])


def _card(
    source: Source,
    bit: int,
    entropy: float,
    classes: Sequence[str],
    by_class: np.ndarray | None,
) -> Html:
    """Returns what one bit means."""
    topic = source.hasher.topics()[bit]
    part = float(source.train.codes[:, bit].mean())
    said = (
        f"on for {share(part)} of the documents, entropy {entropy:.2f} of 1; its "
        f"words tell it with an AUC of {topic.fidelity:.2f}"
    )
    dead = part in (0, 1)
    state = f"{'on' if part else 'off'} for every training document."
    bars = [
        (tag("bdi", word), tells, f"{tells:.3f}")
        for word, tells in zip(topic.words, topic.tells, strict=True)
    ]
    return tag(
        "article",
        tag("h3", f"Bit {bit}: ", tag("bdi", topic.name), id=f"bit-{bit}"),
        tag("p", said, class_="facts"),
        note(f"This bit is dead: it is {state}") if dead else None,
        bar_table(bars, label="Words when it is on", head=("word", "tells")),
        _buckets(bit, source.hasher.buckets(), source.hasher.names_),
        None if by_class is None or dead else _classes(classes, by_class[:, bit]),
        _examples(source, bit),
        aria_labelledby=f"bit-{bit}",
    )


def _buckets(bit: int, buckets: Sequence[Bucket], names: Sequence[str]) -> Html | None:
    """Returns the codes of the named bits that have a bit on, the largest first."""
    shown = [bucket for bucket in buckets if bucket.bits[bit]][:BUCKETS]
    entries = []
    for bucket in shown:
        on = [quoted(names[i]) for i, on_ in enumerate(bucket.bits) if on_ and i != bit]
        with_ = join("with ", between(" + ", on)) if on else "alone"
        words = join(": ", tag("bdi", " ".join(bucket.words))) if bucket.words else None
        entries.append(tag("li", share(bucket.share), " ", with_, words))
    heading = tag("h4", f"Its {counted(len(shown), 'largest bucket')}")
    return join(heading, tag("ul", *entries)) if shown else None


def _classes(names: Sequence[str], on: np.ndarray) -> Html:
    order = np.argsort(-on, kind="stable")

    def said(how: str, which: np.ndarray) -> Html:
        each = (join(quoted(names[i], 30), f" {share(on[i])}") for i in which[:CLASSES])
        return tag("p", tag("b", how), between(", ", each))

    return join(said("On most often in ", order), said("Least often in ", order[::-1]))


def _examples(source: Source, bit: int) -> Html:
    places = chosen(source.test, bit, EXAMPLES)
    if not places:
        return note("It is on in no test document.")
    what = counted(len(places), "test document")
    entries = (_example(source, place, bit) for place in places)
    return join(tag("h4", f"{what} in which it is on"), tag("ul", *entries))


def chosen(documents: Documents, bit: int, count: int) -> list[int]:
    """Chooses documents that show what a bit means.

    They are sure of the bit, from different buckets as far as there are, so that what
    they share is the bit and not the rest of the code. Texts that are short enough to
    be explained come first.

    Args:
        documents: to choose from.
        bit: 0 is the first.
        count: how many at most.

    Returns:
        Their positions.
    """
    probability = documents.hashed.probabilities[:, bit]
    on = documents.known[probability[documents.known] > 0.5]
    lengths = [len(documents.corpus.texts[place]) for place in on]
    long = np.array(lengths, np.int64) > LONGEST
    distance = np.abs(log_odds(probability[on]) - SURE)
    on = on[np.lexsort((distance, long))]
    first = np.sort(np.unique(documents.numbers[on], return_index=True)[1])
    again = np.setdiff1d(np.arange(len(on)), first)
    return [int(place) for place in on[np.concatenate([first, again])][:count]]


def _example(source: Source, place: int, bit: int) -> Html:
    documents = source.test
    text, labels = documents.corpus.texts[place], documents.labels[place]
    about = [quoted(documents.corpus.ids[place], 60)]
    if labels:
        about.append(quoted(", ".join(labels), 60))
    probability = documents.hashed.probabilities[place, bit]
    about.append(tag("span", f"probability {probability:.3f}"))
    if len(text) > LONGEST:
        shown = quoted(text, 200)
        moved: object = "Too long to be explained here; wish-tf explain does it."
    else:
        explanation = source.hasher.explain(text)
        effects = moving_words(explanation, bit)
        shown, moved = passage(text, effects), _moved(explanation, bit, effects)
    return tag(
        "li",
        tag("p", shown),
        tag("p", moved, class_="moved"),
        tag("p", between(" – ", about), class_="from"),
    )


def moving_words(explanation: Explanation, bit: int) -> dict[str, float]:
    """Returns the words of a text that moved a bit most, with their effects."""
    return {
        word: effect
        for word, effect in explanation.strongest(bit, MARKED)
        if abs(effect) >= LEAST_EFFECT
    }


def _moved(explanation: Explanation, bit: int, effects: dict[str, float]) -> Html:
    if not effects:
        return join("No word alone moved it.")
    decides = dict(
        zip(explanation.words, explanation.decisive[:, bit].tolist(), strict=True)
    )
    said = [
        join(
            tag("bdi", tag("b", word) if decides[word] else word), f" {signed(effect)}"
        )
        for word, effect in effects.items()
    ]
    end = None
    if any(decides[word] for word in effects):
        end = " (without a word in bold the bit would be off)"
    return join("moved by ", between(", ", said), end)


def passage(text: str, effects: Mapping[str, float], length: int = LENGTH) -> Html:
    """Returns the passage in which the marked words moved a bit most.

    Args:
        text: a document.
        effects: what words to mark, folded, and by how much each moved the
            log-odds of the bit, as of an `Explanation`.
        length: of the passage, in characters.

    Returns:
        HTML; the direction of writing is the text's own.
    """
    text = " ".join(text.split())
    words = places(text, effects)
    start = _best_start(words, effects, length)
    if start < NEAR_START:
        start = 0
    end = min(len(text), start + length)
    if end < len(text):
        # Between two words, if there is a place.
        end = max(text.rfind(" ", start + length // 2, end), 0) or end
    pieces: list[object] = [f"{ELLIPSIS} "] if start else []
    shown = start
    for first, last, word in words:
        if start <= first and last <= end:
            side = "for" if effects[word] > 0 else "against"
            title = f"{side} the bit: {effects[word]:+.2f}"
            mark = tag("mark", text[first:last], class_=side, title=title)
            pieces += [text[shown:first], mark]
            shown = last
    pieces.append(text[shown:end])
    if end < len(text):
        pieces.append(f" {ELLIPSIS}")
    return tag("bdi", *pieces)


def _best_start(
    words: list[tuple[int, int, str]], effects: Mapping[str, float], length: int
) -> int:
    """Returns where the passage begins that has most of what moved the bit.

    A word that comes again counts once; of equally good passages the first is taken.
    """
    best, start = 0.0, 0
    for place, (first, _, _) in enumerate(words):
        inside = {word for _, last, word in words[place:] if last <= first + length}
        moved = sum(abs(effects[word]) for word in inside)
        if moved > best + 1e-9:
            best, start = moved, first
    return start

"""A model card for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wish_tf.naming import Bucket, reading

NOT_KNOWN = "not known"
# Buckets of the list.
SHOWN = 12


def model_card_text(card: dict[str, Any]) -> str:
    """Returns a card of `make_model_card` as Markdown."""
    vocabulary, weights = card["vocabulary"], card["weights"]
    rows = {
        "exported": card["date"],
        "bits": card["bits"],
        "exported with": _versions(card["exported_with"]),
        "trained with": _versions(card["trained_with"]),
        "corpus": _corpus(card["corpus"]),
        "recipe": _recipe(card["recipe"]),
        "epoch": _epoch(card["epoch"], card["recipe"]),
        "labels were used for": ", ".join(card["labels_used_for"] or [NOT_KNOWN]),
        "vocabulary": _vocabulary(vocabulary),
        "SHA-256 of vocabulary and idf": vocabulary["sha256_with_idf_weights"],
        "weights": f"{weights['numbers']} numbers",
        "SHA-256 of the weights": weights["sha256"],
        **_search(card.get("search")),
    }
    return "\n".join(
        [
            f"# Text hasher of {card['bits']} bits",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {value} |" for name, value in rows.items()),
            "",
            "## Prec@100",
            "",
            *_precision(card["precision_at_100"]),
            "",
            "## Use of the codes",
            "",
            *_codes(card["codes"]),
            "",
            "## Topics",
            "",
            *(
                f"- bit {bit}, {topic['name']}: {', '.join(topic['words'])}"
                for bit, topic in enumerate(card["topics"])
            ),
            "",
            *_buckets(card),
        ]
    )


def _buckets(card: dict[str, Any]) -> list[str]:
    buckets = [Bucket(**bucket) for bucket in card["buckets"]]
    names = [topic["name"] for topic in card["topics"]]
    if not buckets:
        return []
    return [
        f"## The {min(SHOWN, len(buckets))} largest buckets",
        "",
        "Texts with one code of these bits: their share of the training texts, their "
        "topics and, in brackets, the words that set them apart from the buckets "
        "nearest to them.",
        "",
        *(
            f"- {bucket.code}, {bucket.share:.1%}: "
            f"{reading(bucket.bits, names, [bucket])}"
            for bucket in buckets[:SHOWN]
        ),
        "",
    ]


def _versions(versions: dict[str, Any] | None) -> str:
    if versions is None:
        return NOT_KNOWN
    return ", ".join(f"{package} {version}" for package, version in versions.items())


def _corpus(corpus: dict[str, Any] | None) -> str:
    if corpus is None:
        return NOT_KNOWN
    parts = ", ".join(f"{n} {part}" for part, n in corpus["documents_by_part"].items())
    return (
        f"{corpus['name']}, {corpus['documents']} documents ({parts}); "
        f"{corpus['split']} split, seed {corpus['seed']}, limit {corpus['limit']}"
    )


def _recipe(recipe: dict[str, Any] | None) -> str:
    if recipe is None:
        return NOT_KNOWN
    return f"{recipe['name']}: " + ", ".join(
        f"{name} {value}" for name, value in _flat(recipe["settings"])
    )


def _vocabulary(vocabulary: dict[str, Any]) -> str:
    shortest, longest = vocabulary["ngram_range"]
    words = vocabulary["stop_words"]
    stop_words = f"a list of {len(words)}" if isinstance(words, list) else words
    return (
        f"{vocabulary['size']} terms; analyzer {vocabulary['analyzer']}, n-grams of "
        f"{shortest} to {longest}, min_token_length {vocabulary['min_token_length']}, "
        f"stop_words {stop_words or 'none'}, min_df {vocabulary['min_df']}, "
        f"max_df {vocabulary['max_df']}"
    )


def _flat(settings: dict[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    """Yields paths and values of nested settings."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{outer}{name}.")
        else:
            yield outer + name, value


def _epoch(epoch: dict[str, Any] | None, recipe: dict[str, Any] | None) -> str:
    if epoch is None or epoch["number"] is None:
        if recipe is not None and recipe["settings"]["fit"] is None:
            return "none: this recipe fits nothing by epochs"
        return NOT_KNOWN
    return f"{epoch['number']}, chosen by {epoch['chosen_by'] or NOT_KNOWN}"


def _search(search: dict[str, Any] | None) -> dict[str, str]:
    if search is None:
        return {}
    return {
        "documents to search": f"{search['documents']} of "
        f"{search['corpus'] or 'a corpus that is ' + NOT_KNOWN}; "
        f"{search['left_out_without_a_known_word']} without a known word left out",
        "most documents for a text": str(search["largest_k"]),
    }


def _precision(precision: dict[str, Any] | None) -> list[str]:
    if precision is None:
        return ["Not known."]
    if "none_because" in precision:
        return [f"None, since {precision['none_because']}."]
    return [
        f"- validation: {precision['validation']:.4f}",
        f"- test: {precision['test']:.4f}",
        "",
        precision["rule"],
    ]


def _codes(codes: dict[str, Any] | None) -> list[str]:
    if codes is None:
        return ["Not known."]
    entropies = ", ".join(f"{entropy:.2f}" for entropy in codes["entropy_of_each_bit"])
    return [
        f"Measured on {codes['measured_on']}.",
        "",
        f"- codes in use: {codes['in_use']} of {codes['possible']}",
        f"- bits that are the same in all documents: {codes['dead_bits']}",
        f"- entropy of the codes: {codes['entropy_in_bits']:.2f} bits",
        f"- entropy of each bit: {entropies}",
    ]

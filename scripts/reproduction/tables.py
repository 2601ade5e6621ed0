"""The tables of the page, in Markdown."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np

from reproduction.experiments import METHODS, PICTURED, WISH

ORDER = [*WISH, *METHODS]
# Table 1 of the paper, at 4, 6, 8, 10 and 12 bits; its WISH stands for ours of
# either preset. Its AG News and TMC are whole, ours are not.
PAPER = {
    "reuters": {
        "sth": (0.5451, 0.6098, 0.6880, 0.7150, 0.7239),
        "vdsh": (0.5435, 0.6649, 0.6765, 0.7059, 0.7142),
        "nash": (0.5829, 0.6500, 0.6886, 0.7088, 0.7392),
        "rbsh": (0.5824, 0.6420, 0.6718, 0.6895, 0.7075),
        "node2hash": (0.5831, 0.6248, 0.6465, 0.6639, 0.6749),
        "nbrreg": (0.6000, 0.6829, 0.6978, 0.7185, 0.7383),
        "wish": (0.6639, 0.7589, 0.7680, 0.7798, 0.7971),
    },
    "tmc": {
        "sth": (0.3743, 0.4008, 0.4340, 0.4561, 0.4940),
        "vdsh": (0.4327, 0.4764, 0.5032, 0.5186, 0.5317),
        "nash": (0.3891, 0.4147, 0.4304, 0.4710, 0.4828),
        "rbsh": (0.3727, 0.3883, 0.4039, 0.4373, 0.4440),
        "node2hash": (0.4162, 0.4476, 0.4838, 0.4953, 0.5120),
        "nbrreg": (0.4297, 0.4822, 0.5146, 0.5327, 0.5409),
        "wish": (0.4648, 0.5291, 0.5520, 0.5640, 0.5762),
    },
    "20newsgroups": {
        "sth": (0.1322, 0.2082, 0.2730, 0.3294, 0.3754),
        "vdsh": (0.2626, 0.3929, 0.4329, 0.4836, 0.5008),
        "nash": (0.2319, 0.3084, 0.3938, 0.4529, 0.4803),
        "rbsh": (0.2267, 0.2807, 0.3318, 0.4035, 0.4693),
        "node2hash": (0.2160, 0.2949, 0.3212, 0.3447, 0.3454),
        "nbrreg": (0.2434, 0.3760, 0.4251, 0.4680, 0.5002),
        "wish": (0.3543, 0.4947, 0.5188, 0.5194, 0.5387),
    },
    "agnews": {
        "sth": (0.5754, 0.5865, 0.6637, 0.6739, 0.7460),
        "vdsh": (0.6950, 0.7423, 0.7672, 0.7734, 0.7868),
        "nash": (0.5728, 0.6611, 0.6942, 0.7129, 0.7733),
        "rbsh": (0.5002, 0.5286, 0.6514, 0.7363, 0.7453),
        "node2hash": (0.5648, 0.6072, 0.6325, 0.6518, 0.6695),
        "nbrreg": (0.6952, 0.7317, 0.7499, 0.7807, 0.7909),
        "wish": (0.7688, 0.7764, 0.7906, 0.7973, 0.8066),
    },
}
PAPER_BITS = (4, 6, 8, 10, 12)


def name_of(method: str, preset: str) -> str:
    """Returns how a method is called in tables and figures."""
    return method if preset == "default" and method != "wish" else f"{method}-{preset}"


def select(lines: list[dict], **wanted) -> list[dict]:
    """Returns the lines that have given values."""
    return [
        line
        for line in lines
        if all(line[name] == value for name, value in wanted.items())
    ]


def table1(lines: list[dict], corpora: tuple[str, ...], bits: tuple[int, ...]) -> str:
    """Returns Table 1: ours, and the paper's with the difference in brackets."""
    parts = []
    for corpus in corpora:
        rows = [
            f"**{corpus}**",
            "",
            "| method | " + " | ".join(f"{length} bits" for length in bits) + " |",
            "|---|" + "---|" * len(bits),
        ]
        for method, preset in ORDER:
            cells = [table1_cell(lines, corpus, method, preset, b) for b in bits]
            rows.append(f"| {name_of(method, preset)} | {' | '.join(cells)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def table1_cell(lines, corpus: str, method: str, preset: str, bits: int) -> str:
    values = [
        line["precision_at_100"]
        for line in select(
            lines,
            experiment="table1",
            corpus=corpus,
            method=method,
            preset=preset,
            bits=bits,
        )
    ]
    if not values:
        return ""
    ours = f"{np.mean(values):.3f}"
    if len(values) > 1:
        ours += f" ± {np.std(values):.3f} ({len(values)})"
    of_paper = PAPER.get(corpus, {}).get(method)
    if of_paper is None or bits not in PAPER_BITS:
        return ours
    paper = of_paper[PAPER_BITS.index(bits)]
    return f"{ours} [{paper:.3f}, {np.mean(values) - paper:+.3f}]"


def beside(lines: list[dict], corpora: tuple[str, ...], bits: tuple[int, ...]) -> str:
    """Returns Prec@10 and MAP of the runs of Table 1; rows without either are left
    out, as are those of runs from before they were measured."""
    rows = [
        "| corpus | method | " + " | ".join(f"{length} bits" for length in bits) + " |",
        "|---|---|" + "---|" * len(bits),
    ]
    for corpus, (method, preset) in product(corpora, ORDER):
        chosen = select(
            lines, experiment="table1", corpus=corpus, method=method, preset=preset
        )
        cells = []
        for length in bits:
            means = [
                shown_mean(select(chosen, bits=length), name, "{:.3f}")
                for name in ("precision_at_10", "mean_average_precision")
            ]
            cells.append("; ".join(filter(None, means)))
        if any(cells):
            row = " | ".join([corpus, name_of(method, preset), *cells])
            rows.append(f"| {row} |")
    return "\n".join(rows)


def shown_mean(lines: list[dict], field: str, form: str) -> str:
    """Returns the mean of a field; nothing where no line has it."""
    values = [line[field] for line in lines if line.get(field) is not None]
    return form.format(np.mean(values)) if values else ""


def best_cells(lines: list[dict]) -> str:
    """Returns, for each corpus and length of Table 1, the best method, and the best
    after it, and how far WISH's default is from the best of the others."""
    groups: dict = defaultdict(lambda: defaultdict(list))
    for line in select(lines, experiment="table1"):
        name = name_of(line["method"], line["preset"])
        groups[line["corpus"], line["bits"]][name].append(line["precision_at_100"])
    rows = [
        "| corpus | bits | best | second | wish-default less the best other |",
        "|---|---|---|---|---|",
    ]
    for (corpus, bits), methods in sorted(groups.items()):
        means = {name: float(np.mean(values)) for name, values in methods.items()}
        ranked = sorted(means, key=means.get, reverse=True)
        first, *others = [f"{name} {means[name]:.3f}" for name in ranked[:2]]
        rivals = [means[name] for name in ranked if not name.startswith("wish-")]
        gap = ""
        if "wish-default" in means and rivals:
            gap = f"{means['wish-default'] - max(rivals):+.3f}"
        rows.append(f"| {corpus} | {bits} | {first} | {''.join(others)} | {gap} |")
    return "\n".join(rows)


def ammi(lines: list[dict], epochs: int) -> str:
    """Returns AMMI's codes by the epochs it was trained for.

    Args:
        lines: of all experiments.
        epochs: at most, in the runs of Table 1; they come last.
    """
    rows = [
        "| corpus | epochs at most | entropy of codes | Prec@100 |",
        "|---|---|---|---|",
    ]
    fewer = select(lines, experiment="ammi")
    whole = select(lines, experiment="table1", method="ammi", bits=PICTURED)
    corpora = {line["corpus"] for line in fewer}
    for line in [*fewer, *[line for line in whole if line["corpus"] in corpora]]:
        rows.append(
            f"| {line['corpus']} | {line['settings'].get('epochs', epochs)} | "
            f"{line['code_entropy']:.2f} | {line['precision_at_100']:.3f} |"
        )
    return "\n".join(rows)


def codes(lines: list[dict], corpora: tuple[str, ...]) -> str:
    """Returns what else was measured of the 8-bit codes of Table 1."""
    fields = {
        "distinct_codes": ("codes in use", "{:.0f}"),
        "dead_bits": ("dead bits", "{:.0f}"),
        "code_entropy": ("entropy of codes", "{:.2f}"),
        "bit_entropy": ("of a bit", "{:.2f}"),
        "mean_bucket": ("texts in a bucket", "{:.0f}"),
        "neighbour_recall_at_1000": ("10 nearest among 1,000", "{:.3f}"),
        "readability": ("readability", "{:.3f}"),
        "fidelity": ("fidelity", "{:.2f}"),
        "own_readability": ("readability, own words", "{:.3f}"),
        "coherence_npmi": ("NPMI of bits", "{:.3f}"),
        "topic_coherence_npmi": ("of own topics", "{:.3f}"),
        "precision_at_10": ("Prec@10", "{:.3f}"),
        "precision_at_100": ("Prec@100", "{:.3f}"),
        "mean_average_precision": ("MAP", "{:.3f}"),
        "reranked_precision_at_100": ("re-ranked", "{:.3f}"),
        "bytes_a_document": ("bytes", "{:.0f}"),
        "train_seconds": ("training s", "{:.0f}"),
    }
    heads = " | ".join(head for head, _ in fields.values())
    parts = []
    for corpus in corpora:
        rows = [
            f"**{corpus}**",
            "",
            f"| method | {heads} |",
            "|---|" + "---|" * len(fields),
        ]
        for method, preset in ORDER:
            chosen = select(
                lines,
                experiment="table1",
                corpus=corpus,
                method=method,
                preset=preset,
                bits=PICTURED,
            )
            cells = [
                shown_mean(chosen, field, form) for field, (_, form) in fields.items()
            ]
            rows.append(f"| {name_of(method, preset)} | {' | '.join(cells)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)

"""A strict reader of Prometheus' text format, version 0.0.4."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
_TYPE = re.compile(rf"# TYPE ({_NAME}) (counter|gauge|histogram|summary|untyped)")
_SAMPLE = re.compile(rf"({_NAME})\{{((?:{_LABEL}(?:,(?!\}})|(?=\}})))*)\}} (\S+)")
_VALUE = re.compile(r"[+-]?(?:Inf|\d+(?:\.\d*)?(?:e[+-]?\d+)?)|NaN")
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass
class Family:
    """Samples below one `# TYPE` line: value per name suffix and labels."""

    kind: str
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(
        default_factory=dict
    )

    def value(self, suffix: str = "", **labels: str) -> float:
        return self.samples[suffix, tuple(labels.items())]


def read_exposition(text: str) -> dict[str, Family]:
    """Reads a page of metrics, or fails with an AssertionError that says where."""
    assert text.endswith("\n"), "the last line must end"
    families: dict[str, Family] = {}
    name = ""
    for line in text[:-1].split("\n"):
        if line.startswith("#"):
            found = _TYPE.fullmatch(line)
            assert found, line
            name = found[1]
            assert name not in families, f"two types for {name}"
            families[name] = Family(found[2])
            continue
        found = _SAMPLE.fullmatch(line)
        assert found, line
        assert name and found[1].startswith(name), f"not below its type: {line}"
        suffix = found[1].removeprefix(name)
        labels = tuple(_labels(found[2]))
        assert len({key for key, _ in labels}) == len(labels), f"label twice: {line}"
        assert _VALUE.fullmatch(found[3]), line
        samples = families[name].samples
        assert (suffix, labels) not in samples, f"sample twice: {line}"
        samples[suffix, labels] = float(found[3])
    for name, family in families.items():
        _check(name, family)
    return families


def _labels(text: str):
    for pair in re.findall(_LABEL, text):
        key, _, value = pair.partition("=")
        yield key, re.sub(r"\\.", lambda found: _ESCAPES[found[0]], value[1:-1])


def _check(name: str, family: Family) -> None:
    suffixes = {suffix for suffix, _ in family.samples}
    if family.kind != "histogram":
        assert suffixes <= {""}, name
        return
    assert suffixes <= {"_bucket", "_sum", "_count"}, name
    cells: dict[tuple, list[tuple[float, float]]] = {}
    for (suffix, labels), value in family.samples.items():
        if suffix == "_bucket":
            assert labels[-1][0] == "le", f"{name} needs le"
            limit = float(labels[-1][1])
            cells.setdefault(labels[:-1], []).append((limit, value))
    assert len(cells) * 2 == sum(s != "_bucket" for s, _ in family.samples), name
    for labels, buckets in cells.items():
        limits, counts = zip(*buckets, strict=True)
        assert list(limits) == sorted(set(limits)) and limits[-1] == math.inf, name
        assert list(counts) == sorted(counts), f"{name} must be cumulative"
        assert counts[-1] == family.samples["_count", labels], name
        assert ("_sum", labels) in family.samples, name

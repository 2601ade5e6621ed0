"""What TF-Serving exports to Prometheus, and what a query may ask for."""

from __future__ import annotations

import re

_HISTOGRAM, _COUNTER = "histogram", "counter"
# What TF-Serving 2.20 exports and the dashboard may ask for: type and labels.
EXPORTED = {
    ":tensorflow:serving:request_count": (_COUNTER, {"model_name", "status"}),
    ":tensorflow:serving:request_latency": (
        _HISTOGRAM,
        {"model_name", "API", "entrypoint"},
    ),
    ":tensorflow:serving:runtime_latency": (
        _HISTOGRAM,
        {"model_name", "API", "runtime"},
    ),
    ":tensorflow:serving:batching_session:queuing_latency": (
        _HISTOGRAM,
        {"thread_pool_name"},
    ),
    ":tensorflow:serving:batching_session:input_batch_size": (_HISTOGRAM, set()),
    ":tensorflow:serving:batching_session:processed_batch_size": (_HISTOGRAM, set()),
    ":tensorflow:serving:model_warmup_latency": (
        _HISTOGRAM,
        {"model_path", "status"},
    ),
    ":tensorflow:cc:saved_model:load_attempt_count": (
        _COUNTER,
        {"model_path", "status"},
    ),
}
_TARGET_LABELS = {"job", "instance"}
_FUNCTIONS = {"sum", "count", "by", "rate", "histogram_quantile"}
_SERIES = {
    series: (name, labels | ({"le"} if series.endswith("_bucket") else set()))
    for name, (kind, labels) in EXPORTED.items()
    for series in (
        [name + end for end in ("_bucket", "_sum", "_count")]
        if kind == _HISTOGRAM
        else [name]
    )
}


def check_query(query: str) -> set[str]:
    """Checks each name in a query; returns the metrics it asks for.

    Raises:
        ValueError: for a series or label that TF-Serving does not export, a quantile
            that loses its buckets, or a bracket left open.
    """
    for opening, closing in ("()", "{}", "[]"):
        if query.count(opening) != query.count(closing):
            raise ValueError(f"expected closed brackets; got {query}")
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)', "", query)
    series = set(re.findall(r"[:A-Za-z_]{2,}", bare)) - _FUNCTIONS
    if not series or not series <= _SERIES.keys():
        raise ValueError(f"expected exported series; got {sorted(series)}")
    known = set.intersection(*(_SERIES[one][1] for one in series)) | _TARGET_LABELS
    used = set(re.findall(r'(\w+)(?:=~|!=|!~|=)"', query))
    grouped = re.findall(r"by \(([^)]*)\)", query)
    used |= {label.strip() for group in grouped for label in group.split(",")}
    if not used <= known:
        raise ValueError(f"expected labels of {sorted(known)}; got {sorted(used)}")
    if "histogram_quantile" in query and "le" not in used:
        raise ValueError(f"expected a quantile by le; got {query}")
    return {_SERIES[one][0] for one in series}

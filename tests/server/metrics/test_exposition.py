"""The reader that the other tests rely on refuses what Prometheus refuses."""

import pytest

from tests.server.metrics.exposition import read_exposition

GOOD = """# TYPE a counter
a{} 1
a{b="c",d="\\"\\\\\\n"} 2.5e+06
# TYPE h histogram
h_bucket{le="1"} 0
h_bucket{le="+Inf"} 2
h_sum{} 7
h_count{} 2
"""


def test_a_page():
    families = read_exposition(GOOD)
    assert families["a"].value(b="c", d='"\\\n') == 2.5e6
    assert families["h"].value("_bucket", le="+Inf") == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("h_count{} 2\n", "h_count{} 2"),
        ("# TYPE a counter", "# TYPE a count"),
        ("# TYPE h histogram", "# TYPE a histogram"),
        ("# TYPE a counter\n", ""),
        ("a{} 1", "a{} one"),
        ("a{} 1", "a{b=c} 1"),
        ("a{} 1", 'a{b="c",} 1'),
        ("a{} 1", 'a{b="c"d="e"} 1'),
        ("a{} 1", 'a{b="c\\t"} 1'),
        ("a{} 1", 'a{b="c"d"} 1'),
        ("a{} 1", 'a{b="c",b="d"} 1'),
        ("a{} 1", "a{} 1\na{} 1"),
        ("a{} 1", "a{} 1\n"),
        ("a{} 1", "a_total{} 1"),
        ('"1"} 0', '"1"} 3'),
        ('"1"} 0', '"2"} 0\nh_bucket{le="1"} 0'),
        ('h_bucket{le="+Inf"} 2\n', ""),
        ("h_count{} 2", "h_count{} 3"),
        ("h_sum{} 7\n", ""),
    ],
)
def test_what_is_not_one(old, new):
    assert old in GOOD
    with pytest.raises(AssertionError):
        read_exposition(GOOD.replace(old, new))

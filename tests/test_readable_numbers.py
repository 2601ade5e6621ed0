import pytest

from wish_tf.readable_numbers import count, counted, figure, share, signed


@pytest.mark.parametrize(
    ("part", "written"),
    [
        (0, "0 %"),
        (0.0004, "under 0.1 %"),
        (0.001, "0.1 %"),
        (0.0634, "6.3 %"),
        (0.5, "50 %"),
        (0.996, "99.6 %"),
        (0.9999, "99.9 %"),
        (1, "100 %"),
    ],
)
def test_shares(part, written):
    assert share(part).replace("\u00a0", " ") == written


def test_numbers():
    assert count(1234567) == "1,234,567"
    assert counted(1, "class", "classes") == "1 class"
    assert counted(0, "document") == "0 documents"
    assert counted(1200, "class", "classes") == "1,200 classes"
    assert [signed(x) for x in (0.5, -1.256)] == ["+0.50", "−1.26"]
    assert [figure(x) for x in (1500, 2.0, 0.12345, 0.5, 12.345)] == [
        "1,500",
        "2",
        "0.123",
        "0.5",
        "12.3",
    ]

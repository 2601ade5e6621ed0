"""The soak in short: versions that change while the server is at full load."""

from __future__ import annotations

import re

import pytest

import soak


def test_no_request_fails_while_versions_change(capsys: pytest.CaptureFixture):
    status = soak.main(["--seconds", "5", "--swap-seconds", "0.5"])
    text = capsys.readouterr().out
    assert status == 0, text
    by_protocol = re.search(r"\(([\d,]+) grpc, ([\d,]+) http\)", text)
    for count in by_protocol.groups():
        assert int(count.replace(",", "")) > 10
    assert int(re.search(r"version swaps +(\d+)", text)[1]) >= 2
    assert re.search(r"failed requests +0\n", text)
    assert re.search(r"memory at 100% +\d+\.\d MiB", text)

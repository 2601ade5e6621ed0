from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.bearer_token import BearerToken


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("Bearer s3cret", True),
        ("bearer  s3cret ", True),
        ("Bearer s3cre", False),
        ("Bearer s3cret2", False),
        ("Bearer sécret", False),
        ("Bearer \udc80", False),
        ("Bearer", False),
        ("Basic s3cret", False),
        ("s3cret", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_token_is_accepted(header: str | None, accepted: bool):
    assert BearerToken("s3cret").accepts(header) is accepted


def test_the_token_is_read_from_a_file(tmp_path: Path):
    (tmp_path / "token").write_text("s3cret\n")
    assert BearerToken.from_file(tmp_path / "token").accepts("Bearer s3cret")


def test_bad_tokens(tmp_path: Path):
    for content in ("", " \n", "two words"):
        (tmp_path / "token").write_text(content)
        with pytest.raises(InputError, match="expected a token without white space"):
            BearerToken.from_file(tmp_path / "token")
    with pytest.raises(InputError, match="nope, which cannot be read: No such file"):
        BearerToken.from_file(tmp_path / "nope")

import random
import time
from typing import Any

import pytest

from bot.slack.signing import MAX_SIGNED_LENGTH, Signer, derived_key

SIGNER = Signer(derived_key("8f742231b10e8888abcd99yyyzzz85a5", ""))
HERE = ("C1", "U1")


@pytest.mark.parametrize(
    "value", ["", "views 5616445", "a.b.c", "ü\u200d🐸", "\x00", "\ud800", "x" * (MAX_SIGNED_LENGTH - 23)]
)
def test_signed_value_is_verified(value: str) -> None:
    assert SIGNER.verify(SIGNER.sign(value, *HERE), *HERE) == value


@pytest.mark.parametrize(
    "context",
    [(), ("C1",), ("C2", "U1"), ("C1", "U2"), ("U1", "C1"), ("C1U1",), ("C1", "U1", ""), ("", "C1", "U1")],
)
def test_value_signed_for_another_context_is_refused(context: tuple[str, ...]) -> None:
    assert SIGNER.verify(SIGNER.sign("7", *HERE), *context) is None


def test_value_and_context_cannot_be_moved_into_each_other() -> None:
    assert SIGNER.verify(SIGNER.sign("C1U1", "7"), "7C1") is None
    assert SIGNER.sign("b", "a") != SIGNER.sign("", "a", "b") != SIGNER.sign("ab")


def test_changed_signature_is_refused() -> None:
    signed = SIGNER.sign("subscription 7", *HERE)
    for index, character in enumerate(signed):
        other = "A" if character != "A" else "B"
        assert SIGNER.verify(signed[:index] + other + signed[index + 1 :], *HERE) is None
        assert SIGNER.verify(signed[:index] + signed[index + 1 :], *HERE) is None
        assert SIGNER.verify(signed[:index], *HERE) is None


def test_value_signed_with_another_key_is_refused() -> None:
    other = Signer(derived_key("another secret", ""))
    assert other.verify(SIGNER.sign("7", *HERE), *HERE) is None


def test_same_secret_verifies_in_another_process() -> None:
    assert Signer(derived_key("s", "xoxb-1")).verify(Signer(derived_key("s", "xoxb-2")).sign("7")) == "7"
    assert Signer(derived_key("", "xoxb-1")).verify(Signer(derived_key("", "xoxb-1")).sign("7")) == "7"
    assert Signer(derived_key("", "xoxb-1")).verify(Signer(derived_key("", "xoxb-2")).sign("7")) is None


def test_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="without a secret"):
        derived_key("", "")
    with pytest.raises(ValueError, match="empty key"):
        Signer(b"")


@pytest.mark.parametrize(
    "odd", ["", ".", "." * 23, "7", "ü" * 22 + ".7", "\ud800" * 22 + ".7", "\x00" * 40, None, 7, [], {}, b"x"]
)
def test_odd_values_are_refused_without_an_error(odd: Any) -> None:
    assert SIGNER.verify(odd, *HERE) is None


def test_random_text_is_refused() -> None:
    chance = random.Random(9)
    for _ in range(2_000):
        text = "".join(
            chr(chance.choice((chance.randrange(128), chance.randrange(0x110000)))) for _ in range(40)
        )
        assert SIGNER.verify(text, *HERE) is None
        assert SIGNER.verify(text[:22] + "." + text[23:], *HERE) is None


def test_value_longer_than_slack_carries_is_refused_at_once() -> None:
    signed = SIGNER.sign("x" * 50_000_000, *HERE)
    began = time.process_time()
    assert SIGNER.verify(signed, *HERE) is None
    assert time.process_time() - began < 0.01

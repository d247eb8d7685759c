"""Two cron lines for the same moments are spelled alike, so that no digest is subscribed to twice."""

import pytest

from bot.language.cron import canonical_cron


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("09 9 * * mon", "9 9 * * 1"),
        ("*/60 9 * * *", "0 9 * * *"),
        ("0 9 01 * *", "0 9 1 * *"),
        ("0 9 * * 7", "0 9 * * 0"),
        ("0 9 * * fri,2", "0 9 * * 2,5"),
        ("0 9 * * 7 odd", "0 9 * * 0 odd"),
        ("0 9 L * *", "0 9 L * *"),
        ("0 9 * * 1-5", "0 9 * * 1-5"),
    ],
)
def test_cron_line_has_one_spelling(line, canonical):
    assert canonical_cron(line) == canonical
    assert canonical_cron(canonical) == canonical

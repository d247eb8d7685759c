"""Where a reply stands, row by row of the table in `placement_of`."""

import pytest

from bot.reply import Reply
from bot.slack.placement import Placement, placement_of

OK, PRIVATE = Reply(("ok",)), Reply(("ok",), is_private=True)
PUBLIC_IN, BESIDE_ORIGINAL = Reply(("ok",), public_in="C1"), Reply(("ok",), keeps_original=True)
WRONG, REFUSED = Reply(("wrong",), outcome="wrong"), Reply(("refused",), outcome="refused", is_private=True)
PRIVATE_IN = Reply(("ok",), is_private=True, public_in="C1")


@pytest.mark.parametrize(
    ("action_id", "reply", "has_one_reader", "expected"),
    [
        (None, OK, False, Placement.BESIDE),
        (None, PUBLIC_IN, False, Placement.CHANNEL),
        (None, PRIVATE_IN, False, Placement.BESIDE),
        ("ask.share", OK, True, Placement.CHANNEL),
        ("ask.share", PRIVATE, True, Placement.BESIDE),
        ("ask.share", WRONG, True, Placement.BESIDE),
        ("ask.run", OK, False, Placement.THREAD),
        ("ask.run", WRONG, False, Placement.THREAD),
        ("ask.run", PRIVATE, False, Placement.BESIDE),
        ("ask.run", OK, True, Placement.BESIDE),
        ("ask.instead", WRONG, True, Placement.REPLACE),
        ("ask.instead", WRONG, False, Placement.BESIDE),
        ("ask.instead", REFUSED, True, Placement.BESIDE),
        ("ask.instead", OK, False, Placement.REPLACE),
        ("ask.next", WRONG, True, Placement.BESIDE),
        ("ask.next", OK, False, Placement.REPLACE),
        ("draft.card", BESIDE_ORIGINAL, True, Placement.BESIDE),
        ("digest.stop", PUBLIC_IN, True, Placement.CHANNEL),
        ("draft.card", PRIVATE, False, Placement.BESIDE),
        ("draft.card", PRIVATE, True, Placement.REPLACE),
    ],
)
def test_reply_stands_where_the_table_says(action_id, reply, has_one_reader, expected):
    assert placement_of(reply, action_id, has_one_reader) is expected

"""Compares what was to come with what came: by the names in the messages, and by counting them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from bot.emulators.slack import Workspace
from bot.emulators.slack.message import PostedMessage
from bot.slack.messenger import EVENT
from bot.storage.database import Database
from bot.storage.rows import Subscription
from bot.storage.tables import delivery, subscription

PARTS = ("channel", "table", "file")
HEADINGS = ("store, workers", "what happened", "digests", "messages", "posted", "double", "lost")


@dataclass(frozen=True)
class DeliveryAudit:
    """How many digests and messages of them were to come, and what came."""

    name: str
    happened: str
    digests: int
    wanted: int
    posted: int
    double: list[str]
    lost: list[str]


async def cut(store: Database, subscriptions: list[Subscription]) -> list[Subscription]:
    """Let no more digests come, and return the subscriptions whose first slot is over or prepared."""
    async with store.engine.begin() as connection:
        following = dict((await connection.execute(select(subscription.c.id, subscription.c.next_at))).all())
        await connection.execute(update(subscription).values(next_at=None))
    # A day later comes a second one.
    return [each for each in subscriptions if following[each.id] == each.next_at + 86_400]


async def open_now(store: Database) -> int:
    """Count the digests that are not done yet."""
    there = select(func.count()).select_from(delivery).where(delivery.c.state != "ended")
    async with store.engine.begin() as connection:
        return await connection.scalar(there) or 0


async def audit(
    name: str, happened: Counter[str], store: Database, slack: Workspace, wanted: list[Subscription]
) -> DeliveryAudit:
    """Count what came of each slot: the digest, its table, its file."""
    query = select(delivery.c.id, delivery.c.subscription, delivery.c.slot)
    async with store.engine.begin() as connection:
        numbers = {(row.subscription, row.slot): row.id for row in await connection.execute(query)}
    posts = [each for each in slack.history.messages if each.from_bot]
    posted, named = (
        Counter(filter(None, map(_name, posts))),
        {each.ts: _name(each) for each in posts},
    )
    for each in posts:
        if each.files:
            posted[f"{named.get(each.thread_ts, '').partition('.')[0]}.file"] += 1
    names = {
        f"{numbers.get((each.id, each.next_at), f'none of {each.id}')}.{part}"
        for each in wanted
        for part in PARTS
    }
    double = [f"{name}: {count}" for name, count in posted.items() if count > (name in names)]
    lost = [name for name in names if posted[name] == 0]
    # The same without names: what each channel has.
    surplus = Counter(each.channel for each in posts if each.thread_ts is None)
    surplus.subtract(each.channel for each in wanted)
    double += [f"{channel}: {count:+}" for channel, count in surplus.items() if count > 0]
    lost += [f"{channel}: {count:+}" for channel, count in surplus.items() if count < 0]
    text = ", ".join(f"{count} {what}" for what, count in sorted(happened.items()))
    return DeliveryAudit(name, text, len(wanted), len(names), len(posts), sorted(double), sorted(lost))


def _name(message: PostedMessage) -> str:
    metadata = message.metadata or {}
    return metadata["event_payload"]["id"] if metadata.get("event_type") == EVENT else ""


def table(audits: Sequence[DeliveryAudit]) -> str:
    """Write what was counted for people."""
    rows = [HEADINGS]
    for it in audits:
        counts = (it.digests, it.wanted, it.posted, len(it.double), len(it.lost))
        rows.append((it.name, it.happened, *map(str, counts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

"""Compares what was to be sent with what was sent: by the keys in the messages, and by counting them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select, update

from bot.emulators.slack import Workspace
from bot.emulators.slack.message import PostedMessage
from bot.slack.messenger import METADATA_EVENT_TYPE
from bot.storage.database import Database
from bot.storage.rows import Subscription
from bot.storage.subscriptions import Subscriptions
from bot.storage.tables import delivery_table, message_table, subscription_table

PARTS = ("channel", "table", "file")
HEADINGS = ("store, workers", "what happened", "digests", "messages", "posted", "double", "lost")


@dataclass(frozen=True)
class DeliveryAudit:
    """How many digests and messages were to be sent, and how many were."""

    name: str
    happened: str
    digests: int
    expected: int
    posted: int
    double: list[str]
    lost: list[str]


async def stop_schedules(store: Database, subscriptions: list[Subscription]) -> list[Subscription]:
    """Let no more deliveries be created, and return the subscriptions that have one already."""
    async with store.engine.begin() as connection:
        following = dict(
            (await connection.execute(select(subscription_table.c.id, subscription_table.c.next_at))).all()
        )
        await connection.execute(update(subscription_table).values(next_at=None))
    # The second occurrence is a day later.
    return [each for each in subscriptions if following[each.id] == each.next_at + 86_400]


async def count_open(store: Database) -> int:
    """Return how many deliveries are not ended."""
    query = select(func.count()).select_from(delivery_table).where(delivery_table.c.state != "ended")
    async with store.engine.begin() as connection:
        return await connection.scalar(query) or 0


async def request_files(store: Database) -> int:
    """Ask for the file of each digest that has none, as somebody does who presses *CSV*; return how many."""
    has_file = exists().where(
        message_table.c.delivery == delivery_table.c.id,
        message_table.c.part == "file",
        message_table.c.state == "sent",
    )
    query = (
        select(delivery_table.c.id, subscription_table.c.channel, delivery_table.c.state)
        .join(subscription_table)
        .where(~has_file, delivery_table.c.contents.is_not(None))
    )
    async with store.engine.begin() as connection:
        missing = (await connection.execute(query)).all()
    for id, channel, state in missing:
        if state == "ended":
            await Subscriptions(store).request_file(id, channel)
    return len(missing)


async def audit(
    name: str, happened: Counter[str], store: Database, slack: Workspace, subscriptions: list[Subscription]
) -> DeliveryAudit:
    """Count what each delivery has sent: the digest, its table, its file."""
    query = select(delivery_table.c.id, delivery_table.c.subscription, delivery_table.c.slot)
    async with store.engine.begin() as connection:
        numbers = {(row.subscription, row.slot): row.id for row in await connection.execute(query)}
    posts = [each for each in slack.history.messages if each.from_bot]
    posted = Counter(filter(None, map(_key, posts)))
    keys = {each.ts: _key(each) for each in posts}
    for message in posts:
        if message.files:
            posted[f"{keys.get(message.thread_ts, '').partition('.')[0]}.file"] += 1
    expected = {
        f"{numbers.get((each.id, each.next_at), f'none of {each.id}')}.{part}"
        for each in subscriptions
        for part in PARTS
    }
    double = [f"{key}: {count}" for key, count in posted.items() if count > (key in expected)]
    lost = [key for key in expected if posted[key] == 0]
    # The same without keys: how many digests each channel has.
    surplus = Counter(each.channel for each in posts if each.thread_ts is None)
    surplus.subtract(each.channel for each in subscriptions)
    double += [f"{channel}: {count:+}" for channel, count in surplus.items() if count > 0]
    lost += [f"{channel}: {count:+}" for channel, count in surplus.items() if count < 0]
    text = ", ".join(f"{count} {fate}" for fate, count in sorted(happened.items()))
    counts = (len(subscriptions), len(expected), len(posts))
    return DeliveryAudit(name, text, *counts, sorted(double), sorted(lost))


def _key(message: PostedMessage) -> str:
    metadata = message.metadata or {}
    return metadata["event_payload"]["id"] if metadata.get("event_type") == METADATA_EVENT_TYPE else ""


def table(audits: Sequence[DeliveryAudit]) -> str:
    """Return the audits as a table for people."""
    rows = [HEADINGS]
    for audit in audits:
        counts = (audit.digests, audit.expected, audit.posted, len(audit.double), len(audit.lost))
        rows.append((audit.name, audit.happened, *map(str, counts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

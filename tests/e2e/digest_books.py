"""Compares what was to come with what came: by the names in the messages, and by counting them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from bot.slack.messenger import EVENT
from bot.standin.slack import Workspace
from bot.standin.slack.message import Message
from bot.storage.database import Store
from bot.storage.rows import Subscription
from bot.storage.tables import delivery, subscription

PARTS = ("channel", "table", "file")
HEADINGS = ("store, workers", "what happened", "digests", "messages", "posted", "double", "lost")


@dataclass(frozen=True)
class Books:
    """How many digests and messages of them were to come, and what came."""

    name: str
    happened: str
    digests: int
    wanted: int
    posted: int
    double: list[str]
    lost: list[str]


async def cut(store: Store, subscriptions: list[Subscription]) -> list[Subscription]:
    """Let no more digests come, and give the subscriptions whose first slot is over or prepared."""
    async with store.engine.begin() as connection:
        following = dict((await connection.execute(select(subscription.c.id, subscription.c.next_at))).all())
        await connection.execute(update(subscription).values(next_at=None))
    # A day later comes a second one.
    return [each for each in subscriptions if following[each.id] == each.next_at + 86_400]


async def open_now(store: Store) -> int:
    """Count the digests that are not done yet."""
    there = select(func.count()).select_from(delivery).where(delivery.c.state != "ended")
    async with store.engine.begin() as connection:
        return await connection.scalar(there) or 0


async def balance(
    name: str, happened: Counter[str], store: Store, slack: Workspace, wanted: list[Subscription]
) -> Books:
    """Count what came of each slot: the digest, its table, its file."""
    asked = select(delivery.c.id, delivery.c.subscription, delivery.c.slot)
    async with store.engine.begin() as connection:
        numbers = {(row.subscription, row.slot): row.id for row in await connection.execute(asked)}
    said = [each for each in slack.history.messages if each.from_bot]
    posted, named = Counter(filter(None, map(_name, said))), {each.ts: _name(each) for each in said}
    for each in said:
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
    surplus = Counter(each.channel for each in said if each.thread_ts is None)
    surplus.subtract(each.channel for each in wanted)
    double += [f"{channel}: {count:+}" for channel, count in surplus.items() if count > 0]
    lost += [f"{channel}: {count:+}" for channel, count in surplus.items() if count < 0]
    told = ", ".join(f"{count} {what}" for what, count in sorted(happened.items()))
    return Books(name, told, len(wanted), len(names), len(said), sorted(double), sorted(lost))


def _name(message: Message) -> str:
    metadata = message.metadata or {}
    return metadata["event_payload"]["id"] if metadata.get("event_type") == EVENT else ""


def table(books: Sequence[Books]) -> str:
    """Write what was counted for people."""
    rows = [HEADINGS]
    for it in books:
        counts = (it.digests, it.wanted, it.posted, len(it.double), len(it.lost))
        rows.append((it.name, it.happened, *map(str, counts)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

"""The messages of a digest, as `send_once` sends them: one with a reply, and one with the files."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.digests.delivery.send_once import Messenger
from bot.render.csv import CsvFile
from bot.reply import Reply
from bot.storage.outbox import CHANNEL_PART, FILE_PART
from bot.storage.rows import Delivery


class Cancelled(Exception):
    """Raised when a digest was paused before its message reached the channel."""


@dataclass(frozen=True, slots=True)
class ReplyMessage:
    """A reply to a channel, or in a thread there."""

    messenger: Messenger
    delivery: Delivery
    part: str
    reply: Reply
    channel: str
    thread_ts: str | None = None

    @property
    def key(self) -> str:
        return f"{self.delivery.id}.{self.part}"

    async def prepare(self, file: str) -> str:
        if self.part == CHANNEL_PART and not self.delivery.is_wanted:
            raise Cancelled
        await self.messenger.wait_for_turn(self.channel)
        return ""

    async def send(self, file: str) -> str:
        return await self.messenger.post(self.reply, self.channel, self.key, self.thread_ts)

    async def find(self, file: str, since: float) -> str | None:
        return await self.messenger.find(self.channel, self.key, since, self.thread_ts)


@dataclass(frozen=True, slots=True)
class FileMessage:
    """The figures as CSV files in the thread of a digest: one message, however many files.

    The outbox holds the ids of the uploaded files with commas between them.
    """

    messenger: Messenger
    delivery: Delivery
    files: Sequence[CsvFile]
    thread_ts: str
    part: str = FILE_PART

    async def prepare(self, file: str) -> str:
        await self.messenger.wait_for_turn(self.delivery.channel)
        if file:
            return file
        return ",".join([await self.messenger.upload(each.name, each.content) for each in self.files])

    async def send(self, file: str) -> str:
        ids = file.split(",")
        # An earlier version uploaded one file with all rows.
        titled = [(id, each.name) for id, each in zip(ids, self.files, strict=False)]
        await self.messenger.share(titled, self.delivery.channel, self.thread_ts)
        return ids[0]

    async def find(self, file: str, since: float) -> str | None:
        return await self.messenger.find_file(file.partition(",")[0], self.delivery.channel, self.thread_ts)

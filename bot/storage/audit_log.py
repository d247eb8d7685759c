"""The audit log: who changed which draft at Figshare, when, and with what outcome; never what was typed."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.figshare.errors import (
    BadRequest,
    BlockedByFirewall,
    FigshareError,
    InvalidResponse,
    OutcomeUnknown,
    QueueFull,
    TimedOut,
)
from bot.reply import StorageUnavailable, UserError
from bot.storage.database import Database
from bot.storage.tables import trace_table

log = logging.getLogger(__name__)


# The words that the rows of earlier versions hold; this version goes on with them.
_STORED_ERRORS: dict[type[FigshareError], str] = {
    BadRequest: "refused",
    BlockedByFirewall: "blocked",
    InvalidResponse: "unreadable",
    OutcomeUnknown: "unknown",
    QueueFull: "busy",
    TimedOut: "not yet",
}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the log; the outcome is "begun" until it is known, and stays so when the process is killed.

    `title_hash` finds the draft again that was created with an unknown outcome. Moments are in seconds since
    1970.
    """

    id: int
    started_at: float
    attempted_at: float
    user: str
    action: str
    draft: int | None
    outcome: str
    title_hash: str | None = None
    is_new: bool = False


class AuditLog:
    """The log in the database, written before and after each change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(
        self,
        user: str,
        action: str,
        draft: int | None = None,
        idempotency_key: str | None = None,
        title_hash: str | None = None,
    ) -> AuditEntry:
        """Record that a change begins, and return its row, or the row that has the same key already.

        Raises StorageUnavailable when it can't be recorded; then nothing may be changed.
        """
        now = self._database.clock()
        row = {"at": now, "tried": now, "who": user, "what": action, "draft": draft, "outcome": "begun"}
        insertion = insert(trace_table).values(**row, key=idempotency_key, mark=title_hash)
        try:
            async with self._database.engine.begin() as connection:
                id = (await connection.execute(insertion.returning(trace_table.c.id))).scalar_one()
                return AuditEntry(id, now, now, user, action, draft, "begun", title_hash, is_new=True)
        except IntegrityError:
            async with self._database.engine.begin() as connection:
                same_key = select(trace_table).where(trace_table.c.key == idempotency_key)
                return _entry((await connection.execute(same_key)).one())
        except (SQLAlchemyError, OSError) as error:
            log.exception("a change could not be recorded")
            raise StorageUnavailable from error

    async def retry(self, entry: AuditEntry, title_hash: str) -> bool:
        """Record another attempt at a creation of unknown outcome; return false if another process did."""
        is_unchanged = (
            (trace_table.c.id == entry.id)
            & (trace_table.c.tried == entry.attempted_at)
            & trace_table.c.draft.is_(None)
        )
        values = {"tried": self._database.clock(), "outcome": "begun", "mark": title_hash}
        async with self._database.engine.begin() as connection:
            change = await connection.execute(update(trace_table).where(is_unchanged).values(**values))
            return change.rowcount == 1

    async def finish(self, entry: AuditEntry, outcome: str | FigshareError, draft: int | None = None) -> None:
        """Record an outcome; never raises.

        After an error nothing was changed, so the key can be used again, unless the error is OutcomeUnknown.
        """
        values: dict[str, Any] = {"outcome": outcome if isinstance(outcome, str) else _stored_error(outcome)}
        if draft is not None:
            values["draft"] = draft
        if not isinstance(outcome, str | OutcomeUnknown):
            values["key"] = None
        change = update(trace_table).where(trace_table.c.id == entry.id).values(**values)
        try:
            async with self._database.engine.begin() as connection:
                await connection.execute(change)
        except (SQLAlchemyError, OSError):
            # The row stays "begun", so the next attempt first looks whether the draft exists.
            log.exception("an outcome could not be recorded", extra={"entry": entry.id})

    @asynccontextmanager
    async def record(self, user: str, action: str, draft: int) -> AsyncIterator[None]:
        """Record the start and the outcome of the change to a draft that the block makes."""
        entry = await self.start(user, action, draft)
        try:
            yield
        except (FigshareError, UserError) as error:
            await self.finish(entry, error if isinstance(error, FigshareError) else "refused")
            raise
        await self.finish(entry, "done")

    async def drafts_created_since(self, moment: float) -> set[int]:
        """Return the ids of the drafts whose creation since a moment has a known outcome."""
        created = select(trace_table.c.draft).where(
            trace_table.c.what == "create",
            trace_table.c.tried >= moment,
            trace_table.c.draft.is_not(None),
        )
        async with self._database.engine.begin() as connection:
            return set((await connection.execute(created)).scalars())

    async def page(self, number: int, size: int) -> tuple[list[AuditEntry], bool]:
        """Return a page of the log, newest first and counted from 1, and whether there is another."""
        newest_first = select(trace_table).order_by(trace_table.c.id.desc())
        rows = newest_first.limit(size + 1).offset((number - 1) * size)
        async with self._database.engine.begin() as connection:
            entries = [_entry(row) for row in await connection.execute(rows)]
        return entries[:size], len(entries) > size


def _stored_error(error: FigshareError) -> str:
    """Return two or three words for an error; Figshare's own message may repeat what was typed."""
    if type(error) in _STORED_ERRORS:
        return _STORED_ERRORS[type(error)]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.tried, row.who, row.what, row.draft, row.outcome, row.mark)

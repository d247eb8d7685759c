"""What was written at Figshare: when, by whom, to which draft, and what came of it; never what was typed."""

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
from bot.storage.tables import trace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row; `tried` is when it was last begun, "begun" an outcome that never came."""

    id: int
    at: float
    attempted_at: float
    who: str
    what: str
    draft: int | None
    outcome: str
    title_hash: str | None = None
    is_new: bool = False


class AuditLog:
    """Rows in the database, written before and after each change."""

    def __init__(self, store: Database) -> None:
        self._store = store

    async def start(
        self, who: str, what: str, draft: int | None = None, key: str | None = None, mark: str | None = None
    ) -> AuditEntry:
        """Note that something begins; give the row that has the same key already, if there is one.

        Raises StorageUnavailable when it can't be noted: then nothing may be done.
        """
        now = self._store.clock()
        row = {"at": now, "tried": now, "who": who, "what": what, "draft": draft, "outcome": "begun"}
        try:
            async with self._store.engine.begin() as connection:
                made = await connection.execute(
                    insert(trace).values(**row, key=key, mark=mark).returning(trace.c.id)
                )
                return AuditEntry(made.scalar_one(), now, now, who, what, draft, "begun", mark, is_new=True)
        except IntegrityError:
            async with self._store.engine.begin() as connection:
                found = await connection.execute(select(trace).where(trace.c.key == key))
                return _entry(found.one())
        except (SQLAlchemyError, OSError) as error:
            log.exception("a change could not be noted")
            raise StorageUnavailable from error

    async def retry(self, entry: AuditEntry, mark: str) -> bool:
        """Note that what had no clear outcome is begun again; false when somebody else was faster."""
        same = (trace.c.id == entry.id) & (trace.c.tried == entry.attempted_at) & trace.c.draft.is_(None)
        values = {"tried": self._store.clock(), "outcome": "begun", "mark": mark}
        async with self._store.engine.begin() as connection:
            changed = await connection.execute(update(trace).where(same).values(**values))
            return changed.rowcount == 1

    async def finish(self, entry: AuditEntry, came: str | FigshareError, draft: int | None = None) -> None:
        """Note what came of it; after an error nothing was done and its key is free again. Never raises."""
        values: dict[str, Any] = {"outcome": came} if isinstance(came, str) else {"outcome": _in_words(came)}
        if draft is not None:
            values["draft"] = draft
        if not isinstance(came, str | OutcomeUnknown):
            values["key"] = None
        try:
            async with self._store.engine.begin() as connection:
                await connection.execute(update(trace).where(trace.c.id == entry.id).values(**values))
        except (SQLAlchemyError, OSError):
            # It stays "begun", and whoever comes again looks first.
            log.exception("an outcome could not be noted", extra={"entry": entry.id})

    @asynccontextmanager
    async def record(self, who: str, what: str, draft: int) -> AsyncIterator[None]:
        """Note the beginning and the end of a change to a draft."""
        entry = await self.start(who, what, draft)
        try:
            yield
        except (FigshareError, UserError) as error:
            await self.finish(entry, error if isinstance(error, FigshareError) else "refused")
            raise
        await self.finish(entry, "done")

    async def made_since(self, at: float) -> set[int]:
        """Give the drafts made since then whose outcome is known."""
        made = (trace.c.what == "create") & (trace.c.tried >= at) & trace.c.draft.is_not(None)
        async with self._store.engine.begin() as connection:
            return set((await connection.execute(select(trace.c.draft).where(made))).scalars())

    async def rows(self, page: int, size: int) -> tuple[list[AuditEntry], bool]:
        """Give a page of the rows, newest first, and whether more follow."""
        asked = select(trace).order_by(trace.c.id.desc()).limit(size + 1).offset((page - 1) * size)
        async with self._store.engine.begin() as connection:
            found = [_entry(row) for row in await connection.execute(asked)]
        return found[:size], len(found) > size


def _in_words(error: FigshareError) -> str:
    """Return two or three words for why something was not done: Figshare's own may repeat what was typed."""
    return _OUTCOMES.get(type(error)) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()


# what the rows of earlier versions say
_OUTCOMES: dict[type[FigshareError], str] = {
    BadRequest: "refused",
    BlockedByFirewall: "blocked",
    InvalidResponse: "unreadable",
    OutcomeUnknown: "unknown",
    QueueFull: "busy",
    TimedOut: "not yet",
}


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.tried, row.who, row.what, row.draft, row.outcome, row.mark)

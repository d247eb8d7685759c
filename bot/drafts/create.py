"""One submission makes one draft, however often it comes and whatever becomes of an answer."""

import hashlib
import math
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.figshare.account import Account
from bot.figshare.errors import FigshareError, OutcomeUnknown
from bot.figshare.private import Fields
from bot.permissions import PermissionDenied

if TYPE_CHECKING:
    from bot.storage.audit_log import AuditEntry, AuditLog

# After this time Figshare no longer carries out a request whose answer was lost.
SURE = 30.0
# Drafts whose making was begun so long before may be other people's, with the same title.
_BEFORE = 3_600.0
_NEWEST = 50


class CreationUnknown(Exception):
    """Raise when it is not known whether a draft was made; `again` is when that can be told, in seconds."""

    def __init__(self, again: float) -> None:
        super().__init__(f"{again:g} s")
        self.again = math.ceil(again)


def traced(bot: Bot) -> "AuditLog":
    """Give the trace; raises PermissionDenied where there is none, since nothing is written without it."""
    if bot.audit_log is None:
        raise PermissionDenied("I have no database to note it in.", "Nothing was done.")
    return bot.audit_log


async def create_draft(bot: Bot, account: Account, who: str, key: str, fields: Fields) -> int:
    """Make a draft and give its id, or the id of the one that the same submission has made already.

    Raises Unsure, or FigshareError when certainly none was made.
    """
    trace, mark = traced(bot), _mark(fields.title)
    entry = await trace.start(who, "create", key=key, mark=mark)
    if entry.draft is not None:
        return entry.draft
    if not entry.is_new:
        if (id := await _twin(trace, account, entry)) is not None:
            # What is typed now may be more than what was sent then.
            await account.edit(id, fields)
            await trace.finish(entry, "done", id)
            return id
        left = SURE - (bot.clock() - entry.attempted_at)
        if left > 0 or not await trace.retry(entry, mark):
            raise CreationUnknown(max(left, 1.0))
    return await _made(trace, account, entry, fields)


async def _made(trace: "AuditLog", account: Account, entry: "AuditEntry", fields: Fields) -> int:
    try:
        id = await account.create(fields)
    except OutcomeUnknown as unknown:
        await trace.finish(entry, unknown)
        try:
            found = await _twin(trace, account, entry)
        except FigshareError:
            found = None
        if found is None:
            raise CreationUnknown(SURE) from None
        id = found
    except FigshareError as error:
        await trace.finish(entry, error)
        raise
    await trace.finish(entry, "done", id)
    return id


async def _twin(trace: "AuditLog", account: Account, entry: "AuditEntry") -> int | None:
    """Look for the draft that an attempt without a clear outcome has left behind."""
    rows = (await account.drafts(1, _NEWEST)).rows
    title = next((row.title for row in rows if _mark(row.title) == entry.title_hash), None)
    if title is None:
        return None
    since, known = datetime.fromtimestamp(entry.at, UTC), await trace.made_since(entry.at - _BEFORE)
    twin = await account.find_twin(title, since, known)
    return twin.id if twin is not None else None


def _mark(title: object) -> str:
    plain = " ".join(unescape(str(title or "")).split())
    return hashlib.sha256(plain.encode()).hexdigest()

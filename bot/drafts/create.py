"""Create one draft per submission, however often it arrives and whatever becomes of Figshare's answer.

Figshare's API knows no idempotency key, so the audit log keeps one. It names the submission, and every copy
of the submission carries it: a second press, a redelivery by Slack, the same form sent again.
The row of a submission is written before the request and moves through these states:

                  create: id received
      begun ────────────────────────────────▶ done      a copy is answered with the same draft
      │  ▲ │
      │  │ └── Figshare's refusal ──────────▶ refused   the key is free: a copy starts a new row
      │  │
      │  └──── retry: SETTLE_TIME has passed, and no draft with this title has appeared
      │  │
      ▼  │     the answer was lost, or the process died before it came ("begun" stays)
      unknown ──────────────────────────────▶ done      a draft of its title was found

A copy that arrives while the outcome is unknown looks for the draft first (`_find_created_draft`). It sends
a second request only after SETTLE_TIME, and the update in `AuditLog.retry` lets only one process do so.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.drafts.accounts import audit_log_of
from bot.figshare.account import Account
from bot.figshare.errors import FigshareError, OutcomeUnknown
from bot.figshare.private import DraftFields

if TYPE_CHECKING:
    from bot.storage.audit_log import AuditEntry, AuditLog

# Seconds after which Figshare no longer carries out a request whose answer was lost.
SETTLE_TIME = 30.0
# Another submission may have created a draft of the same title. Drafts that the audit log knows from up to
# this many seconds before the attempt are left out of the search.
_KNOWN_DRAFTS_WINDOW = 3_600.0
_NEWEST_DRAFTS = 50


class CreationUnknown(Exception):
    """Raised when it is unknown whether the draft was created; a try after `retry_after` seconds can tell."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"{retry_after:g} s")
        self.retry_after = math.ceil(retry_after)


@dataclass(frozen=True, slots=True)
class DraftSubmission:
    """A submitted form of a new draft: who sent it, the key that its copies share, and its parsed fields."""

    user: str
    idempotency_key: str
    fields: DraftFields


async def create_draft(bot: Bot, account: Account, submission: DraftSubmission) -> int:
    """Create a draft and return its id, or the id of the draft that this submission has created already.

    Raises CreationUnknown, or FigshareError when Figshare created none or could not be searched for it.
    """
    audit_log, title_hash = audit_log_of(bot), _title_hash(submission.fields.title)
    entry = await audit_log.start(
        submission.user, "create", idempotency_key=submission.idempotency_key, title_hash=title_hash
    )
    if entry.draft is not None:
        return entry.draft
    if not entry.is_new:
        created = await _find_created_draft(audit_log, account, entry)
        if created is not None:
            # The person may have typed more since the attempt that created it.
            await account.edit(created, submission.fields)
            await audit_log.finish(entry, "done", created)
            return created
        seconds_left = SETTLE_TIME - (bot.clock() - entry.attempted_at)
        if seconds_left > 0 or not await audit_log.retry(entry, title_hash):
            raise CreationUnknown(max(seconds_left, 1.0))
    return await _attempt(audit_log, account, entry, submission.fields)


async def _attempt(audit_log: "AuditLog", account: Account, entry: "AuditEntry", fields: DraftFields) -> int:
    """Send the request once and record its outcome; a lost answer is followed by one search for the draft."""
    try:
        id = await account.create(fields)
    except OutcomeUnknown as unknown:
        await audit_log.finish(entry, unknown)
        try:
            created = await _find_created_draft(audit_log, account, entry)
        except FigshareError:
            created = None
        if created is None:
            raise CreationUnknown(SETTLE_TIME) from None
        id = created
    except FigshareError as error:
        await audit_log.finish(entry, error)
        raise
    await audit_log.finish(entry, "done", id)
    return id


async def _find_created_draft(audit_log: "AuditLog", account: Account, entry: "AuditEntry") -> int | None:
    """Return the id of the draft that an attempt of unknown outcome has created, or None.

    The audit log holds no title, only its hash: the newest drafts of the account give the title back.
    """
    rows = (await account.drafts(1, _NEWEST_DRAFTS)).rows
    title = next((row.title for row in rows if _title_hash(row.title) == entry.title_hash), None)
    if title is None:
        return None
    since = datetime.fromtimestamp(entry.started_at, UTC)
    known_drafts = await audit_log.drafts_created_since(entry.started_at - _KNOWN_DRAFTS_WINDOW)
    draft = await account.find_duplicate(title, since, known_drafts)
    return draft.id if draft is not None else None


def _title_hash(title: object) -> str:
    normalized = " ".join(unescape(str(title or "")).split())
    return hashlib.sha256(normalized.encode()).hexdigest()

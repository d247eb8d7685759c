"""An entry of the audit log as a sentence."""

from typing import TYPE_CHECKING

from bot.reply import Code, Line, Moment

if TYPE_CHECKING:
    from bot.storage.audit_log import AuditEntry

# By the action that the log names: what somebody did, and what somebody tried to do.
_VERBS = {
    "create": ("created", "create"),
    "edit": ("edited", "edit"),
    "reserve": ("reserved a DOI for", "reserve a DOI for"),
    "link": ("created a private link to", "create a private link to"),
    "delete": ("deleted", "delete"),
}


def history_line(entry: "AuditEntry", name: str) -> Line:
    """Return when `name` did what; an outcome other than "done" is told."""
    done, infinitive = _VERBS.get(entry.action, (entry.action, entry.action))
    draft: Line = ("draft ", Code(str(entry.draft))) if entry.draft else ("a draft",)
    if entry.outcome == "done":
        return (Moment(entry.started_at), f"  {name} {done} ", *draft)
    return (Moment(entry.started_at), f"  {name} tried to {infinitive} ", *draft, f": {entry.outcome}")

"""What became of a digest: an enumeration, its text in the database, and the words that people read."""

from enum import Enum

from msgspec import Struct


class OutcomeKind(Enum):
    """How a delivery ended; the value is what the column `outcome` keeps, as the first version wrote it."""

    SENT = "sent"
    SENT_LATE = "sent late"
    POSSIBLY_SENT = "perhaps sent: Slack did not answer, and I can't look"
    SKIPPED_EMPTY = "left out: nothing happened"
    SKIPPED_NO_NEW_DAY = "left out: no day has ended since the one before"
    MISSED = "missed: I was not running"
    REJECTED = "could not be sent: Slack did not take it"
    UNCONFIRMED = "could not be sent: Slack gave no clear answer"
    # In the column a colon and its reason follow.
    FAILED = "could not be sent"


class DeliveryOutcome(Struct, frozen=True):
    """An outcome; a failure has a reason in words. As a string it is what people read."""

    kind: OutcomeKind
    reason: str = ""

    @classmethod
    def from_stored(cls, text: str) -> "DeliveryOutcome":
        """Return the outcome that a text of the database stands for."""
        kind = _KIND_BY_TEXT.get(text)
        if kind is not None:
            return cls(kind)
        return cls(OutcomeKind.FAILED, text.removeprefix(f"{OutcomeKind.FAILED.value}: "))

    @property
    def stored(self) -> str:
        """Return the text that the database keeps, and up to its colon the label of the metric."""
        return f"{self.kind.value}: {self.reason}" if self.reason else self.kind.value

    @property
    def is_sent(self) -> bool:
        """Return whether the digest is certainly in its channel."""
        return self.kind in SENT_KINDS

    def __str__(self) -> str:
        sentence = _SENTENCES.get(self.kind, self.kind.value)
        return f"{sentence}: {self.reason}" if self.reason else sentence


SENT_KINDS = (OutcomeKind.SENT, OutcomeKind.SENT_LATE)
_KIND_BY_TEXT = {kind.value: kind for kind in OutcomeKind}
# What people read where that is not the stored text.
_SENTENCES = {
    OutcomeKind.POSSIBLY_SENT: "possibly sent: Slack didn't respond, and I can't check",
    OutcomeKind.SKIPPED_EMPTY: "skipped: no activity",
    OutcomeKind.SKIPPED_NO_NEW_DAY: "skipped: no full day since the last digest",
    OutcomeKind.MISSED: "missed: the bot was not running",
    OutcomeKind.REJECTED: "could not be sent: Slack rejected it",
}

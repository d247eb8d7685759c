"""Who waits for an answer, until when, and which stored answers went into it."""

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Taken:
    """A stored answer that went into a reply: from when it is, and whether no newer one could be had."""

    at: float
    stale: bool = False


@dataclass(slots=True, eq=False)
class Question:
    """A piece of work: who waits for it ("" is background work), until when, and what it used."""

    asker: str = ""
    deadline: float | None = None
    taken: list[Taken] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    # Only stored answers may go into it; `missed` when one was not there.
    stored_only: bool = False
    missed: bool = False
    # Stored answers go into it as they are when they are not from before this moment, and else never.
    not_before: float | None = None

    @property
    def people(self) -> set[str]:
        """Name everybody who waits for it."""
        return {self.asker, *self.others} - {""}

    def join(self, asker: str) -> None:
        """Let somebody else wait for it too."""
        self.others.add(asker)

    def leave_behind(self) -> None:
        """Make it background work: nobody waits for it any more."""
        self.asker = ""
        self.others.clear()


question: ContextVar[Question | None] = ContextVar("question", default=None)


def nothing_is_asked() -> bool:
    """Tell whether only stored answers may be used, so that there is nothing to wait for meanwhile."""
    asked = question.get()
    return asked is not None and asked.stored_only

"""What of several processes one alone does: whoever names it first.

Slack repeats what had no answer in time, and a signed request can be sent again, to another process too.
- A mention, a direct message, a press and a shortcut are claimed before anything is done, which is after the
  acknowledgement.
- A command that may change something is claimed before it runs. One that only reads is claimed when its
  answer is posted: what stands in the acknowledgement goes to whoever sent the request, and waits for no
  database.
- A form is claimed before it is taken, while Slack waits; who comes second keeps the form open and says so.
- What is typed into a search field only reads, and is answered in the acknowledgement.
"""

import hashlib
from typing import Protocol

# Replays of a signed request are possible for 300 s; Slack's own retries come within about six minutes.
LASTS = 900.0
# What an acknowledgement may lose to places that do not answer; Slack waits three seconds for it.
PATIENCE = 0.9


class Place(Protocol):
    """Keeps names for all processes."""

    async def seen(self, name: str, lasts: float, patience: float) -> bool | None:
        """Keep a name; tell whether it was kept already, nothing when that takes too long; never raises."""


class Claims:
    """Names kept in every place that answers, one after the other: each process asks them in the same order.

    So one that had no answer from the first place still meets, in the second, those that had.
    """

    def __init__(self, *places: Place | None) -> None:
        self._places = [place for place in places if place is not None]

    async def seen(self, name: str) -> bool:
        """Tell whether another process, or this one, has claimed a name; false where nobody can tell."""
        # Slack's names open forms, and what was made to look like one may be of any length.
        kept = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
        for place in self._places:
            if await place.seen(kept, LASTS, PATIENCE / len(self._places)):
                return True
        return False

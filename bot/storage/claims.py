"""Names that one of several processes claims, so that what Slack sends twice is done once.

Slack sends again what was not acknowledged in time, and a signed request can be replayed, to another process
too.
- A mention, a direct message, a button and a shortcut are claimed before anything is done, which is after the
  acknowledgement.
- A command that may change something is claimed before it runs. One that only reads is claimed when its
  answer is posted; an answer within the acknowledgement waits for no database.
- The submission of a form is claimed before it is handled, while Slack waits; the second one keeps the form
  open and says why.
- A search in a select menu only reads, and is answered in the acknowledgement.
"""

import hashlib
from typing import Protocol

# A signed request can be replayed for 300 seconds; Slack itself sends again for about six minutes.
CLAIM_LIFETIME = 900.0
# How many seconds stores that don't answer may delay an acknowledgement; Slack waits for three.
CLAIM_TIMEOUT = 0.9


class ClaimStore(Protocol):
    """Keeps the claimed names of all processes: a database, or Redis."""

    async def is_claimed(self, name: str, lifetime: float, patience: float) -> bool | None:
        """Claim a name for `lifetime` seconds; return whether it was claimed before, by any process.

        Returns None when that takes longer than `patience` seconds; never raises.
        """


class Claims:
    """The names that are claimed, in every store that answers.

    All processes ask the stores in the same order. So a process that had no answer from the first store still
    finds the claims of the others in the second.
    """

    def __init__(self, *stores: ClaimStore | None) -> None:
        self._stores = [store for store in stores if store is not None]

    async def is_claimed(self, name: str) -> bool:
        """Claim a name; return whether it was claimed already, and false where no store answers."""
        # Hashed, because whoever reads a trigger id of Slack's could open a form with it, and a forged name
        # may be of any length.
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
        for store in self._stores:
            if await store.is_claimed(digest, CLAIM_LIFETIME, CLAIM_TIMEOUT / len(self._stores)):
                return True
        return False

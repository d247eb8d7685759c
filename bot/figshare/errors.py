"""What can go wrong between us and Figshare.

FigshareError
├── NotFound          Figshare knows no such thing (unknown, private or withdrawn look alike)
├── NotAllowed        our token or password does not open this
├── Refused           Figshare understood the request and declines it
├── Blocked           a firewall in front of Figshare answered instead of it
├── TooManyRequests   Figshare asks us to slow down
├── Unreachable       no answer: refused, reset, timed out, or a 5xx
├── Unknown           a change was asked for and its outcome is not known
├── NotADraft         what was to be changed is public, or was
├── Unreadable        an answer that is not what the API promises
├── OaiError          an OAI-PMH error code
├── Busy              our own queue to Figshare is full
└── NotYet            the answer did not come within the time a question may take
"""


class FigshareError(Exception):
    """Anything that kept an answer from coming; `api` says which of the four was asked."""

    api: str = ""


class NotFound(FigshareError):
    """Raise when Figshare says 404 in its own words: the thing is unknown, private or withdrawn."""


class NotAllowed(FigshareError):
    """Raise when Figshare refuses our credentials, or their absence."""


class BadRequest(FigshareError):
    """Raise when Figshare rejects the request itself (400, 422); the message is Figshare's."""


class BlockedByFirewall(FigshareError):
    """Raise when a firewall answered: HTML with 403, or a 202 challenge."""


class TooManyRequests(FigshareError):
    """Raise when Figshare answers 429; `retry_after` is in seconds."""

    def __init__(self, retry_after: float = 0.0) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(FigshareError):
    """Raise when no usable answer came: connection trouble, a timeout, or a 5xx."""


class OutcomeUnknown(FigshareError):
    """Raise when a change left for Figshare and no clear answer came: it may have been made, or not."""


class NotADraft(FigshareError):
    """Raise before touching an item that is not certainly a draft: public now, or once."""

    def __init__(self, id: int) -> None:
        super().__init__(f"{id} is not a draft")
        self.id = id


class InvalidResponse(FigshareError):
    """Raise when the answer can't be decoded: HTML for JSON, cut off, too large, another shape."""


class OaiError(FigshareError):
    """Raise with the code of an OAI-PMH `<error>`, such as `noRecordsMatch`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class QueueFull(FigshareError):
    """Raise when too many requests already wait for their turn; `length` is how many."""

    def __init__(self, length: int) -> None:
        super().__init__(f"{length} requests wait")
        self.length = length


class TimedOut(FigshareError):
    """Raise when the time a question may take is over while the request goes on."""

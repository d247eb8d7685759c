"""What can go wrong between us and Figshare.

FigshareError
├── NotFound            there is no such record; unknown, private and withdrawn ones look alike
├── NotAllowed          our token or password does not open this
│   ├── CredentialsMissing     a portal's statistics were to be asked, and no credentials are configured
│   ├── CredentialsRejected    a portal's statistics reject the configured ones
│   └── StatisticsUnknown      no address is known for this Figshare's statistics
├── BadRequest          Figshare understood the request and rejects it
├── BlockedByFirewall   a firewall in front of Figshare answered instead of it
├── TooManyRequests     Figshare asks us to slow down
├── Unreachable         no answer: refused, reset, timed out, or a 5xx
├── OutcomeUnknown      a change was sent and nobody knows whether it was made
├── NotADraft           the item that was to be changed is public, or was
├── InvalidResponse     an answer that is not what the API promises
├── OaiError            an OAI-PMH error code
├── QueueFull           too many requests already wait in our own queue
└── TimedOut            the answer did not arrive before the deadline of the question
"""


class FigshareError(Exception):
    """Anything that prevented an answer; `api` says which of the four APIs was asked."""

    api: str = ""


class NotFound(FigshareError):
    """Raised when Figshare itself says 404: the record is unknown, private or withdrawn."""


class NotAllowed(FigshareError):
    """Raised when Figshare rejects our credentials, or their absence."""


class CredentialsMissing(NotAllowed):
    """Raised before a portal's statistics are asked for what they give only with credentials."""

    api = "stats"


class CredentialsRejected(NotAllowed):
    """Raised when a portal's statistics reject the credentials."""

    api = "stats"


class StatisticsUnknown(NotAllowed):
    """Raised before statistics are asked whose address is not known."""

    api = "stats"


class BadRequest(FigshareError):
    """Raised when Figshare rejects the request itself (400, 422); the message is Figshare's."""


class BlockedByFirewall(FigshareError):
    """Raised when a firewall answered: HTML with 403, or a 202 challenge."""


class TooManyRequests(FigshareError):
    """Raised when Figshare answers 429; `retry_after` is in seconds."""

    def __init__(self, retry_after: float = 0.0) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(FigshareError):
    """Raised when no usable answer arrived: a broken connection, a timeout, or a 5xx."""


class OutcomeUnknown(FigshareError):
    """Raised when a change was sent to Figshare and no clear answer came: it may have been made, or not."""


class NotADraft(FigshareError):
    """Raised before an item is changed that is not certainly a draft: it is public, or was once."""

    def __init__(self, id: int) -> None:
        super().__init__(f"{id} is not a draft")
        self.id = id


class InvalidResponse(FigshareError):
    """Raised when an answer can't be decoded: HTML for JSON, cut off, too large, another shape."""


class OaiError(FigshareError):
    """Raised when an OAI-PMH answer holds an `<error>`; `code` is for example `noRecordsMatch`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class QueueFull(FigshareError):
    """Raised when too many requests already wait for their turn; `length` is how many."""

    def __init__(self, length: int) -> None:
        super().__init__(f"{length} requests wait")
        self.length = length


class TimedOut(FigshareError):
    """Raised when the deadline of a question has passed, while the request itself goes on."""

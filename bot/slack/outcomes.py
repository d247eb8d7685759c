"""What becomes of a message that is sent to Slack: taken, refused, or nobody knows."""

from enum import Enum

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.slack.connector import RedirectRefused

# Slack's errors for blocks that it does not take.
BLOCK_ERRORS = ("invalid_blocks", "invalid_blocks_format")
# After one of these errors a call may have taken effect, as a whole or in part.
UNCLEAR_ERRORS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


class SendOutcome(Enum):
    """What became of a message; only SENT is true."""

    SENT = "sent"
    # certainly not taken, so that it may be sent elsewhere
    REFUSED = "refused"
    # perhaps taken: for everybody it must not be sent twice
    UNCLEAR = "unclear"

    def __bool__(self) -> bool:
        return self is SendOutcome.SENT


class BlocksRejected(Exception):
    """Raised when Slack does not take the blocks of a message."""


class Undeliverable(Exception):
    """Raised when Slack takes a reply in no form."""


class PrivateReplyWithheld(Undeliverable):
    """Raised when a private reply would be sent to a place where others read it."""


def outcome_of_error(error: Exception) -> SendOutcome:
    """Return what an error of `SLACK_ERRORS` means for the message that was sent."""
    if isinstance(error, SlackApiError):
        word, status = error.response.get("error"), error.response.status_code
        is_refused = bool(word) and (status == 429 or status < 500) and word not in UNCLEAR_ERRORS
    else:
        # Without a connection nothing can have left.
        is_refused = isinstance(
            error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | RedirectRefused
        )
    return SendOutcome.REFUSED if is_refused else SendOutcome.UNCLEAR

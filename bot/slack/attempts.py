"""How a message is tried again: in plainer forms, and once more after a 429."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.reply import Chart, Reply, Table
from bot.slack.client import retry_after_seconds
from bot.slack.outcomes import BLOCK_ERRORS, BlocksRejected, Undeliverable
from bot.slack.response_urls import DEFAULT_WAIT, RateLimited

log = logging.getLogger(__name__)

_MAX_WAIT = 10.0


def kinds_to_drop(reply: Reply, kinds: frozenset[str], max_attempts: int) -> list[frozenset[str]]:
    """Return which native kinds of blocks to leave out in each attempt: none, each alone, all of them."""
    used = {
        kind
        for kind, part_type in (("data_visualization", Chart), ("table", Table))
        if any(isinstance(part, part_type) for part in reply.parts)
    }
    native = kinds & used
    attempts = list(
        dict.fromkeys([frozenset(), *(frozenset({kind}) for kind in sorted(native)), frozenset(native)])
    )
    # Slack certainly takes the last one.
    return attempts if len(attempts) <= max_attempts else [*attempts[: max_attempts - 1], attempts[-1]]


async def send_with_retry(send: Callable[[dict[str, Any]], Awaitable[None]], body: dict[str, Any]) -> None:
    """Send a message, and once more after a 429.

    A 429 says that nothing was sent. Any other error may come after Slack took the message, so it is not sent
    again.
    """
    for attempt in (1, 2):
        try:
            return await send(body)
        except SlackApiError as error:
            if error.response.get("error") in BLOCK_ERRORS:
                raise BlocksRejected from error
            if error.response.status_code != 429 or attempt == 2:
                raise
            wait = retry_after_seconds(error.response.headers.get("Retry-After"), DEFAULT_WAIT)
        except RateLimited as error:
            if attempt == 2:
                log.warning("slack did not take an answer", extra={"error": "ratelimited"})
                raise Undeliverable from None
            wait = error.seconds
        await asyncio.sleep(min(wait, _MAX_WAIT))

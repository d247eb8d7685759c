"""The first answer in a direct message, which invites to ask more."""

import asyncio

from bot.permissions import DirectoryUnavailable
from bot.reply import Line, Reply
from bot.slack.directory import SlackDirectory

_MAX_KNOWN = 10_000
# The answer waits for it.
_TIMEOUT = 1.0


class FirstAnswers:
    """Knows the direct messages in which the bot has answered; each is looked up once a process."""

    def __init__(self, directory: SlackDirectory) -> None:
        self._directory, self._known = directory, set[str]()

    async def is_first(self, channel: str) -> bool:
        """Return whether the bot has not answered here before; False where Slack doesn't say so."""
        if channel in self._known:
            return False
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known.add(channel)
        try:
            async with asyncio.timeout(_TIMEOUT):
                return not await self._directory.has_answered(channel)
        except (DirectoryUnavailable, TimeoutError):
            return False


def with_invitation(reply: Reply, invitation: Line) -> Reply:
    """Return a reply that invites to ask more, unless it does so itself."""
    says_so = any(getattr(part, "line", ()) == invitation for part in reply.parts)
    return reply if says_so else reply.with_footnotes(("New here? ", *invitation))

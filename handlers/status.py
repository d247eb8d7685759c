"""Whether everything can be reached."""

import asyncio
import time
from urllib.parse import urlsplit

from bot import version
from bot.bot import Bot
from bot.commands import Question, command
from bot.error_messages import error_message
from bot.figshare.client import CachePolicy, Request
from bot.figshare.errors import FigshareError
from bot.reply import Reply, Table, Text
from bot.text import duration, plural

# Short, so that it shows the present state, but long enough that repeated presses don't reach Figshare.
_CACHE_POLICY = CachePolicy(max_age=15, stale_while_revalidate=15, stale_if_error=15)


@command(
    "status",
    task="Check",
    examples=("status", "help status"),
    words="health, down, online, alive, awake, working, broken, outage, reachable, ping, are you "
    "there, are you up, are you ok, is figshare up",
)
async def status(bot: Bot, question: Question) -> Reply:
    """Whether Figshare's four APIs are reachable, how old my cached answers are, and my version."""
    settings = bot.settings
    probes = {
        "REST v2": _request("rest", f"{settings.figshare_api_url}/licenses"),
        "Statistics": _request("stats", f"{settings.stats_url}/total/views/article/5616445")
        if settings.stats_url
        else None,
        "OAI-PMH": _request("oai", settings.oai_url, ("verb", "Identify")),
        "ResourceSync": next(
            (_request("resourcesync", url) for url in settings.figshare_resourcesync_url), None
        ),
    }
    states = await asyncio.gather(*(_probe(bot, request) for request in probes.values()))
    rows = tuple(
        (name, urlsplit(request.url).netloc if request else "not configured", state)
        for (name, request), state in zip(probes.items(), states, strict=True)
    )
    are_all_reachable = all(state.startswith("yes") for state in states)
    cached = bot.cache.stats()
    age = f"; the oldest is {duration(bot.clock() - cached.oldest)} old" if cached.oldest is not None else ""
    return Reply(
        ("Everything can be reached" if are_all_reachable else "Not everything can be reached",),
        (
            Table("Figshare's APIs", ("API", "Host", "Reachable"), rows),
            Text((f"{plural(cached.count, 'cached answer')}{age}.",)),
        ),
        footnotes=((f"figshare-bot {version}.",),),
    )


def _request(api: str, url: str, *params: tuple[str, str]) -> Request:
    return Request(api, url, params, purpose="status")


async def _probe(bot: Bot, request: Request | None) -> str:
    """Return whether an API answers, and in how many seconds if that takes long enough to be shown."""
    if request is None:
        return "–"
    started = time.perf_counter()
    try:
        await bot.transport.get_cached(request, len, _CACHE_POLICY)
    except FigshareError as error:
        return "no: " + error_message(error)[0]
    seconds = time.perf_counter() - started
    return f"yes, in {seconds:.1f} s" if seconds >= 0.05 else "yes"

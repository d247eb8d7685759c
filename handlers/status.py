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
from bot.text import ago, plural

# Short, so that it tells how things are, and no trap for those who press it again and again.
_NOW = CachePolicy(max_age=15, stale_while_revalidate=15, stale_if_error=15)


@command("status", task="Check", examples=("status", "help status"))
async def status(bot: Bot, question: Question) -> Reply:
    """Whether Figshare's four APIs can be reached, how old is what I hold, and my version."""
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
    said = await asyncio.gather(*(_probe(bot, request) for request in probes.values()))
    rows = tuple(
        (name, urlsplit(request.url).netloc if request else "not configured", state)
        for (name, request), state in zip(probes.items(), said, strict=True)
    )
    held = bot.cache.held()
    age = f", the oldest from {ago(bot.clock() - held.oldest)} ago" if held.oldest is not None else ""
    return Reply(
        (
            "Everything can be reached"
            if all(state.startswith("yes") for state in said)
            else "Not everything can be reached",
        ),
        (
            Table("Figshare's APIs", ("API", "Host", "Reachable"), rows),
            Text((f"I hold {plural(held.count, 'answer')}{age}.",)),
        ),
        footnotes=((f"figshare-bot {version}.",),),
    )


def _request(api: str, url: str, *params: tuple[str, str]) -> Request:
    return Request(api, url, params, purpose="status")


async def _probe(bot: Bot, request: Request | None) -> str:
    if request is None:
        return "–"
    began = time.perf_counter()
    try:
        await bot.transport.fetch(request, len, _NOW)
    except FigshareError as error:
        return "no: " + error_message(error)[0]
    seconds = time.perf_counter() - began
    return f"yes, in {seconds:.1f} s" if seconds >= 0.05 else "yes"

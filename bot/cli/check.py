"""Checks the configuration: tries everything that it names."""

import asyncio
from dataclasses import replace

from bot.bot import open_bot
from bot.cli.check_ours import check_ours
from bot.commands import CommandRegistry
from bot.error_messages import error_message
from bot.figshare.client import Request
from bot.figshare.errors import FigshareError, NotAllowed
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.health import slack_problems
from bot.storage.database import database_problem
from bot.storage.redis import redis_problem

_PORTAL = "Figshare, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD"
_REJECTED = "Figshare rejects it"


async def check(settings: Settings, commands: CommandRegistry) -> int:
    """Print a line for each thing that `serve` needs; return 1 when something is wrong, otherwise 0."""
    figshare, notes = await _figshare(settings, commands)
    problems = [*await _slack(settings), *figshare, *await _storage(settings)]
    for name, problem in problems:
        print(f"✗ {name}: {problem}" if problem else f"✓ {name}")
    for note in (*notes, *settings.warnings):
        print(f"! {note}")
    return 1 if any(problem for _, problem in problems) else 0


async def _slack(settings: Settings) -> list[tuple[str, str]]:
    try:
        settings.check_serving()
    except InvalidSettings as error:
        return [("Slack", problem) for problem in error.problems]
    return await slack_problems(settings)


async def _figshare(settings: Settings, commands: CommandRegistry) -> tuple[list[tuple[str, str]], list[str]]:
    requests = _requests(settings)
    async with open_bot(replace(settings, redis_url=""), commands, Metrics()) as bot:

        async def problem(request: Request) -> str:
            try:
                await bot.transport.get(request, len)
            except NotAllowed as error:
                return _REJECTED if request.token or request.auth else error_message(error)[0]
            except FigshareError as error:
                return error_message(error)[0]
            return ""

        problems = await asyncio.gather(*map(problem, requests.values()))
        ours, notes = await check_ours(bot)
    results = list(zip(requests, problems, strict=True))
    if not settings.stats_url:
        results.append(
            ("Figshare, statistics", "no address is known for this Figshare: set FIGSHARE_STATS_URL")
        )
    if missing := _missing_for_portal(settings):
        results.append((_PORTAL, f"{' and '.join(missing)} missing"))
    return results + ours, notes


def _requests(settings: Settings) -> dict[str, Request]:
    """Return a request for each API and each credential that is configured, under what it checks."""
    stats = settings.stats_url
    requests = {
        "Figshare, REST v2": Request("rest", f"{settings.figshare_api_url}/licenses"),
        "Figshare, OAI-PMH": Request("oai", settings.oai_url, (("verb", "Identify"),)),
    }
    if settings.figshare_token:
        # https://docs.figshare.com/#private_account
        account = f"{settings.figshare_api_url}/account"
        requests["Figshare, FIGSHARE_TOKEN"] = Request("rest", account, token=settings.figshare_token)
    if stats:
        requests["Figshare, statistics"] = Request("stats", f"{stats}/total/views/article/5616445")
    if stats and settings.figshare_portal and settings.stats_auth:
        # Anybody may ask for totals, so they would not check the password.
        top = f"{stats}/{settings.figshare_portal}/top/views/article"
        requests[_PORTAL] = Request("stats", top, (("count", "1"),), auth=settings.stats_auth)
    for url in settings.figshare_resourcesync_url:
        requests[f"ResourceSync, {url}"] = Request("resourcesync", url)
    return requests


def _missing_for_portal(settings: Settings) -> list[str]:
    user, password = settings.figshare_stats_username, settings.figshare_stats_password
    if not user and not password:
        return []
    credentials = {"USERNAME": user, "PASSWORD": password}
    missing = [f"FIGSHARE_STATS_{name}" for name, value in credentials.items() if not value]
    return missing if settings.figshare_portal else [*missing, "FIGSHARE_PORTAL"]


async def _storage(settings: Settings) -> list[tuple[str, str]]:
    results = [("Database, DATABASE_URL", await database_problem(settings.database_url))]
    if settings.redis_url:
        results.append(("Redis, REDIS_URL", await redis_problem(settings.redis_url)))
    return results

"""Whether the configuration works: tries everything that it names."""

import asyncio
from dataclasses import replace

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.error_messages import error_message
from bot.figshare.client import Request
from bot.figshare.errors import FigshareError, NotAllowed
from bot.manifest import required_scopes
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import slack_problem
from bot.slack.client import Client
from bot.storage import database, redis

_PORTAL = "Figshare, FIGSHARE_STATS_USERNAME and FIGSHARE_STATS_PASSWORD"
_NOT_TAKEN = "Figshare doesn't take it"


async def check(settings: Settings, commands: CommandRegistry) -> int:
    """Print a line for each thing that `serve` needs; 1 when something is wrong."""
    problems = [
        *await _slack(settings),
        *await _figshare(settings, commands),
        *await _storage(settings),
    ]
    for name, problem in problems:
        print(f"{'wrong' if problem else 'ok':6} {name}{': ' if problem else ''}{problem}")
    for warning in settings.warnings:
        print(f"{'warn':6} {warning}")
    return 1 if any(problem for _, problem in problems) else 0


async def _slack(settings: Settings) -> list[tuple[str, str]]:
    try:
        settings.check_serving()
    except InvalidSettings as wrong:
        return [("Slack", problem) for problem in wrong.problems]
    client = Client(settings)
    found = [("Slack, SLACK_BOT_TOKEN", await slack_problem(client))]
    if not found[0][1]:
        found.append(("Slack, scopes", await _scopes_problem(client)))
    if settings.slack_app_token:
        found.append(("Slack, SLACK_APP_TOKEN", await _socket_problem(client, settings)))
    return found


async def _scopes_problem(client: AsyncWebClient) -> str:
    """Name the scopes of the manifest that the installed app lacks: an older one was installed with fewer."""
    told = (await client.auth_test()).headers.get("x-oauth-scopes", "")
    missing = required_scopes() - {each.strip() for each in told.split(",")}
    if not told or not missing:
        return ""
    return f"{', '.join(sorted(missing))} missing: paste manifest.yml into the app again and reinstall it"


async def _socket_problem(client: AsyncWebClient, settings: Settings) -> str:
    try:
        async with asyncio.timeout(5):
            await client.apps_connections_open(app_token=settings.slack_app_token)
    except SlackApiError as error:
        return f"Slack says {error.response.get('error')}"
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        return f"Slack can't be reached ({type(error).__name__})"
    return ""


async def _figshare(settings: Settings, commands: CommandRegistry) -> list[tuple[str, str]]:
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
        # Totals are for everybody, so they say nothing of a password.
        top = f"{stats}/{settings.figshare_portal}/top/views/article"
        requests[_PORTAL] = Request("stats", top, (("count", "1"),), auth=settings.stats_auth)
    requests |= {
        f"ResourceSync, {url}": Request("resourcesync", url) for url in settings.figshare_resourcesync_url
    }
    async with open_bot(replace(settings, redis_url=""), commands, Metrics()) as bot:

        async def ask(request: Request) -> str:
            try:
                await bot.transport.read(request, len)
            except NotAllowed as error:
                return _NOT_TAKEN if request.token or request.auth else error_message(error)[0]
            except FigshareError as error:
                return error_message(error)[0]
            return ""

        said = await asyncio.gather(*(ask(request) for request in requests.values()))
    found = list(zip(requests, said, strict=True))
    if not stats:
        found.append(
            ("Figshare, statistics", "no address is known for this Figshare: set FIGSHARE_STATS_URL")
        )
    if missing := _missing_for_portal(settings):
        found.append((_PORTAL, f"{' and '.join(missing)} missing"))
    return found


def _missing_for_portal(settings: Settings) -> list[str]:
    user, password = settings.figshare_stats_username, settings.figshare_stats_password
    if not user and not password:
        return []
    given = {"USERNAME": user, "PASSWORD": password}
    missing = [f"FIGSHARE_STATS_{name}" for name, value in given.items() if not value]
    return missing if settings.figshare_portal else [*missing, "FIGSHARE_PORTAL"]


async def _storage(settings: Settings) -> list[tuple[str, str]]:
    found = [("Database, DATABASE_URL", await database.problem(settings.database_url))]
    if settings.redis_url:
        found.append(("Redis, REDIS_URL", await redis.problem(settings.redis_url)))
    return found

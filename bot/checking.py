"""Whether the configuration works: asks Slack and Figshare whether they know us."""

import asyncio

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bot import opened
from bot.commands import Commands
from bot.figshare.client import Life, Request
from bot.figshare.errors import FigshareError
from bot.manifest import wanted_scopes
from bot.metrics import Metrics
from bot.settings import Settings, WrongSettings
from bot.slack.app import slack_problem
from bot.slack.client import Client
from bot.troubles import trouble

_ONCE = Life(0, 0, 0)


async def check(settings: Settings, commands: Commands) -> int:
    """Print a line for each thing that `serve` needs; 1 when something is wrong."""
    problems = [*await _slack(settings), *await _figshare(settings, commands)]
    for name, problem in problems:
        print(f"{'wrong' if problem else 'ok':6} {name}{': ' if problem else ''}{problem}")
    return 1 if any(problem for _, problem in problems) else 0


async def _slack(settings: Settings) -> list[tuple[str, str]]:
    try:
        settings.check_serving()
    except WrongSettings as wrong:
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
    missing = wanted_scopes() - {each.strip() for each in told.split(",")}
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


async def _figshare(settings: Settings, commands: Commands) -> list[tuple[str, str]]:
    stats = settings.stats_url
    requests = {
        "Figshare, REST v2": Request("rest", f"{settings.figshare_api_url}/licenses"),
        "Figshare, OAI-PMH": Request("oai", settings.oai_url, (("verb", "Identify"),)),
        "Figshare, statistics": Request("stats", f"{stats}/total/views/article/5616445"),
    }
    requests |= {
        f"ResourceSync, {url}": Request("resourcesync", url) for url in settings.figshare_resourcesync_url
    }
    if not stats:
        del requests["Figshare, statistics"]
    async with opened(settings, commands, Metrics()) as bot:

        async def ask(request: Request) -> str:
            try:
                await bot.transport.fetch(request, len, _ONCE)
            except FigshareError as error:
                return trouble(error)[0]
            return ""

        said = await asyncio.gather(*(ask(request) for request in requests.values()))
    found = list(zip(requests, said, strict=True))
    if not stats:
        found.append(
            ("Figshare, statistics", "no address is known for this Figshare: set FIGSHARE_STATS_URL")
        )
    return found

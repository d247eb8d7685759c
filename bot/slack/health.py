"""Checks whether the configured tokens work, and says in a sentence why one does not."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import required_scopes
from bot.settings import Settings
from bot.slack.client import SLACK_ERRORS, TOKEN_ERRORS, Client
from bot.slack.directory import NO_GROUPS_IN_PLAN

_TIMEOUT = 5.0


async def bot_token_problem(client: AsyncWebClient) -> str:
    """Return why the bot token can't be used, or an empty text when it can.

    Asks https://docs.slack.dev/reference/methods/auth.test and waits five seconds at most.
    """
    return await _problem_of(client.auth_test())


async def slack_problems(settings: Settings) -> list[tuple[str, str]]:
    """Return the name of each check of the Slack tokens with its problem, empty where there is none.

    The settings have passed `Settings.check_serving`. The scopes are compared only when the token works.
    """
    client = Client(settings)
    problems = [("Slack, SLACK_BOT_TOKEN", await bot_token_problem(client))]
    if not problems[0][1]:
        problems.append(("Slack, scopes", await _scopes_problem(client, settings)))
        problems += await _user_group_problems(client, settings)
    if settings.slack_app_token:
        opening = client.apps_connections_open(app_token=settings.slack_app_token)
        problems.append(("Slack, SLACK_APP_TOKEN", await _problem_of(opening)))
    return problems


def is_permanent(problem: str) -> bool:
    """Return whether trying again can't help, as Slack rejects the token itself."""
    return problem.endswith(tuple(TOKEN_ERRORS))


async def _problem_of(call: Awaitable[Any]) -> str:
    try:
        async with asyncio.timeout(_TIMEOUT):
            await call
    except SlackApiError as error:
        return f"Slack says {error.response.get('error')}"
    except SLACK_ERRORS as error:
        return f"Slack can't be reached ({type(error).__name__})"
    return ""


async def _scopes_problem(client: AsyncWebClient, settings: Settings) -> str:
    """Return which scopes the installed app lacks: its manifest was older, or for other settings."""
    granted = (await client.auth_test()).headers.get("x-oauth-scopes", "")
    missing = required_scopes(settings) - {scope.strip() for scope in granted.split(",")}
    if not granted or not missing:
        return ""
    names = ", ".join(sorted(missing))
    return f"{names} missing: paste what `figshare-bot manifest` prints into the app and reinstall it"


async def _user_group_problems(client: AsyncWebClient, settings: Settings) -> list[tuple[str, str]]:
    """Return a problem for each variable that names a user group where the workspace has none.

    https://docs.slack.dev/reference/methods/usergroups.users.list
    """
    variables = [(name, groups[0]) for name, groups in settings.user_groups.items() if groups]
    answers = [await _problem_of(client.usergroups_users_list(usergroup=group)) for _, group in variables]
    return [
        (f"Slack, {name}", f"{name} names a user group; this workspace's plan has none")
        for (name, _), answer in zip(variables, answers, strict=True)
        if answer.endswith(NO_GROUPS_IN_PLAN)
    ]

"""Sends the digests that are due and ends: for hosts that have a cron instead of a process that stays up."""

import time

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery import service
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import connected, slack_problem
from bot.storage.database import DOWN, describe_db_error
from bot.storage.database import open_database as database
from bot.text import plural


async def run(settings: Settings, commands: CommandRegistry, at: float | None) -> int:
    """Send what is due at a moment or now, and print what became of it; 1 when Slack is of no use."""
    if not settings.slack_bot_token:
        raise InvalidSettings(["SLACK_BOT_TOKEN is missing"])
    ahead = 0.0 if at is None else at - time.time()

    def clock() -> float:
        return time.time() + ahead

    async with (
        database(settings.database_url) as store,
        open_bot(settings, commands, Metrics(), clock, store) as bot,
        connected(settings) as line,
    ):
        if problem := await slack_problem(line.client):
            print(f"Nothing was sent: {problem}")
            return 1
        try:
            outcomes = await service.run(bot, store, line.courier(store))
        except DOWN as error:
            cause = describe_db_error(error)
            print(f"Stopped: the database does not answer ({cause}). What was not sent is kept.")
            return 1
    for outcome, count in outcomes.items():
        print(f"{plural(count, 'digest')} {outcome}")
    if not outcomes:
        print("No digest was due.")
    return 0

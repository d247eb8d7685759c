"""Send the digests that are due, and end: for hosts that run a cron job instead of a long-lived process."""

import time

from bot.bot import open_bot
from bot.commands import CommandRegistry
from bot.digests.delivery.send_due import send_due_digests
from bot.metrics import Metrics
from bot.settings import InvalidSettings, Settings
from bot.slack.app import open_slack_connection
from bot.slack.health import bot_token_problem
from bot.storage.database import DATABASE_ERRORS, describe_db_error, open_database
from bot.text import plural


async def send_digests(settings: Settings, commands: CommandRegistry, moment: float | None) -> int:
    """Send what is due at a moment, or now; print the outcomes, and return the exit status.

    The status is 1 when Slack or the database can't be used.
    """
    if not settings.slack_bot_token:
        raise InvalidSettings(["SLACK_BOT_TOKEN is missing"])
    offset = 0.0 if moment is None else moment - time.time()

    def clock() -> float:
        return time.time() + offset

    async with (
        open_database(settings.database_url) as database,
        open_bot(settings, commands, Metrics(), clock, database) as bot,
        open_slack_connection(settings) as connection,
    ):
        if problem := await bot_token_problem(connection.client):
            print(f"Nothing sent: {problem}")
            return 1
        try:
            outcomes = await send_due_digests(bot, database, connection.messenger(database))
        except DATABASE_ERRORS as error:
            cause = describe_db_error(error)
            print(f"Stopped: the database isn't responding ({cause}). Unsent digests will be sent next time.")
            return 1
    for outcome, count in outcomes.items():
        print(f"{plural(count, 'digest')} {outcome}")
    if not outcomes:
        print("No digest was due.")
    return 0

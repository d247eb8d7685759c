"""Who is new to the bot is read from the direct message itself, so that a restart makes nobody new."""

import aiohttp

from bot.emulators.server import serve
from bot.emulators.slack import Workspace, slack_emulator
from bot.settings import Settings
from bot.slack.client import Client
from bot.slack.directory import SlackDirectory
from bot.slack.first_answers import FirstAnswers


async def test_direct_message_is_new_until_the_bot_has_written():
    workspace = Workspace(signing_secret="secret", bot_token="xoxb-new")
    async with workspace, serve(slack_emulator(workspace)) as base, aiohttp.ClientSession() as session:
        workspace.url = base
        client = Client(Settings(slack_bot_token="xoxb-new", slack_api_url=f"{base}/api"), session)
        directory = SlackDirectory(client)
        channel = await directory.direct(Workspace.maya)
        first = FirstAnswers(directory)
        assert await first.is_first(channel)
        assert not await first.is_first(channel)
        await client.chat_postMessage(channel=channel, text="An answer")
        assert not await FirstAnswers(directory).is_first(channel)

"""What a person who writes drafts does in an emulated workspace, and sees there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from bot.commands import CommandRegistry
from bot.drafts.card import card
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, RESEARCH
from bot.emulators.slack.validation import view_problems
from bot.figshare.private import PrivateArticle
from bot.playground import open_playground
from bot.render import blocks
from bot.slack.signing import Signer, derived_key
from bot.slack.views import Seal
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.message_checks import INDEPENDENT

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
# the number of the first draft that is made
FIRST = 31_400_003
JSON = {"content-type": "application/json"}


@dataclass
class SlackClient:
    """A workspace with the bot in it, and what a person does and sees there."""

    slack: Workspace
    catalogue: Starlette
    base: str
    figshare: str
    user: str = MAYA

    @property
    def drafts(self):
        return self.catalogue.state.drafts

    @property
    def requests(self):
        return self.catalogue.state.requests

    @property
    def writes(self):
        return [each for each in self.requests if each[0] != "GET" and "/account/articles" in each[1]]

    @property
    def answers(self):
        return [each for each in self.slack.history.messages if each.from_bot and not each.deleted]

    @property
    def view(self):
        return self.slack.views.top(self.user)

    def seal(self, user=""):
        """Return what the bot signs forms of a person with."""
        return Seal(Signer(derived_key(self.slack.delivery.signing_secret, "")), user or self.user)

    def goes_wrong(self, path="/v2/account/articles", **how):
        return self.catalogue.state.faults.add(path, **how)

    async def form(self):
        """Wait for a form that can be filled in."""
        await self.slack.until(lambda: self.view and self.view.definition.get("submit"))
        assert view_problems(self.view.definition) == []
        if INDEPENDENT is not None:
            found = INDEPENDENT.check(self.view.definition, "modal", schema="")
            assert [str(each) for each in found if each.level == "error"] == []
        return self.view

    async def open(self, words="draft Frog calls"):
        await self.slack.command("/figshare", words, user=self.user)
        return await self.form()

    async def submit(self, **values):
        return await self.slack.submit_view(values, user=self.user)

    async def answer(self, text):
        """Wait for an answer that holds a text."""

        def found():
            return [each for each in self.answers if text in each.text]

        await self.slack.until(found)
        return found()[-1]

    async def press(self, message, label, user="", **how):
        return await self.slack.press(message.ts, buttons(message)[label], user=user or self.user, **how)

    async def made(self, **values):
        """Make a draft and return its card."""
        await self.open()
        await self.submit(**values)
        return await self.answer("To publish it on Figshare")

    def shown(self):
        """Return what a person reads in the form on top."""
        return " ".join(
            each["text"]
            for block in self.view.blocks
            if block["type"] == "rich_text"
            for part in block["elements"]
            for each in part["elements"]
        )

    def typed(self, name):
        block = next(each for each in self.view.blocks if each["block_id"].partition("#")[0] == name)
        return block["element"].get("initial_value", "")

    def old_card(self, number=FIRST, title="Frog calls"):
        """Put a card of long ago before everybody's eyes."""
        found = PrivateArticle(id=number, title=title, version=0, is_public=False, status="draft")
        payload = blocks.message(card(found))
        return self.slack.history.add(
            PostedMessage(
                RESEARCH, self.slack.history.next_ts(), BOT_USER_ID, payload["text"], payload["blocks"]
            )
        )


def buttons(message):
    return {
        each["text"]["text"]: each["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    }


@asynccontextmanager
async def open_slack_client(**changed: Any) -> AsyncIterator[SlackClient]:
    """Open a workspace whose bot asks the sample catalogue."""
    catalogue = figshare_emulator(library(datetime.now(UTC).date()), now=lambda: datetime.now(UTC))
    async with (
        serve(catalogue) as figshare_base,
        open_playground(CommandRegistry(MODULES), settings_for(figshare_base, **changed)) as (base, slack),
    ):
        yield SlackClient(slack, catalogue, base, figshare_base)

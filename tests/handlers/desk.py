"""What a person who writes drafts does in a stand-in workspace, and sees there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.drafts.card import card
from bot.figshare.private import PrivateArticle
from bot.render import blocks
from bot.slack.signing import Signer, derived_key
from bot.slack.views import Seal
from bot.standin.slack import Workspace
from bot.standin.slack.blockkit import view_problems
from bot.standin.slack.message import Message
from bot.standin.slack.people import BOT_USER_ID, RESEARCH
from tests.conftest import INDEPENDENT, Office, office_of

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
# the number of the first draft that is made
FIRST = 31_400_003
JSON = {"content-type": "application/json"}


@dataclass
class Desk:
    """An office, and what a person who writes drafts does and sees there."""

    office: Office
    user: str = MAYA

    @property
    def slack(self) -> Workspace:
        return self.office.slack

    @property
    def drafts(self):
        return self.office.catalogue.state.drafts

    @property
    def requests(self):
        return self.office.catalogue.state.requests

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
        """Give what the bot signs forms of a person with."""
        return Seal(Signer(derived_key(self.slack.delivery.signing_secret, "")), user or self.user)

    def goes_wrong(self, path="/v2/account/articles", **how):
        return self.office.catalogue.state.faults.add(path, **how)

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
        """Make a draft and give its card."""
        await self.open()
        await self.submit(**values)
        return await self.answer("To publish it on Figshare")

    def shown(self):
        """Give what a person reads in the form on top."""
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
        made = blocks.message(card(found))
        return self.slack.history.add(
            Message(RESEARCH, self.slack.history.next_ts(), BOT_USER_ID, made["text"], made["blocks"])
        )


def buttons(message):
    return {
        each["text"]["text"]: each["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for each in block["elements"]
    }


@asynccontextmanager
async def desk_in(**changed: Any) -> AsyncIterator[Desk]:
    async with office_of(**changed) as opened:
        yield Desk(opened)

"""What a person does in an emulated workspace with the bot in it, and what they see there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette

from bot.commands import CommandRegistry
from bot.drafts.card import draft_card
from bot.emulators.figshare import figshare_emulator
from bot.emulators.server import serve
from bot.emulators.slack import Workspace
from bot.emulators.slack.message import PostedMessage
from bot.emulators.slack.people import BOT_USER_ID, RESEARCH
from bot.emulators.slack.validation import view_problems
from bot.figshare.private import PrivateArticle
from bot.playground.app import open_playground
from bot.render import blocks
from bot.slack.private_metadata import MetadataSigner
from bot.slack.signing import Signer, derived_key
from handlers import MODULES
from tests.support.bot_client import library, settings_for
from tests.support.message_checks import INDEPENDENT

MAYA, JONAS, GUEST, STRANGER = Workspace.maya, Workspace.jonas, Workspace.guest, Workspace.stranger
# the number of the first draft that is created
FIRST = 31_400_003
JSON = {"content-type": "application/json"}
# seconds in which something that should not come would come
QUIET = 0.15


@dataclass
class SlackClient:
    """A workspace with the bot in it, and one of its people."""

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
        """Return the requests to Figshare that change a draft."""
        return [
            request for request in self.requests if request[0] != "GET" and "/account/articles" in request[1]
        ]

    @property
    def answers(self):
        """Return the bot's messages."""
        return [
            message for message in self.slack.history.messages if message.from_bot and not message.deleted
        ]

    @property
    def view(self):
        """Return the view that the person sees on top, or None."""
        return self.slack.views.top(self.user)

    def metadata_signer(self, user=""):
        """Return what signs the forms of a person, with the key of the bot."""
        signer = Signer(derived_key(self.slack.delivery.signing_secret, ""))
        return MetadataSigner(signer, user or self.user)

    def goes_wrong(self, path="/v2/account/articles", **fault):
        """Let Figshare fail at a path."""
        return self.catalogue.state.faults.add(path, **fault)

    async def wait_for_form(self):
        """Return the form on top as soon as it can be submitted."""
        await self.slack.until(lambda: self.view and self.view.definition.get("submit"))
        assert view_problems(self.view.definition) == []
        if INDEPENDENT is not None:
            problems = INDEPENDENT.check(self.view.definition, "modal", schema="")
            assert [str(problem) for problem in problems if problem.level == "error"] == []
        return self.view

    async def open(self, words="draft Frog calls"):
        """Open a form by a command."""
        await self.slack.command("/figshare", words, user=self.user)
        return await self.wait_for_form()

    async def submit(self, **values):
        return await self.slack.submit_view(values, user=self.user)

    async def wait_for_answer(self, text):
        """Return the last message of the bot that holds a text, as soon as there is one."""

        def matching():
            return [message for message in self.answers if text in message.text]

        await self.slack.until(matching)
        return matching()[-1]

    async def press(self, message, label, user="", **options):
        return await self.slack.press(message.ts, buttons(message)[label], user=user or self.user, **options)

    async def create_draft(self, **values):
        """Create a draft with its form, and return its card."""
        await self.open()
        await self.submit(**values)
        return await self.wait_for_answer("To publish it on Figshare")

    def view_text(self):
        """Return what the person reads above the fields of the form on top."""
        return " ".join(
            span["text"]
            for block in self.view.blocks
            if block["type"] == "rich_text"
            for section in block["elements"]
            for span in section["elements"]
        )

    def field_text(self, name):
        """Return what a text field of the form on top holds at first."""
        block = next(block for block in self.view.blocks if block["block_id"].partition("#")[0] == name)
        element = block["element"]
        chosen = element.get("initial_option")
        if options := element.get("initial_options") or ([chosen] if chosen else []):
            return ", ".join(option["text"]["text"] for option in options)
        return element.get("initial_value") or element.get("initial_time", "")

    def add_old_card(self, number=FIRST, title="Frog calls"):
        """Post the card of a draft for everybody, as the bot did in early versions."""
        article = PrivateArticle(id=number, title=title, version=0, is_public=False, status="draft")
        payload = blocks.message_payload(draft_card(article))
        return self.slack.history.add(
            PostedMessage(
                RESEARCH, self.slack.history.next_ts(), BOT_USER_ID, payload["text"], payload["blocks"]
            )
        )


def buttons(message):
    """Return the action ids of a message's buttons by their labels."""
    return {
        element["text"]["text"]: element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


def calls_to_slack(slack_client: SlackClient, kind: str) -> list[Any]:
    """Return the calls of a method of the Web API, or of response_urls, in their order."""
    return [call for call in slack_client.slack.log if call.to == "slack" and call.kind == kind]


@asynccontextmanager
async def open_slack_client(**changed: Any) -> AsyncIterator[SlackClient]:
    """Open a workspace whose bot asks the sample catalogue; `changed` are settings of the bot."""
    catalogue = figshare_emulator(library(datetime.now(UTC).date()), now=lambda: datetime.now(UTC))
    async with (
        serve(catalogue) as figshare_base,
        open_playground(CommandRegistry(MODULES), settings_for(figshare_base, **changed)) as (base, slack),
    ):
        yield SlackClient(slack, catalogue, base, figshare_base)

"""Opens forms as views of Slack, and updates views that are open."""

import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import Interaction
from bot.dispatcher import Dispatcher
from bot.render.rich_text import Block
from bot.render.views import notice_view
from bot.reply import Form
from bot.slack.client import SLACK_ERRORS, OpenedView, error_word, parse_response
from bot.slack.directory import SlackDirectory
from bot.slack.private_metadata import MetadataSigner, PrivateMetadata, signed_view
from bot.slack.returned_form import reason_lines
from bot.slack.signing import Signer

log = logging.getLogger(__name__)


class ViewOpener:
    """Opens the form of a reply for the person who asked or pressed."""

    def __init__(
        self, dispatcher: Dispatcher, client: AsyncWebClient, directory: SlackDirectory, signer: Signer
    ) -> None:
        self._dispatcher, self._client = dispatcher, client
        self._directory, self._signer = directory, signer

    def signer_for(self, user: str) -> MetadataSigner:
        """Return what signs the forms of a person."""
        return MetadataSigner(self._signer, user)

    async def open_for_question(self, form: Form, user: str, trigger_id: str, response_url: str) -> bool:
        """Open the form that answers a question; return whether the trigger was still good for it."""
        interaction = Interaction("", user, directory=self._directory)
        return await self.open(form, interaction, trigger_id, PrivateMetadata(response_url=response_url))

    async def open(
        self, form: Form, interaction: Interaction, trigger_id: str, metadata: PrivateMetadata
    ) -> bool:
        """Open a form; return whether the trigger was still good for it.

        A trigger lasts three seconds, so a form that takes time to load opens without its fields, and is
        updated when they are there: https://docs.slack.dev/surfaces/modals#updating_apis
        """
        signer = self.signer_for(interaction.user)
        try:
            view = signed_view(form, metadata, signer)
            response = await self._client.views_open(trigger_id=trigger_id, view=view)
            view_id = parse_response(response, OpenedView).view.id
        except SLACK_ERRORS as error:
            log.warning("a form did not open", extra={"error": error_word(error)})
            return False
        if form.load is not None:
            reply = await self._dispatcher.load_form(form, interaction)
            if reply.form is not None:
                view = signed_view(reply.form, metadata, signer)
            else:
                view = notice_view(form.title, *reason_lines(reply))
            await self.update(view_id, view)
        return True

    async def update(self, view_id: str, view: Block) -> bool:
        """Replace what an open view shows; return whether Slack did so."""
        try:
            await self._client.views_update(view_id=view_id, view=view)
        except SLACK_ERRORS as error:
            log.info("a form could not be changed", extra={"error": error_word(error)})
            return False
        return True

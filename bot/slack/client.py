"""Slack's Web API: every failed call is an error of one shape, and repeats none of our secrets."""

from typing import Any, TypeVar

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.redaction import Redactor
from bot.settings import Settings, is_loopback
from bot.text import cut

T = TypeVar("T")

# All that a call raises; a timeout is an OSError.
TROUBLE = (SlackClientError, aiohttp.ClientError, OSError)


class Identified(msgspec.Struct):
    """A thing of Slack's, of which we need the id."""

    id: str


class ToldView(msgspec.Struct):
    """What `views.open` answers."""

    view: Identified


class ToldChannel(msgspec.Struct):
    """What `conversations.open` answers."""

    channel: Identified


class NotAnAnswer(SlackClientError):
    """Raised when something else comes than Slack answers."""


class Client(AsyncWebClient):
    """The client of slack_sdk, whose errors for odd answers have many types and shapes."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession | None = None) -> None:
        super().__init__(
            settings.slack_bot_token,
            base_url=settings.slack_api_url.rstrip("/") + "/",
            session=session,
            timeout=10,
            # slack_sdk's own would post twice when a connection breaks after Slack stored the message.
            retry_handlers=[],
        )
        self._redact = Redactor(settings.secrets)
        if is_loopback(settings.slack_api_url):
            # slack_sdk has read the environment's, which could not reach this machine.
            self.proxy = None

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        """Call a method; raises SlackApiError with an object for its data, or another of TROUBLE."""
        given = how.get("params") or how.get("json") or {}
        if any("\0" in value for value in given.values() if isinstance(value, str)):
            # such as an id that nobody of Slack's has
            raise SlackRequestError(f"{api_method}: NUL in an argument")
        try:
            return await super().api_call(api_method, **how)
        except SlackApiError as error:
            answer = self._refusal(error.response)
            # slack_sdk quotes the whole answer in the error's text.
            raise SlackApiError(f"{api_method}: {answer['error']}", answer) from None  # type: ignore[no-untyped-call]
        except TROUBLE:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise NotAnAnswer(f"{api_method}: {type(error).__name__}") from None

    def _refusal(self, given: Any) -> AsyncSlackResponse:
        # For what is no JSON the response is aiohttp's, which has neither `data` nor `status_code`.
        data = getattr(given, "data", None)
        word = data.get("error") if isinstance(data, dict) else None
        status = getattr(given, "status_code", None) or getattr(given, "status", None) or 0
        return AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url="",
            req_args={},
            data={"ok": False, "error": cut(self._redact(word), 200) if isinstance(word, str) else ""},
            headers=given.headers,
            status_code=status,
        )


def read(answer: AsyncSlackResponse, kind: type[T]) -> T:
    """Return an answer as what it should be; raises NotAnAnswer."""
    try:
        return msgspec.convert(answer.data, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise NotAnAnswer(str(error)) from None

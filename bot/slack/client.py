"""Slack's Web API: every failed call raises an error of one shape, which repeats none of our secrets."""

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

# Everything that a call raises; a timeout is an OSError.
SLACK_ERRORS = (SlackClientError, aiohttp.ClientError, OSError)
# Slack's words for a token that will never work: https://docs.slack.dev/reference/methods/auth.test
TOKEN_ERRORS = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
_MAX_ERROR_LENGTH = 200


class SlackObject(msgspec.Struct):
    """An object in a response, of which only the id is needed."""

    id: str


class SentMessage(msgspec.Struct):
    """The response to `chat.postMessage`."""

    ts: str


class OpenedView(msgspec.Struct):
    """The response to `views.open`."""

    view: SlackObject


class OpenedConversation(msgspec.Struct):
    """The response to `conversations.open`."""

    channel: SlackObject


class InvalidSlackResponse(SlackClientError):
    """Raised when a response is not one that Slack documents."""


class Client(AsyncWebClient):
    """The client of slack_sdk, with few types of errors: its own for odd responses have many."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession | None = None) -> None:
        super().__init__(
            settings.slack_bot_token,
            base_url=settings.slack_api_url.rstrip("/") + "/",
            session=session,
            timeout=10,
            # Those of slack_sdk would post twice when a connection breaks after Slack stored the message.
            retry_handlers=[],
        )
        self._redact = Redactor(settings.secrets)
        if is_loopback(settings.slack_api_url):
            # slack_sdk has read a proxy from the environment, which could not reach this machine.
            self.proxy = None

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:
        """Call a method; raises SlackApiError with a dictionary as its data, or another of SLACK_ERRORS."""
        arguments = options.get("params") or options.get("json") or {}
        if any("\0" in value for value in arguments.values() if isinstance(value, str)):
            # None of Slack's ids contains NUL, for which Slack has an error of its own.
            raise SlackRequestError(f"{api_method}: NUL in an argument")
        try:
            return await super().api_call(api_method, **options)
        except SlackApiError as error:
            response = self._error_response(error.response)
            # slack_sdk quotes the whole response in the error's text.
            raise SlackApiError(f"{api_method}: {response['error']}", response) from None  # type: ignore[no-untyped-call]
        except SLACK_ERRORS:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise InvalidSlackResponse(f"{api_method}: {type(error).__name__}") from None

    def _error_response(self, original: Any) -> AsyncSlackResponse:
        # For a body that is not JSON, `original` is aiohttp's response: without `data` and `status_code`.
        data = getattr(original, "data", None)
        word = data.get("error") if isinstance(data, dict) else None
        status = getattr(original, "status_code", None) or getattr(original, "status", None) or 0
        error = cut(self._redact(word), _MAX_ERROR_LENGTH) if isinstance(word, str) else ""
        return AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url="",
            req_args={},
            data={"ok": False, "error": error},
            headers=original.headers,
            status_code=status,
        )


def parse_response(response: AsyncSlackResponse, kind: type[T]) -> T:
    """Return the data of a response as a struct; raises InvalidSlackResponse."""
    try:
        return msgspec.convert(response.data, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidSlackResponse(str(error)) from None


def retry_after_seconds(header: str | None, default: float) -> float:
    """Return the seconds of a Retry-After header, which Slack gives as a whole number."""
    return float(header) if header and header.isascii() and header.isdigit() else default


def error_word(error: BaseException) -> str:
    """Return Slack's word for an error where it gives one, otherwise the type of the error, for the log."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__

"""From a question to its answer: the one room where errors become sentences."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import LONGEST_QUESTION, Action, Command, Interaction, InvalidValue, Question
from bot.error_messages import error_message
from bot.figshare.errors import (
    BadRequest,
    FigshareError,
    NotADraft,
    NotAllowed,
    NotFound,
    OaiError,
    OutcomeUnknown,
)
from bot.language.parameters import ParseContext
from bot.language.tokens import LONGEST, InvalidArgument, received, tokenize
from bot.permissions import PermissionDenied
from bot.reply import (
    Button,
    Choice,
    Code,
    DoesNotExist,
    Form,
    InvalidFields,
    Line,
    Moment,
    Reply,
    Text,
    UserError,
    coded,
)
from bot.text import ago, capital, cut
from bot.upstream.request_context import CacheHit, RequestContext, request_context

log = logging.getLogger(__name__)

PATIENCE = 20.0


class Dispatcher:
    """Answers questions; never raises, and never takes longer than `patience` seconds."""

    def __init__(
        self,
        bot: Bot,
        observe: Callable[[str, str, float], None] = lambda command, outcome, seconds: None,
        patience: float = PATIENCE,
    ) -> None:
        self._bot, self._observe, self._patience = bot, observe, patience

    async def answer(self, question: Question) -> Reply:
        """Give the reply to a question, whatever happens."""
        return await self._answer(
            question, self._bot.commands.resolve(question.words), self._asked(question.user)
        )

    async def answer_from_cache(self, question: Question) -> Reply | None:
        """Give the reply if what is stored is enough for it: nobody is asked and nothing is waited for."""
        found = self._bot.commands.resolve(question.words)
        if found is None or not found[0].is_cacheable:
            return None
        asked = RequestContext(question.user or "somebody", only_if_cached=True)
        reply = await self._answer(question, found, asked)
        return None if asked.cache_miss else reply

    def needs_today(self, words: str) -> bool:
        """Tell whether the answer to a question depends on the day it is for whoever asks."""
        found = self._bot.commands.resolve(words)
        return found is not None and found[0].needs_today(self._bot.ours, found[1])

    def only_reads(self, words: str) -> bool:
        """Tell whether a question certainly changes nothing."""
        found = self._bot.commands.resolve(words)
        return found is None or found[0].is_cacheable

    def has_action(self, name: str) -> bool:
        """Tell whether a button of this name does something."""
        return name in self._bot.commands.actions

    async def run_action(self, interaction: Interaction) -> Reply:
        """Do what a button or a form asks for, here alone, so that no deed can forget its role."""
        deed = self._bot.commands.actions.get(interaction.action_id)
        return await self._guarded(
            interaction.action_id,
            self._nobody_asks(interaction),
            self._asked(interaction.user),
            self._done(deed, interaction),
            deed is not None and deed.is_private,
        )

    async def load_form(self, form: Form, interaction: Interaction) -> Reply:
        """Give a reply with the form that a light one was the beginning of, or with what kept it."""

        async def fill() -> Reply:
            assert form.load is not None
            return Reply((form.title,), form=await form.load())

        return await self._guarded(
            interaction.action_id or "form",
            self._nobody_asks(interaction),
            self._asked(interaction.user),
            fill(),
        )

    async def find_options(self, name: str, words: str, interaction: Interaction) -> Sequence[Choice]:
        """Give the choices a search field has for these words; none when they can't be had."""
        found: list[Choice] = []

        async def look() -> Reply:
            offers = self._bot.commands.options[name]
            await self._bot.permissions.require(interaction.user, interaction.people, offers.role)
            found.extend(await offers.handler(self._bot, received(words)))
            return Reply((name,))

        if name in self._bot.commands.options:
            await self._guarded(name, self._nobody_asks(interaction), self._asked(interaction.user), look())
        return found

    async def _done(self, deed: Action | None, interaction: Interaction) -> Reply:
        if deed is None:
            raise InvalidValue
        await self._bot.permissions.require(interaction.user, interaction.people, deed.role)
        return await deed.handler(self._bot, interaction)

    def _asked(self, user: str) -> RequestContext:
        return RequestContext(user or "somebody", asyncio.get_running_loop().time() + self._patience)

    def _nobody_asks(self, interaction: Interaction) -> Question:
        return Question("", datetime.fromtimestamp(self._bot.clock(), UTC).date(), user=interaction.user)

    async def _answer(
        self, question: Question, found: tuple[Command, str] | None, asked: RequestContext
    ) -> Reply:
        name, private = (found[0].name, found[0].is_private) if found else ("unknown", False)
        return await self._guarded(name, question, asked, self._reply(question, found), private)

    async def _guarded(
        self,
        name: str,
        question: Question,
        asked: RequestContext,
        work: Awaitable[Reply],
        private: bool = False,
    ) -> Reply:
        began = time.perf_counter()
        token = request_context.set(asked)
        try:
            reply = await work
        except UserError as error:
            reply = self._refusal(error, question)
        except FigshareError as error:
            if not asked.cache_miss:
                log.info(
                    "figshare did not help", extra={"command": name, "cause": repr(error), "api": error.api}
                )
            reply = error_reply(error, question)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a command failed", extra={"command": name, "reference": reference})
            reply = failed(reference)
        finally:
            request_context.reset(token)
        if asked.hits and reply.outcome == "ok" and not (reply.public_in or reply.keeps_original):
            reply = reply.with_footnotes(*ages(asked.hits, self._bot.clock()))
        if private and not reply.is_private:
            reply = replace(reply, is_private=True)
        if not asked.cache_miss:
            self._observe(name, reply.outcome, time.perf_counter() - began)
        return reply

    async def _reply(self, question: Question, found: tuple[Command, str] | None) -> Reply:
        longest = found[0].max_length if found else LONGEST_QUESTION
        if len(question.words) > longest:
            has = f"more than {LONGEST:,}" if len(question.words) > LONGEST else f"{len(question.words):,}"
            raise InvalidArgument("", f"a question may have {longest:,} characters; this one has {has}", "")
        if found is None:
            return self._unknown(question)
        command, text = found
        if command.role:
            await self._bot.permissions.require(question.user, question.people, command.role)
        values = command.parse(ParseContext(tokenize(text), self._bot.ours, question.today), text)
        return await command.handler(self._bot, question, *values)

    def _unknown(self, question: Question) -> Reply:
        word = question.words.split(" ", 1)[0]
        near = self._bot.commands.closest(question.words)
        title: Line = ("I don't know ", Code(cut(word, 80)), ".")
        if near is None:
            return Reply(title, (_HELP,), buttons=(Button("help", "help"),), outcome="wrong")
        rest = question.words.split(" ", 1)[1] if " " in question.words else ""
        meant = (f"{near.name} {rest}" if rest else near.example) if near.parameters else near.name
        return Reply(
            title,
            (Text(("Did you mean ", Code(near.usage), "?")), _HELP),
            buttons=(Button(meant, meant),),
            outcome="wrong",
        )

    def _refusal(self, error: UserError, question: Question) -> Reply:
        """Return the reply to what can't be answered as it was asked."""
        title, buttons = coded(error.title), error.buttons
        details = [coded(line) for line in error.detail.split("\n") if line]
        if isinstance(error, DoesNotExist):
            buttons = tuple(_in_place(button, question.words) for button in buttons)
        if isinstance(error, InvalidArgument):
            title = coded(_ended(error.reason if error.argument else capital(error.reason)))
            if error.argument:
                title = (Code(cut(error.argument, 80)), ": ", *title)
            if error.example:
                example = self._runnable(error, question)
                details, buttons = [("This works: ", Code(example))], (Button(example, example),)
        return Reply(
            title,
            tuple(Text(line) for line in details),
            buttons=buttons,
            outcome=error.outcome,
            field_errors=tuple(error.errors.items()) if isinstance(error, InvalidFields) else (),
            # It may name people, so it is nobody's business but the asker's.
            is_private=isinstance(error, PermissionDenied),
        )

    def _runnable(self, wrong: InvalidArgument, question: Question) -> str:
        """Put an example that is only a part of a question where the wrong word stood."""
        if (
            self._bot.commands.by_name(wrong.example)
            or not wrong.argument
            or wrong.argument not in question.words
        ):
            return wrong.example
        return question.words.replace(wrong.argument, wrong.example, 1)


_HELP = Text((Code("help"), " lists what I can do."))


def _in_place(offer: Button, words: str) -> Button:
    """Let an offered reference stand where its bare number stood in the question."""
    bare = offer.words.rpartition(" ")[2]
    if bare not in words.split(" ") or offer.words == words:
        return offer
    meant = " ".join(offer.words if word == bare else word for word in words.split(" "))
    return replace(offer, label=meant, words=meant)


def _ended(text: str) -> str:
    return text if text.endswith(("?", "…")) else text + "."


def failed(reference: str) -> Reply:
    """Say that something went wrong; the log has the cause under the same reference."""
    return Reply(
        ("Something went wrong on my side.",),
        (Text(("Please try again; if it stays, tell whoever runs me this reference: ", Code(reference))),),
        outcome="failed",
    )


def error_reply(error: FigshareError, question: Question) -> Reply:
    """Say what happened between us and Figshare, and what to do next."""
    what, then = error_message(error)
    again = (
        ()
        if isinstance(error, NotFound | NotAllowed | BadRequest | NotADraft | OutcomeUnknown)
        or not question.words
        else (Button("Try again", question.words, question.page),)
    )
    outcome = "wrong" if isinstance(error, NotFound | BadRequest | NotADraft | OaiError) else "trouble"
    return Reply((what,), (Text((then,)),), buttons=again, outcome=outcome)  # type: ignore[arg-type]


def ages(taken: list[CacheHit], now: float) -> list[Line]:
    """Say from when the figures are, and when they are stored ones because Figshare did not answer."""
    stale = [each.at for each in taken if each.stale]
    if stale:
        at = min(stale)
        return [
            (
                "Figshare did not answer just now: this is what it said ",
                ago(now - at),
                " ago, ",
                Moment(at),
                ".",
            )
        ]
    return [("As of ", Moment(min(each.at for each in taken)), ".")]

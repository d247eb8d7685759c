"""The reply to a `UserError`: what happened, and what works in place of the question."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.bot import Bot
from bot.commands import Command, Question
from bot.interpretation.interpret import not_understood, reply_to_mine, takes_reference, title_of_period
from bot.interpretation.limits import limit_reply
from bot.interpretation.offers import MAX_OFFERS, Offer, buttons_of, lines_of, offers_after, offers_from
from bot.interpretation.period_phrases import PERIOD_SIGNS
from bot.interpretation.readings import readings_of
from bot.interpretation.suggestions import works
from bot.interpretation.vocabulary import words_of
from bot.interpretation.words import Word, is_filler
from bot.language.parameters import YEAR
from bot.language.tokens import InvalidArgument
from bot.permissions import PermissionDenied
from bot.reply import (
    Button,
    Code,
    DoesNotExist,
    InvalidFields,
    Line,
    Part,
    Reply,
    Text,
    UserError,
    code_spans,
)
from bot.text import capitalized, cut


def error_reply(bot: Bot, question: Question, error: UserError) -> Reply:
    """Return the reply to an error, with what works: read by the grammar before it is offered."""
    parts: list[Part] = [Text(code_spans(line)) for line in error.detail.split("\n") if line]
    buttons = _working_buttons(bot, question, error)
    title = code_spans(error.title)
    if isinstance(error, InvalidArgument):
        words = words_of(bot, question)
        typed = bot.commands.by_name(question.words)
        is_plain = typed is None or not (typed[0].is_guessable or typed[0].takes_text)
        if is_plain and (limit := limit_reply(bot, question)) is not None:
            return limit
        if (reply := reply_to_mine(bot, question, words)) is not None:
            return reply
        offers = offers_after(bot, question, error)
        title = title_of_period(words) or _title(error, typed, words, offers)
        parts, buttons = _working_lines(offers), buttons_of(offers)
    elif isinstance(error, DoesNotExist) and not buttons and (offers := _offers_for_year(bot, question)):
        parts += lines_of(offers, "If you mean the year: ", "Or: ")
        buttons = buttons_of(offers)
    return Reply(
        title,
        tuple(parts),
        buttons=buttons,
        outcome=error.outcome,
        field_errors=tuple(error.errors.items()) if isinstance(error, InvalidFields) else (),
        # A refusal can name people, which concerns the asker alone.
        is_private=isinstance(error, PermissionDenied),
    )


def _working_lines(offers: Sequence[Offer]) -> list[Part]:
    commands = {offer.words.split(" ")[0] for offer in offers}
    if len(offers) == 1 or len(commands) > 1 or any(offer.left_out for offer in offers):
        return [*lines_of(offers, "This works: ", "Or: ")]
    listed = [span for offer in offers for span in (" · ", Code(offer.words))]
    return [Text(("These work: ", *listed[1:]))] if offers else []


def _title(
    error: InvalidArgument, typed: tuple[Command, str] | None, words: Sequence[Word], offers: Sequence[Offer]
) -> Line:
    if slip := next((word for word in words if word.is_corrected and word.is_period), None):
        return not_understood(slip.source)
    is_known = is_filler(error.argument) or error.argument.lower() in PERIOD_SIGNS
    if is_known and error.reason.startswith("I don't understand") and offers and offers[0].left_out:
        return not_understood(" ".join(offers[0].left_out))
    needs_item = typed is None or takes_reference(typed[0])
    names_item = any(word.reference or word.text == "ours" for word in words)
    if needs_item and not names_item and is_filler(error.argument):
        # `cite this`
        return ("I don't know which item you mean.",)
    reason = error.reason if error.argument else capitalized(error.reason)
    sentence = code_spans(reason if reason.endswith(("?", "…")) else reason + ".")
    return (Code(cut(error.argument, 80)), ": ", *sentence) if error.argument else sentence


def _working_buttons(bot: Bot, question: Question, error: UserError) -> tuple[Button, ...]:
    """Return the buttons of an error that work, about something unknown with the rest of the question."""
    buttons = error.buttons
    if isinstance(error, DoesNotExist):
        buttons = tuple(_in_context(bot, question, button) for button in buttons)
    return tuple(
        button
        for button in buttons
        if not button.words or button.words == question.words or works(bot, question, button.words)
    )


def _in_context(bot: Bot, question: Question, button: Button) -> Button:
    """Return the button with the whole question, its reference in place of the number that stood there."""
    number = button.words.rpartition(" ")[2]
    if number not in question.words.split(" ") or button.words == question.words:
        return button
    words = " ".join(button.words if word == number else word for word in question.words.split(" "))
    return replace(button, label=words, words=words) if works(bot, question, words) else button


def _offers_for_year(bot: Bot, question: Question) -> list[Offer]:
    """Return what `downloads 2024` may mean when there is no item 2024."""
    words = words_of(bot, question)
    years = [word for word in words if YEAR.fullmatch(word.text)]
    if len(years) != 1 or any(word.reference for word in words):
        return []
    return [offer for offer in offers_from(readings_of(bot, question)) if not offer.left_out][:MAX_OFFERS]

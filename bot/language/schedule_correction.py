"""What a subscription with an unreadable schedule may have meant, as whole commands that run."""

from collections.abc import Callable, Iterable, Sequence

from bot.language.schedule_parser import Piece, schedule_pieces
from bot.language.schedule_parts import is_keyword, is_weekday, nearest_part
from bot.language.tokens import InvalidArgument, Token

_MAX_LINES = 4


def schedule_error(
    text: str, tokens: Sequence[Token], start: int, readable: int, can_be_read: Callable[[str], bool]
) -> InvalidArgument:
    """Return the error for a text whose tokens from `start` on are meant as a schedule and are none.

    From `readable` on they are one; before it, words may also be searched for, once they are in quotes.
    `can_be_read` says whether `subscribe` reads a text.
    """
    _, pieces = schedule_pieces(tokens[start:])
    is_search = tokens[0].text.lower() == "search"
    wrong = next((number for number, piece in enumerate(pieces) if piece.part is None), None)
    if wrong is None:
        day = tokens[start].text
        reason = "is that the day on which it comes, or a word to search for?"
        lines = [_quoted(text, tokens, start, readable), _with_day(text, tokens, start)]
        return InvalidArgument(day, reason, *_commands(reversed(lines), can_be_read))
    scheduled = _scheduled_lines(text, tokens, start, pieces, wrong)
    is_dropped = len(scheduled) == 1
    lines = [line for line in scheduled[:-1] if can_be_read(line)] or scheduled[-1:]
    if is_search and wrong < 2:
        quoted = _quoted(text, tokens, start, readable)
        # Words alone, such as `on trees`, are rather searched for than left out.
        lines = [*lines, quoted] if wrong or not is_dropped else [quoted]
    argument, reason = _named(text, tokens, start, pieces, wrong)
    commands = _commands(lines, can_be_read)
    if commands[0] == f"subscribe {scheduled[-1]}":
        reason += ", so they're left out below" if "these words" in reason else ", so it's left out below"
    if is_search:
        hint = "words in quotes are searched for"
        reason += f" {hint.capitalize()}" if reason.endswith("?") else f"; {hint}"
    return InvalidArgument(argument, reason, *commands)


def _commands(lines: Iterable[str], can_be_read: Callable[[str], bool]) -> list[str]:
    commands = dict.fromkeys(f"subscribe {line}" for line in lines if can_be_read(line))
    return list(commands)[:_MAX_LINES] or ["help subscribe"]


def _scheduled_lines(
    text: str, tokens: Sequence[Token], start: int, pieces: Sequence[Piece], wrong: int
) -> list[str]:
    """Return the text with each correction in place of the piece that is wrong, and at last with none.

    Any other such piece is left out.
    """
    piece = pieces[wrong]
    corrections = list(piece.error.examples if piece.error else ())
    if not any(corrections) and piece.end - piece.start == 1:
        corrections = [nearest_part(tokens[start + piece.start].text)]
    before, after = (
        [_source(text, tokens, start, piece) for piece in part if piece.part]
        for part in (pieces[:wrong], pieces[wrong + 1 :])
    )
    topic = text[: tokens[start].start].rstrip()
    return [
        " ".join(filter(None, (topic, *before, correction, *after)))
        for correction in (*filter(None, corrections), "")
    ]


def _named(
    text: str, tokens: Sequence[Token], start: int, pieces: Sequence[Piece], wrong: int
) -> tuple[str, str]:
    """Return the words that can't be read, and why not."""
    first = pieces[wrong]
    if first.error:
        return _source(text, tokens, start, first), first.error.reason
    last = first
    for piece in pieces[wrong:]:
        if piece.part or piece.error:
            break
        last = piece
    argument = _source(text, tokens, start, first._replace(end=last.end))
    count = last.end - first.start
    return argument, f"I don't understand {'this word' if count == 1 else 'these words'} in `subscribe`"


def _quoted(text: str, tokens: Sequence[Token], start: int, readable: int) -> str:
    """Return the text with quotes around the words that make others look like a schedule."""
    for index in range(readable - 1, start - 1, -1):
        token = tokens[index]
        if is_keyword(tokens[index : index + 2]) or (index == start and is_weekday(token)):
            text = f'{text[: token.start]}"{token.text}"{text[token.end :]}'
    return text


def _with_day(text: str, tokens: Sequence[Token], start: int) -> str:
    """Return the text with the weekday at `start` moved behind all other words, with `on` before it."""
    day = tokens[start]
    return f"{text[: day.start]}{text[day.end :].lstrip()} on {day.text}"


def _source(text: str, tokens: Sequence[Token], start: int, piece: Piece) -> str:
    return text[tokens[start + piece.start].start : tokens[start + piece.end - 1].end]

"""Finding items, collections and projects."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.errors import BadRequest
from bot.items import cards
from bot.language.search import search as read
from bot.reply import Button, Code, Line, Reply, Rows, Text

NOUNS = {"articles": "items", "collections": "collections", "projects": "projects"}


@command(
    "search <words and fields>",
    task="Find",
    examples=("search title:frog", 'search author:"Jane Doe" type:dataset since:2024'),
    depends_on_today=True,
)
async def search(bot: Bot, question: Question, text: str) -> Reply:
    """Items by words and fields; `search collections …` and `search projects …` for the other two."""
    asked = read(text, question.today)
    body, notes = dict(asked.body), list[Line]()
    if asked.ours:
        bot.need_ours("FIGSHARE_INSTITUTION", "FIGSHARE_GROUP")
        if bot.settings.figshare_institution is not None:
            body["institution"] = bot.settings.figshare_institution
        else:
            body["group"] = bot.settings.figshare_group
    # `page:3` is where the pages of the answer begin
    page, size = int(body["page"]) + question.page - 1, int(body["page_size"])
    body["page"] = page
    try:
        rows = await bot.figshare.search(asked.what, body)
    except BadRequest:
        if body["order"] == "published_date":
            raise
        notes.append((f"Figshare does not sort by {body['order']} here: sorted by date instead.",))
        body["order"] = "published_date"
        rows = await bot.figshare.search(asked.what, body)
    noun = NOUNS[asked.what]
    if len(rows) >= size:
        notes.append(("Figshare's search tells no total.",))
    if not rows:
        return _nothing(text, f"No more {noun}" if page > 1 else f"No {noun}", question.page, tuple(notes))
    first = (page - 1) * size + 1
    last = first + len(rows) - 1
    some = f"{noun.capitalize()} {first}–{last}" if last > first else f"{noun[:-1].capitalize()} {first}"
    return Reply(
        (f"{some} for ", text or "everything"),
        (
            Rows(tuple(cards.row(each) for each in rows), first=first),
            Text((asked.understood,), "Asked as"),
        ),
        footnotes=tuple(notes),
        page=question.page,
        has_next_page=len(rows) >= size,
        subscribable=f"search {text}",
    )


def _nothing(text: str, none: str, page: int, notes: tuple[Line, ...]) -> Reply:
    if page > 1:
        return Reply((f"{none} for ", text), footnotes=notes, page=page)
    return Reply(
        (f"{none} for ", text),
        (
            Text(
                (
                    "Fewer words, or a field such as ",
                    Code("title:"),
                    " or ",
                    Code("author:"),
                    ", may find more.",
                )
            ),
        ),
        footnotes=notes,
        buttons=(Button("help search", "help search"),),
        subscribable=f"search {text}",
    )

"""The card of an item."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete
from bot.items import cards
from bot.items.counts import RAW, figures, subject_with_counts
from bot.items.lookup import a_kind, newer
from bot.items.members import members
from bot.language import references
from bot.language.references import Reference
from bot.reply import Button, DoesNotExist, Reply, Text


@command(
    "item <reference>",
    task="Look at",
    examples=("item 5616445", "10.6084/m9.figshare.5616445.v2"),
    # how long an embargo is left
    depends_on_today=True,
)
async def item(bot: Bot, question: Question, asked: Reference) -> Reply:
    """What something is: type, authors, dates, licence, DOI, files, embargo, views and downloads."""
    if asked.kind in ("collection", "project"):
        return await members(bot, question, asked)
    if asked.kind in ("author", "group"):
        raise DoesNotExist(
            f"Figshare publishes no card of {a_kind(asked.kind)}.",
            "It counts for them:",
            (Button(f"stats {references.words(asked)}", f"stats {references.words(asked)}"),),
        )
    thing, found = await subject_with_counts(bot, asked, ("views", "downloads"))
    record = thing.record
    if not isinstance(record, ArticleComplete):
        return await members(bot, question, asked)
    found.pop("cites", None)
    return Reply(
        (thing.link,),
        (*cards.item(record, thing, question.today), Text((*figures(found), " · all time, all versions"))),
        footnotes=(*await newer(bot, thing), (f"{RAW}.",)),
        buttons=tuple(
            Button(
                label,
                f"{name} {thing.words}{f'.v{thing.version}' if thing.version and name in _VERSIONED else ''}",
            )
            for label, name in (
                ("Files", "files"),
                ("Versions", "versions"),
                ("Cite", "cite"),
                ("Statistics", "stats"),
            )
        ),
        subscribable=thing.words,
    )


_VERSIONED = ("files", "cite")

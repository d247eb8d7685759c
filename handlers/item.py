"""The card of an item."""

from bot.bot import Bot
from bot.commands import Question, command
from bot.figshare.models import ArticleComplete
from bot.items import cards
from bot.items.card_details import details
from bot.items.counts import RAW_COUNTS, counts_line, subject_with_counts
from bot.items.lookup import Subject, newer_version_footnote
from bot.items.members import members_reply
from bot.language import references
from bot.language.references import Reference
from bot.reply import Button, Reply, Text, UserError


@command(
    "item <reference>",
    task="Look at",
    examples=("item 5616445", "10.6084/m9.figshare.5616445.v2"),
    # The card says how long an embargo still lasts.
    depends_on_today=True,
    kinds=("article", "collection", "project"),
    words="card, licence, license, licensed, rights, title, titled, abstract, description, describe, "
    "summary, author, authors, authored, wrote, who wrote, who made, who published, who is the author, "
    "creator, creators, orcid, published, publication date, released, size, how big, embargo, "
    "embargoed, open access, keywords, tags, categories, funding, funder, funders, details, metadata, "
    "info, information, doi, what is",
    argument_words={"": "views, downloads"},
)
async def item(bot: Bot, question: Question, reference: Reference) -> Reply:
    """What something is: type, authors, dates, licence, DOI, files, embargo, views and downloads."""
    if reference.kind in ("collection", "project"):
        return await members_reply(bot, question, reference)
    if reference.kind in ("author", "group"):
        words = f"stats {references.command_words(reference)}"
        # Not DoesNotExist: the dispatcher would put its button where the number stood in the question.
        raise UserError(
            f"Figshare has no public record for {reference.kind}s, only statistics:",
            buttons=(Button(words, words),),
        )
    subject, counts = await subject_with_counts(bot, reference, ("views", "downloads"))
    article = subject.record
    if not isinstance(article, ArticleComplete):
        return await members_reply(bot, question, reference)
    # Citations may come with the views, but a card shows none.
    counts.pop("cites", None)
    more = details(article)
    return Reply(
        (subject.link,),
        (
            *cards.item_card(article, question.today),
            *(more if question.page > 1 else ()),
            Text((*counts_line(counts), " · all time, all versions")),
        ),
        footnotes=(*await newer_version_footnote(bot, subject), (f"{RAW_COUNTS}.",)),
        buttons=_buttons(subject),
        page=min(question.page, 2),
        has_next_page=question.page == 1 and bool(more),
        page_labels=("Less", "More"),
        subscribable=subject.words,
    )


def _buttons(subject: Subject) -> tuple[Button, ...]:
    # Files and citations belong to a version; the other two are about all of them.
    one_version = subject.words + (f".v{subject.version}" if subject.version else "")
    return (
        Button("Files", f"files {one_version}"),
        Button("Versions", f"versions {subject.words}"),
        Button("Cite", f"cite {one_version}"),
        Button("Statistics", f"stats {subject.words}"),
    )

"""Why the files of an item can't be seen: an embargo, a metadata record, confidentiality."""

from datetime import date

from bot.figshare.models import ArticleComplete
from bot.reply import Strong, Text
from bot.text import cut, formatted_day, parse_day, plain, plural

_MAX_REASON = 300


def access_lines(article: ArticleComplete, today: date) -> tuple[Text, ...]:
    """Return until when an item or its files are closed, and why; nothing where they are open."""
    if article.is_confidential:
        return (Text((Strong("confidential"),), "Access"),)
    if article.is_embargoed:
        # Only this flag decides: `embargo_type` is "file" for items without an embargo too.
        scope = "the whole item" if article.embargo_type == "article" else "the files"
        line = Text((Strong(f"{scope}, {_until(article.embargo_date, today)}"),), "Embargo")
        return (line, *_reason(article.embargo_title, article.embargo_reason))
    if article.is_metadata_record:
        return _reason(article.metadata_reason)
    return ()


def missing_files_lines(article: ArticleComplete, today: date) -> tuple[Text, ...]:
    """Return why an item has no files to show, and until when; nothing where Figshare gives no such fact."""
    lines = access_lines(article, today)
    if article.is_confidential or article.is_embargoed:
        heading = "No files to show"
    elif article.is_metadata_record:
        heading = "No files: this is a metadata record, without files of its own."
    else:
        return ()
    if article.is_confidential or any(line.label == "Why" for line in lines):
        return (Text((heading,)), *lines)
    return (Text((heading,)), *lines, Text(("Figshare gives no reason.",)))


def _until(embargo_date: str | None, today: date) -> str:
    end = parse_day(embargo_date)
    if end is None:
        # null is an embargo without an end.
        unreadable = cut(plain(embargo_date, 200), 60)
        return f"until a date that I can't read: {unreadable}" if unreadable else "without an end"
    if end > today:
        return f"until {formatted_day(end)}, {plural((end - today).days, 'day')} left"
    return f"until {formatted_day(end)}, which is over, but Figshare hasn't opened it yet"


def _reason(*reasons: str | None) -> tuple[Text, ...]:
    texts = dict.fromkeys(cut(plain(reason), _MAX_REASON) for reason in reasons)
    text = " · ".join(filter(None, texts))
    return (Text((text,), "Why"),) if text else ()

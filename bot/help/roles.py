"""Five questions for each of those who ask most: librarians, researchers, administrators."""

from collections.abc import Callable

from msgspec import Struct

from bot.help.topic import Row


class RoleHelp(Struct, frozen=True):
    """What a role asks: five choices of rows, of which the first that works is shown."""

    name: str
    title: str
    choices: tuple[tuple[Row, ...], ...]

    def rows(self, works: Callable[[str], bool]) -> tuple[Row, ...]:
        """Return a row of each choice, by which questions work here; the last of a choice always does."""
        return tuple(
            next((row for row in choice if works(row.question)), choice[-1]) for choice in self.choices
        )


LIBRARIAN = RoleHelp(
    "librarian",
    "For librarians: how the repository is used",
    (
        (
            Row("stats ours last month", "views, downloads and shares of the whole repository"),
            Row("stats ours", "views, downloads and shares of the whole repository"),
            Row("stats 5616445 11820345 last month", "several items in one table, with a total"),
        ),
        (
            Row("top downloads ours last month", "what was downloaded most"),
            Row("top downloads last month", "what was downloaded most on all of Figshare"),
        ),
        (
            Row("new ours", "what was published lately"),
            Row("new dataset", "what was published lately, by type"),
        ),
        (
            Row("search ours type:dataset since:2024", "what there is, by any field"),
            Row("search institution:lboro type:dataset", "what a portal has, by any field"),
        ),
        (
            Row("subscribe ours weekly", "all of it every Monday, in this channel"),
            Row("subscribe search institution:lboro weekly", "what is new there, every Monday"),
        ),
    ),
)
RESEARCHER = RoleHelp(
    "researcher",
    "For researchers: how your work is found",
    (
        (Row("10.6084/m9.figshare.5616445", "paste a DOI or URL to see what it is, with its counts"),),
        (Row("timeline 5616445", "views, downloads and shares over the last 12 months"),),
        (Row("countries 5616445 last year", "where they came from"),),
        (Row("cite 5616445 bibtex", "the citation, ready to copy"),),
        (Row("subscribe 5616445 monthly on 1", "the numbers every month, here"),),
    ),
)
ADMINISTRATOR = RoleHelp(
    "administrator",
    "For administrators: whether everything works",
    (
        (Row("status", "whether Figshare's services answer, and which version of me this is"),),
        (Row("subscriptions", "the digests of this channel: when, how the last one went, whose"),),
        (
            Row("stats ours last year", "the numbers for the annual report"),
            Row("stats 5616445 11820345 last year", "the numbers of several items for a report"),
        ),
        (Row("oai identify", "the repository as harvesters see it; `oai sets` lists its parts"),),
        (Row("help digests", "what can be subscribed, changed and stopped"),),
    ),
)
ROLES = (LIBRARIAN, RESEARCHER, ADMINISTRATOR)

"""What only a token shows at Figshare, and the fields of a draft: https://docs.figshare.com/#private_articles.

Every field of an answer may be absent or null, as in bot.figshare.models.
"""

from msgspec import UNSET, Struct, UnsetType

from bot.figshare.models import ArticleComplete, Number, RelatedMaterial


class PrivateArticle(ArticleComplete, frozen=True, kw_only=True):
    """An item as its owner sees it: https://docs.figshare.com/#private_article_details."""

    account_id: Number | None = None
    curation_status: str | None = None
    url_private_html: str | None = None

    @property
    def is_draft(self) -> bool:
        """Return whether the item has never been public.

        No single sign of that is documented, so all of them must be there.

        Recorded drafts have version 0, status "draft" (2018, 2025) or "private" (2021, 2025), is_public false
        and no published_date; recorded public items version 1 and up, status "public", true and a date.
        """
        return (
            self.version == 0
            and self.is_public is False
            and self.status in ("draft", "private")
            and not self.published_date
        )


class PrivateLink(Struct, frozen=True, kw_only=True):
    """A link that opens a draft for everybody who has it."""

    html_location: str | None = None
    expires_date: str | None = None
    is_active: bool | None = None


class Institution(Struct, frozen=True, kw_only=True):
    """An institution: the number by which items are searched for, and its name."""

    id: Number
    name: str | None = None


class Group(Struct, frozen=True, kw_only=True):
    """A group of an institution; `upload_access` is "All Users", "Admin Only" or "None"."""

    id: Number
    name: str | None = None
    parent_id: Number | None = None
    upload_access: str | None = None


class ShortAccount(Struct, frozen=True, kw_only=True):
    """An account: `id` to act for it, `user_id` to name it as an author; `active` is 1 or 0."""

    id: Number
    user_id: Number | None = None
    email: str | None = None
    active: Number | None = None
    first_name: str | None = None
    last_name: str | None = None


class DraftAuthor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An author to write into a draft: a Figshare user by `id` alone, or anybody by name."""

    id: int | None = None
    name: str | None = None
    orcid_id: str | None = None


class DraftGrant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grant to write into a draft: one that Figshare knows by `id`, or else a `title`."""

    id: int | None = None
    title: str | None = None


class DraftFields(Struct, frozen=True, kw_only=True):
    """The fields of a new draft, or those that change in one; a field that is unset is not sent.

    `description` is HTML, `defined_type` a name ("dataset"), `license` and `categories` are ids;
    `related_materials` replaces `references`: https://docs.figshare.com/#private_article_create.
    """

    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    defined_type: str | UnsetType = UNSET
    authors: list[DraftAuthor] | UnsetType = UNSET
    categories: list[int] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    license: int | UnsetType = UNSET
    references: list[str] | UnsetType = UNSET
    related_materials: list[RelatedMaterial] | UnsetType = UNSET
    funding_list: list[DraftGrant] | UnsetType = UNSET
    group_id: int | UnsetType = UNSET

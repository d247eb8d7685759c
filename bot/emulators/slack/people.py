"""Who is in the emulated workspace, and where they talk."""

from dataclasses import dataclass, field
from typing import Literal

TEAM_ID, TEAM_DOMAIN, TEAM_NAME = "T0PLAYGROUND", "playground", "Playground"
PARTNER_TEAM_ID = "T0PARTNER"
APP_ID, BOT_ID, BOT_USER_ID, BOT_NAME = "A0FIGSHARE", "B0FIGSHARE", "U0FIGSHARE", "figshare"
MAYA, JONAS, GUEST, STRANGER = "U0MAYA", "U0JONAS", "U0GUEST", "U0NOOR"
RESEARCH, LIBRARY = "C0RESEARCH", "C0LIBRARY"

ConversationKind = Literal["channel", "group", "im", "mpim"]


@dataclass
class WorkspaceUser:
    id: str
    name: str
    real_name: str
    title: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_restricted: bool = False
    deleted: bool = False
    team_id: str = TEAM_ID
    enterprise_id: str | None = None

    @property
    def is_stranger(self) -> bool:
        """Return whether the person belongs to another workspace; the word is Slack's."""
        return self.team_id != TEAM_ID

    def profile(self, with_email: bool = True) -> dict[str, object]:
        """Return the person as `users.info` does: https://docs.slack.dev/reference/objects/user-object."""
        profile = {"real_name": self.real_name, "display_name": self.name, "title": self.title}
        user: dict[str, object] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.id == BOT_USER_ID,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_app_user": False,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": 0,
            "locale": "en-GB",
            "updated": 1700000000,
            "profile": profile,
        }
        if self.enterprise_id:
            # https://docs.slack.dev/reference/objects/user-object: the field is of Enterprise Grid alone.
            user["enterprise_user"] = {"enterprise_id": self.enterprise_id, "teams": [self.team_id]}
        elif self.is_stranger:
            # In Slack Connect another workspace's people come without their address.
            return user | {"is_stranger": True}
        if with_email:
            profile["email"] = f"{self.name}@playground.example"
        return user


@dataclass
class Conversation:
    """A channel, a group message or a direct message: what `conversations.*` is about."""

    id: str
    name: str
    kind: ConversationKind = "channel"
    members: set[str] = field(default_factory=set)
    is_ext_shared: bool = False
    is_archived: bool = False
    topic: str = ""

    @property
    def has_bot(self) -> bool:
        return BOT_USER_ID in self.members

    @property
    def name_in_payloads(self) -> str:
        return {"im": "directmessage", "group": "privategroup"}.get(self.kind, self.name)


def sample_users() -> dict[str, WorkspaceUser]:
    """Return the people of a new workspace; tests add their own."""
    users = [
        WorkspaceUser(MAYA, "maya", "Maya Okafor", "Librarian, workspace admin", is_admin=True),
        WorkspaceUser(JONAS, "jonas", "Jonas Weber", "Researcher", tz="Europe/Berlin"),
        WorkspaceUser(GUEST, "sam", "Sam Rivera", "Guest", tz="America/New_York", is_restricted=True),
        WorkspaceUser(STRANGER, "noor", "Noor Haddad", "From another workspace", team_id=PARTNER_TEAM_ID),
        WorkspaceUser(BOT_USER_ID, BOT_NAME, "Figshare", "App", tz="Etc/UTC"),
    ]
    return {user.id: user for user in users}


def sample_conversations() -> dict[str, Conversation]:
    """Return two channels, and one direct message with the bot for each person of the workspace."""
    everyone = {MAYA, JONAS, GUEST, STRANGER, BOT_USER_ID}
    conversations = [
        Conversation(
            RESEARCH, "research-data", members=everyone, is_ext_shared=True, topic="Data, papers, numbers"
        ),
        Conversation(
            LIBRARY, "library-team", members={MAYA, JONAS, BOT_USER_ID}, topic="The repository desk"
        ),
    ]
    conversations += [direct_message(user) for user in (MAYA, JONAS, GUEST)]
    return {conversation.id: conversation for conversation in conversations}


def direct_message(user: str) -> Conversation:
    """Return the conversation between the bot and one person."""
    return Conversation(f"D{user[1:]}", "figshare", kind="im", members={user, BOT_USER_ID})

"""Who is in the stand-in workspace, and where they talk."""

from dataclasses import dataclass, field
from typing import Literal

TEAM_ID, TEAM_DOMAIN, TEAM_NAME = "T0PLAYGROUND", "playground", "Playground"
PARTNER_TEAM_ID = "T0PARTNER"
APP_ID, BOT_ID, BOT_USER_ID, BOT_NAME = "A0FIGSHARE", "B0FIGSHARE", "U0FIGSHARE", "figshare"
MAYA, JONAS, GUEST, STRANGER = "U0MAYA", "U0JONAS", "U0GUEST", "U0NOOR"
RESEARCH, LIBRARY = "C0RESEARCH", "C0LIBRARY"

ChannelKind = Literal["channel", "group", "im", "mpim"]


@dataclass
class Person:
    id: str
    name: str
    real_name: str
    title: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_restricted: bool = False
    deleted: bool = False
    team_id: str = TEAM_ID

    @property
    def is_stranger(self) -> bool:
        return self.team_id != TEAM_ID

    def profile(self) -> dict[str, object]:
        """Shape the person as `users.info` does: https://docs.slack.dev/reference/objects/user-object."""
        shown = {"real_name": self.real_name, "display_name": self.name, "title": self.title}
        person: dict[str, object] = {
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
            "profile": shown,
        }
        if self.is_stranger:
            # Slack Connect: another workspace's people come without their address
            return person | {"is_stranger": True}
        shown["email"] = f"{self.name}@playground.example"
        return person


@dataclass
class Channel:
    id: str
    name: str
    kind: ChannelKind = "channel"
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

    def profile(self) -> dict[str, object]:
        """Shape the channel as `conversations.info` does."""
        shape: dict[str, object] = {
            "id": self.id,
            "created": 1700000000,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_org_shared": False,
        }
        if self.kind == "im":
            return shape | {"user": next(iter(self.members - {BOT_USER_ID}), BOT_USER_ID), "is_open": True}
        return shape | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_member": self.has_bot,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


def cast() -> dict[str, Person]:
    """Name the people everybody meets first; tests add their own."""
    people = [
        Person(MAYA, "maya", "Maya Okafor", "Librarian, workspace admin", is_admin=True),
        Person(JONAS, "jonas", "Jonas Weber", "Researcher", tz="Europe/Berlin"),
        Person(GUEST, "sam", "Sam Rivera", "Guest", tz="America/New_York", is_restricted=True),
        Person(STRANGER, "noor", "Noor Haddad", "From another workspace", team_id=PARTNER_TEAM_ID),
        Person(BOT_USER_ID, BOT_NAME, "Figshare", "App", tz="Etc/UTC"),
    ]
    return {person.id: person for person in people}


def rooms() -> dict[str, Channel]:
    """Open the two channels, and one direct message with the bot for each person of the workspace."""
    everyone = {MAYA, JONAS, GUEST, STRANGER, BOT_USER_ID}
    channels = [
        Channel(
            RESEARCH, "research-data", members=everyone, is_ext_shared=True, topic="Data, papers, numbers"
        ),
        Channel(LIBRARY, "library-team", members={MAYA, JONAS, BOT_USER_ID}, topic="The repository desk"),
    ]
    channels += [direct_message(person) for person in (MAYA, JONAS, GUEST)]
    return {channel.id: channel for channel in channels}


def direct_message(user: str) -> Channel:
    return Channel(f"D{user[1:]}", "figshare", kind="im", members={user, BOT_USER_ID})

"""Who has an account at the stand-in Figshare, and what a token opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from .paging import Refusal

SERVICE_TOKEN, ADMIN_TOKEN = "sample-service-token", "sample-admin-token"


@dataclass(frozen=True)
class Holder:
    """Somebody with an account; an administrator may act for everybody of the same institution."""

    id: int
    user_id: int
    first_name: str
    last_name: str
    email: str
    institution: int | None = None
    is_admin: bool = False
    active: int = 1
    token: str = ""
    # items of the catalogue that this account has made public
    public: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def short(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "email": self.email,
            "active": self.active,
            "institution_id": self.institution or 0,
            "institution_user_id": "",
            "quota": 21_474_836_480,
            "used_quota": 539_490,
            "user_id": self.user_id,
            "orcid_id": "",
            "symplectic_user_id": "",
        }

    def whole(self) -> dict[str, Any]:
        since = {"created_date": "2024-02-01T15:11:01Z", "modified_date": "2024-11-20T14:13:04Z"}
        used = {"used_quota_private": 539_490, "used_quota_public": 0, "pending_quota_request": False}
        return since | {"group_id": 0, "maximum_file_size": 21_474_836_480} | used | self.short()


def holders() -> list[Holder]:
    """Name the two that have tokens, and the people one of them may act for."""
    return [
        Holder(2_986_795, 11_606_563, "Research", "Data Service", "service@playground.example",
               token=SERVICE_TOKEN, public=(9_784_012, 5_616_445)),
        Holder(3_100_001, 11_700_001, "Irma", "Stead", "irma@playground.example",
               institution=2, is_admin=True, token=ADMIN_TOKEN, public=(10_158_001,)),
        # Maya of the stand-in Slack
        Holder(3_100_002, 11_700_002, "Maya", "Okafor", "maya@playground.example",
               institution=2, public=(12_345_678,)),
        Holder(3_100_003, 11_700_003, "Maya", "Okafor-Lund", "amaya@playground.example", institution=2),
        Holder(3_100_004, 11_700_004, "Ivo", "Gone", "ivo@playground.example", institution=2, active=0),
    ]  # fmt: skip


def owner(request: Request, told: dict[str, Any]) -> Holder:
    """Tell whom a request acts for, by its token and by `impersonate` where Figshare reads it."""
    asker = asking(request)
    # of the query string, or of the body: https://docs.figshare.com/#impersonation
    where = request.query_params if request.method in {"GET", "DELETE"} else told
    wanted = where.get("impersonate")
    if wanted is None:
        return asker
    for other in request.app.state.holders:
        if asker.is_admin and str(other.id) == str(wanted) and other.institution == asker.institution:
            return other  # type: ignore[no-any-return]
    raise forbidden("You are not allowed to impersonate this account")


def asking(request: Request) -> Holder:
    """Tell whose token came with a request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "token" or not token:
        raise Refusal(403, {"message": "Missing OAuth token", "code": "OAuthMissingToken"})
    holder: Holder | None = request.app.state.tokens.get(token)
    if holder is None or not holder.active:
        # the status is reported, the body is not recorded
        raise Refusal(403, {"message": "Invalid OAuth token", "code": "OAuthInvalidToken"})
    return holder


def administrator(request: Request) -> Holder:
    """Tell whose token came with a request that only administrators may make."""
    holder = asking(request)
    if not holder.is_admin:
        raise forbidden("You are not an administrator of an institution")
    return holder


def forbidden(message: str) -> Refusal:
    return Refusal(403, {"message": message, "code": "Forbidden"})

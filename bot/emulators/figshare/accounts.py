"""Who has an account at the emulated Figshare, and what a token gives access to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from .responses import ErrorResponse

SERVICE_TOKEN, ADMIN_TOKEN = "sample-service-token", "sample-admin-token"
NORTHBRIDGE_TOKEN = "sample-northbridge-token"


@dataclass(frozen=True)
class AccountHolder:
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

    def summary(self) -> dict[str, Any]:
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

    def detail(self) -> dict[str, Any]:
        dates = {"created_date": "2024-02-01T15:11:01Z", "modified_date": "2024-11-20T14:13:04Z"}
        quota = {"used_quota_private": 539_490, "used_quota_public": 0, "pending_quota_request": False}
        return dates | {"group_id": 0, "maximum_file_size": 21_474_836_480} | quota | self.summary()


def sample_holders() -> list[AccountHolder]:
    """Return the accounts that have tokens, and the people that administrators may act for."""
    return [
        AccountHolder(2_986_795, 11_606_563, "Research", "Data Service", "service@playground.example",
            token=SERVICE_TOKEN, public=(9_784_012, 5_616_445)),
        AccountHolder(3_100_001, 11_700_001, "Irma", "Stead", "irma@playground.example",
            institution=2, is_admin=True, token=ADMIN_TOKEN, public=(10_158_001,)),
        # Maya of the emulated Slack
        AccountHolder(3_100_002, 11_700_002, "Maya", "Okafor", "maya@playground.example",
            institution=2, public=(12_345_678,)),
        AccountHolder(3_100_003, 11_700_003, "Maya", "Okafor-Lund", "amaya@playground.example",
            institution=2),
        AccountHolder(3_100_004, 11_700_004, "Ivo", "Gone", "ivo@playground.example",
            institution=2, active=0),
        AccountHolder(3_200_001, 11_800_001, "Research", "Data Service", "rds@playground.example",
            institution=4100, is_admin=True, token=NORTHBRIDGE_TOKEN, public=(71_000_102, 71_014_495)),
    ]  # fmt: skip


def acting_holder(request: Request, body: dict[str, Any]) -> AccountHolder:
    """Return the account that a request acts for, by its token and by `impersonate`."""
    holder = token_holder(request)
    # Of the query string, or of the body: https://docs.figshare.com/#impersonation
    parameters = request.query_params if request.method in {"GET", "DELETE"} else body
    wanted = parameters.get("impersonate")
    if wanted is None:
        return holder
    for other in request.app.state.holders:
        if holder.is_admin and str(other.id) == str(wanted) and other.institution == holder.institution:
            return other  # type: ignore[no-any-return]
    raise ErrorResponse.forbidden("You are not allowed to impersonate this account")


def token_holder(request: Request) -> AccountHolder:
    """Return the account whose token came with a request."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind != "token" or not token:
        raise ErrorResponse(403, {"message": "Missing OAuth token", "code": "OAuthMissingToken"})
    holder: AccountHolder | None = request.app.state.tokens.get(token)
    if holder is None or not holder.active:
        # The status is reported, the body is not recorded.
        raise ErrorResponse(403, {"message": "Invalid OAuth token", "code": "OAuthInvalidToken"})
    return holder


def administrator(request: Request) -> AccountHolder:
    """Return the account whose token came with a request that only administrators may make."""
    holder = token_holder(request)
    if not holder.is_admin:
        raise ErrorResponse.forbidden("You are not an administrator of an institution")
    return holder

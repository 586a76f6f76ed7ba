"""SCIM 2.0 (RFC 7643, 7644) for the accounts of one organisation: users, and its roles as groups.

What is served: create, read, replace, patch, delete (which closes) and list of users with the filter `userName eq`;
groups are the roles that the token names, and their members are given and taken. What is not: bulk, sorting, other
filters, passwords, new groups. Answers to what may not be are those of RFC 7644, 3.12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from braid.language.printable import can_be_kept
from braid.trust.roles import ROLES
from braid.web.account_lists.organisations import (
    Account,
    Keeper,
    NotKept,
    find_account,
    find_keeper,
    keep,
    list_accounts,
    record_not_kept,
)

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TYPE = "application/scim+json"
MOST_AT_ONCE = 200
MOST_OPERATIONS = 100
FILTER = re.compile(r'\s*userName\s+eq\s+("(?:[^"\\]|\\.)*")\s*', re.IGNORECASE)
MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([0-9]{1,18})"\s*\]', re.IGNORECASE)
Body = Mapping[str, Any]
Answering = Callable[..., HttpResponse]


def by_organisation(view: Answering) -> Answering:
    """Let the organisation of a token in force ask; answer what it may not as the standard says."""

    @csrf_exempt
    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        keeper = find_keeper(token.strip()) if scheme.lower() == "bearer" else None
        try:
            if keeper is None:
                raise NotKept(401, "Send the token of your organisation as Authorization: Bearer")
            with transaction.atomic():  # what is refused half way is not done at all
                return view(request, keeper, *args, **kwargs)
        except NotKept as refused:
            if keeper is not None and refused.status in (403, 404):
                record_not_kept(keeper)
            return _error(refused)

    return asked


@require_http_methods(["GET"])
@by_organisation
def scim_config(_request: HttpRequest, _keeper: Keeper) -> HttpResponse:
    """Say what is served (RFC 7643, 5)."""
    no = {"supported": False}
    said = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_AT_ONCE},
        "changePassword": no,
        "sort": no,
        "etag": no,
        "authenticationSchemes": [
            {"type": "oauthbearertoken", "name": "Bearer token", "description": "A token of one organisation"}
        ],
    }
    return _say(said)


@require_http_methods(["GET", "POST"])
@by_organisation
def scim_users(request: HttpRequest, keeper: Keeper) -> HttpResponse:
    """List the organisation's accounts, or add one."""
    if request.method == "POST":
        return _say(_user(keep(keeper, _account(_read(request), None))), 201)
    wanted = request.GET.get("filter")
    found = FILTER.fullmatch(wanted) if wanted is not None else None
    if wanted is not None and found is None:
        raise NotKept(400, "The one filter is userName eq, with the name in quotes", "invalidFilter")
    name = _unquote(found[1]) if found else None
    return _say(_page(request, [_user(one) for one in list_accounts(keeper, name)]))


@require_http_methods(["GET", "PUT", "PATCH", "DELETE"])
@by_organisation
def scim_user(request: HttpRequest, keeper: Keeper, account_id: int) -> HttpResponse:
    """Read, replace, patch or close an account."""
    account = find_account(keeper, account_id)
    if request.method == "DELETE":
        keep(keeper, replace(account, is_active=False))
        return HttpResponse(status=204)
    if request.method == "PUT":
        account = keep(keeper, _account(_read(request), account))
    elif request.method == "PATCH":
        account = keep(keeper, _patched(account, _operations(_read(request))))
    return _say(_user(account))


@require_http_methods(["GET"])
@by_organisation
def scim_groups(request: HttpRequest, keeper: Keeper) -> HttpResponse:
    """List the roles that the organisation may give, with whom it gave each."""
    accounts = list_accounts(keeper)
    return _say(_page(request, [_group(role, accounts) for role in keeper.roles]))


@require_http_methods(["GET", "PATCH"])
@by_organisation
def scim_group(request: HttpRequest, keeper: Keeper, group_id: str) -> HttpResponse:
    """Read a role, or give it to accounts and take it from them. One role an account: the last given stays."""
    if group_id not in keeper.roles:
        raise NotKept(404, "This organisation may not give such a role")
    if request.method == "PATCH":
        for operation in _operations(_read(request)):
            _change_members(keeper, group_id, operation)
    return _say(_group(group_id, list_accounts(keeper)))


def _change_members(keeper: Keeper, role: str, operation: Body) -> None:
    what, path = str(operation.get("op", "")).lower(), str(operation.get("path", "members"))
    one = MEMBER.fullmatch(path)
    ids = [one[1]] if one else _member_ids(operation.get("value"))
    if (not one and path.lower() != "members") or what not in ("add", "remove", "replace"):
        raise NotKept(400, "Members are added, removed or replaced", "invalidPath")
    accounts = [find_account(keeper, int(each)) for each in ids]
    if what == "replace" or (what == "remove" and not ids):
        kept = {account.id for account in accounts}
        for account in list_accounts(keeper):
            if account.role == role and account.id not in kept:
                keep(keeper, replace(account, role=""))
    for account in accounts:
        if what == "remove" and account.role == role:
            keep(keeper, replace(account, role=""))
        elif what != "remove" and account.role != role:
            keep(keeper, replace(account, role=role))


def _member_ids(value: Any) -> list[str]:
    members = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    ids = [str(one.get("value", "")) for one in members if isinstance(one, dict)]
    if len(ids) > MOST_AT_ONCE or not all(re.fullmatch(r"[0-9]{1,18}", one) for one in ids):
        raise NotKept(400, "A member's value is the id of an account", "invalidValue")
    return ids


def _read(request: HttpRequest) -> Body:
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise NotKept(400, "The body is no JSON", "invalidSyntax") from None
    if not isinstance(found, dict):
        raise NotKept(400, "The body is no JSON object", "invalidSyntax")
    if not _can_all_be_kept(found):
        raise NotKept(400, "A text holds a character that cannot be kept", "invalidValue")
    return found


def _can_all_be_kept(found: object) -> bool:
    """Whether every text of a document can be written into a database."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and not can_be_kept(value):
            return False
    return True


def _names(body: Body, schema: str) -> bool:
    schemas = body.get("schemas")
    return isinstance(schemas, list) and schema in schemas


def _account(body: Body, before: Account | None) -> Account:
    """Return the account that a whole resource tells; its role stays, since groups give it."""
    if not _names(body, USER):
        raise NotKept(400, "schemas names the schema of a user", "invalidSyntax")
    return Account(
        before.id if before else None,
        _text(body, "userName"),
        _shown(body),
        before.role if before else "",
        _mail(body.get("emails")),
        _text(body, "externalId", ""),
        _flag(body.get("active", True)),
    )


def _patched(account: Account, operations: list[Body]) -> Account:
    for operation in operations:
        what, path, value = str(operation.get("op", "")).lower(), operation.get("path"), operation.get("value")
        if what not in ("add", "replace"):
            raise NotKept(400, "Of an account values are added or replaced", "invalidPath")
        changes = value if path is None and isinstance(value, dict) else {str(path): value}
        for name, said in changes.items():
            account = _set(account, name, said)
    return account


def _set(account: Account, name: str, value: Any) -> Account:
    known = name.lower()
    if known == "active":
        return replace(account, is_active=_flag(value))
    if known == "username":
        return replace(account, user_name=_text({"userName": value}, "userName"))
    if known in ("displayname", "name.formatted"):
        return replace(account, display_name=_text({name: value}, name))
    if known == "externalid":
        return replace(account, subject=_text({"externalId": value}, "externalId", ""))
    if known == "emails":
        return replace(account, email=_mail(value))
    raise NotKept(400, "active, userName, displayName, externalId and emails can be patched", "invalidPath")


def _operations(body: Body) -> list[Body]:
    found = body.get("Operations")
    if not _names(body, PATCH) or not isinstance(found, list) or len(found) > MOST_OPERATIONS:
        raise NotKept(400, f"A patch has schemas and up to {MOST_OPERATIONS} Operations", "invalidSyntax")
    if not all(isinstance(one, dict) for one in found):
        raise NotKept(400, "Each operation is an object", "invalidSyntax")
    return found


def _text(body: Body, name: str, otherwise: str | None = None) -> str:
    value = body.get(name, otherwise)
    if value is None and otherwise is not None:
        return otherwise
    if not isinstance(value, str):
        raise NotKept(400, f"{name} is a text", "invalidValue")
    return value.strip()


def _shown(body: Body) -> str:
    name = body.get("name") if isinstance(body.get("name"), dict) else {}
    parts = (_text(name, one, "") for one in ("givenName", "familyName"))
    whole = _text(name, "formatted", "") or " ".join(filter(None, parts))
    return _text(body, "displayName", "") or whole or _text(body, "userName")


def _mail(emails: Any) -> str:
    listed = [one for one in emails if isinstance(one, dict)] if isinstance(emails, list) else []
    first = next((one for one in listed if one.get("primary") is True), listed[0] if listed else {})
    return _text(first, "value", "")


def _flag(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):  # as some providers send it
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise NotKept(400, "active is true or false", "invalidValue")
    return value


def _unquote(text: str) -> str:
    try:
        found = str(json.loads(text))
    except ValueError:
        found = "\0"
    if not can_be_kept(found):
        raise NotKept(400, "The name of the filter is not a text in quotes", "invalidFilter")
    return found


def _user(account: Account) -> dict[str, Any]:
    said: dict[str, Any] = {
        "schemas": [USER],
        "id": str(account.id),
        "userName": account.user_name,
        "displayName": account.display_name,
        "active": account.is_active,
        "groups": [{"value": account.role, "display": ROLES[account.role].name}] if account.role else [],
        "meta": {"resourceType": "User", "location": f"/scim/v2/Users/{account.id}"},
    }
    if account.subject:
        said["externalId"] = account.subject
    if account.email:
        said["emails"] = [{"value": account.email, "primary": True}]
    return said


def _group(role: str, accounts: list[Account]) -> dict[str, Any]:
    members = [{"value": str(one.id), "display": one.display_name} for one in accounts if one.role == role]
    return {
        "schemas": [GROUP],
        "id": role,
        "displayName": ROLES[role].name,
        "members": members,
        "meta": {"resourceType": "Group", "location": f"/scim/v2/Groups/{role}"},
    }


def _page(request: HttpRequest, resources: list[dict[str, Any]]) -> dict[str, Any]:
    start = max(1, _number(request.GET.get("startIndex"), 1))
    count = min(MOST_AT_ONCE, max(0, _number(request.GET.get("count"), MOST_AT_ONCE)))
    shown = resources[start - 1 : start - 1 + count]
    head = {"schemas": [LIST], "totalResults": len(resources), "startIndex": start, "itemsPerPage": len(shown)}
    return {**head, "Resources": shown}


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise NotKept(400, "startIndex and count are whole numbers", "invalidValue")
    return int(text)


def _say(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=TYPE)


def _error(refused: NotKept) -> HttpResponse:
    said = {"schemas": [ERROR], "status": str(refused.status), "detail": refused.words}
    if refused.kind:
        said["scimType"] = refused.kind
    return _say(said, refused.status)

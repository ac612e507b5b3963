"""What people and programs may at the pages and the API: three roles, each of which may what those before it may."""

from typing import Literal, get_args

Role = Literal["operator", "supervisor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


def at_least(role: Role, least: Role) -> bool:
    """Whether `role` may what `least` may."""
    return ROLES.index(role) >= ROLES.index(least)

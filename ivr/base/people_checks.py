"""What must hold in config.yaml between those who log in: one login is one person."""

from collections.abc import Iterator

from ivr.base.config import Config

Found = tuple[tuple[str | int, ...], str, str, str]      # path, message, remedy, code
ADMIN = "admin"


def people_faults(config: Config) -> Iterator[Found]:
    """Logins that two would have. An account of the same name is that person's own phone."""
    for name in config.web.people:
        path = ("web", "people", name)
        if name == ADMIN:
            yield path, f"{name} is the login of the administrator", "choose another name", "person-is-admin"
        elif name in config.operators:
            yield (path, f"{name} is also an operator", f"write the role to the operator: operators: {name}: "
                   "{role: supervisor}", "person-is-operator")

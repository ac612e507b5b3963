"""/api/configured: what config.yaml says of queues, operators and trunks, as the service read it at its start."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk.problems import problems
from desk.state import Desk
from desk.who import DeskOf, Supervisor
from ivr.base.config import OperatorConfig, QueueConfig
from ivr.base.config_section import documented
from ivr.base.config_sip import TrunkConfig
from ivr.base.queue_checks import everybody

SECRETS = ("password_file", "password_env")     # where they lie is nobody's business at a screen

router = APIRouter(prefix="/api/configured", tags=["operation"])


class Setting(BaseModel):
    """A key with its value, as text, and what it does."""

    key: str
    value: str
    own: Annotated[bool, Field(description="Whether config.yaml says so; else it is the default")]
    about: str


class ConfiguredQueue(BaseModel):
    """A queue, its settings in the order of the documentation."""

    name: str
    operators: list[str]
    tiers: Annotated[list[list[str]], Field(description="Who helps out later")]
    settings: list[Setting]


class ConfiguredOperator(BaseModel):
    """An operator."""

    name: str
    display_name: str
    languages: list[str]
    skills: dict[str, int]
    queues: list[str]
    settings: list[Setting]


class ConfiguredTrunk(BaseModel):
    """A trunk."""

    name: str
    settings: list[Setting]


class Configured(BaseModel):
    """All of them. A change of config.yaml counts from the next start on."""

    queues: list[ConfiguredQueue]
    operators: list[ConfiguredOperator]
    trunks: list[ConfiguredTrunk]
    break_reasons: list[str]


@router.get("", summary="What config.yaml says of queues, operators and trunks", responses=problems(401, 403))
async def configured(desk: DeskOf, who: Supervisor) -> Configured:
    config = desk.config
    return Configured(
        queues=[ConfiguredQueue(
            name=name, operators=list(queue.operators), tiers=[list(tier.operators) for tier in queue.tiers],
            settings=_settings(queue, QueueConfig, ("title", "operators", "tiers")))
            for name, queue in config.queues.items()],
        operators=[ConfiguredOperator(
            name=name, display_name=one.display_name or name, languages=list(one.languages), skills=dict(one.skills),
            queues=_queues(desk, name),
            settings=_settings(one, OperatorConfig, ("display_name", "languages", "skills", *PASSWORDS)))
            for name, one in config.operators.items()],
        trunks=[ConfiguredTrunk(name=trunk.name, settings=_settings(trunk, TrunkConfig, ("name",)))
                for trunk in config.trunks],
        break_reasons=list(config.break_reasons))


PASSWORDS = ("phone_password_file", "phone_password_env", "web_password_file", "web_password_env")


def _queues(desk: Desk, operator: str) -> list[str]:
    return [name for name, queue in desk.config.queues.items() if operator in everybody(queue)]


def _settings(section: BaseModel, shape: type[BaseModel], without: tuple[str, ...]) -> list[Setting]:
    return [Setting(key=name, value=_said(getattr(section, name)), own=name in section.model_fields_set,
                    about=(documented(shape)[name].description or "").replace("\n", " "))
            for name in shape.model_fields if name not in without and name not in SECRETS]


def _said(value: Any) -> str:
    """As somebody would write it into the file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields if name not in SECRETS}
        return ", ".join(f"{name}: {_said(one)}" for name, one in given.items() if one not in (None, (), {}, ""))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_said(one) for one in value)
    return str(value)

"""The engines that the configuration names, for work that pages ask for."""

from ivr.base.config import Config
from ivr.drivers.prompt_engines import Engine, parse_engine


def engines_of(config: Config) -> dict[str, Engine]:
    """By language. Raises AdminError."""
    return {language: parse_engine(text) for language, text in config.prompts.engines.items()}

"""The database's URL with its password, from where the configuration keeps it."""

import os
from pathlib import Path

from sqlalchemy.engine import make_url

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place


def database_url(config: Config) -> str:
    """For SQLAlchemy. Raises AdminError if the password's file or variable is not there."""
    settings = config.database
    url = make_url(str(settings.url))
    if settings.password_file is not None:
        try:
            password = Path(settings.password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise AdminError([Fault(Place(str(settings.password_file)), f"can't be read: {error.strerror}")]) from None
        url = url.set(password=password)
    elif settings.password_env is not None:
        password = os.environ.get(settings.password_env, "")
        if not password:
            raise AdminError([Fault(Place("database.password_env"), f"the variable {settings.password_env} is empty")])
        url = url.set(password=password)
    return url.render_as_string(hide_password=False)

"""`hotline prompts`: the sounds that callers hear, rendered, looked over, brought in from elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.progress import counted
from ivr.cli.prompts_audit import audit_command
from ivr.cli.prompts_build import build_command
from ivr.cli.prompts_import import import_command

prompts = typer.Typer(no_args_is_help=True, help="The sounds that callers hear: `build`, `audit`, `import`, `keep`.")
prompts.command("build", help="Render the prompts that are missing or whose text has changed.")(build_command)
prompts.command("audit", help="What is missing, unused, broken, badly recorded, or says an older text.")(audit_command)
prompts.command("import", help="Take a folder of recordings: match them by name, even and trim them.")(import_command)


@prompts.command("keep", help="Write down that these files say the texts which the menus have now: no build overwrites "
                              "them, and a later change of their text is noticed.")
def keep_command(
    clips: Annotated[list[str], typer.Argument(metavar="CLIP...", help="As they lie in the folder of prompts: "
                                                                       "en/welcome.wav.")],
    config: ConfigOption = CONFIG,
) -> None:
    from ivr.drivers.config_file import load_config
    from ivr.drivers.prompt_import import keep
    from ivr.service.loading import load_needed

    loaded = load_config(config)
    keep(clips, Path(loaded.prompts.folder), load_needed(loaded))
    typer.echo(f"{counted(len(clips), 'clip')} listed as recorded")

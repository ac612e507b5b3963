"""`hotline menu`: what can be asked of menus and done with them; each subcommand stands in a file of its kind."""

import typer

from ivr.cli import menu_export, menu_graph, menu_schema, menu_surveys, menu_versions

menu = typer.Typer(no_args_is_help=True, help="Menus: which versions calls get, what changed; as a picture; as tests.")
menu.command("status", help="Which version each line gives to new calls, trials, and what is wrong with a change.")(
    menu_versions.status_command)
menu.command("history", help="The versions that calls were given, the newest first; of one file or all.")(
    menu_versions.history_command)
menu.command("diff", help="What changed: between two versions; between one and the file as it is; without any, in the "
                          "files since the newest versions.")(menu_versions.diff_command)
menu.command("rollback", help="Write an earlier version into its file; the running service takes it up by itself.")(
    menu_versions.rollback_command)
menu.command("graph", help="Draw a menu as a Mermaid flowchart, or as a picture (--svg).")(menu_graph.graph_command)
menu.command("schema", help="The JSON Schema of menu files, by which editors complete them.")(
    menu_schema.schema_command)
menu.command("export", help="Make a dialogue test of a recorded call; numbers and secrets are left out.")(
    menu_export.export_command)
menu.command("surveys", help="What callers answered to the surveys of menus.")(menu_surveys.surveys_command)

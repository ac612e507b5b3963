"""`hotline menu`: draws a menu, and turns a recorded call into a dialogue test."""

import typer

from ivr.cli import menu_export, menu_graph

menu = typer.Typer(no_args_is_help=True, help="Menus: `graph` draws one, `export` makes a dialogue test of a call.")
menu.command("graph", help="Draw a menu as a Mermaid flowchart, or as a picture (--svg).")(menu_graph.graph_command)
menu.command("export", help="Make a dialogue test of a recorded call; numbers and secrets are left out.")(
    menu_export.export_command)

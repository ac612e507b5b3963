"""Codes of what administrators' pages are told when they bring sounds, days of hours or an announcement."""

from ivr.base.findings.code import error

CODES = {
    "changed-meanwhile": error("Somebody changed the file since the page read it.",
                               "Look at it again, and decide anew."),
    "file-held": error("Somebody else is writing files in that folder, and does not come to an end.",
                       "Try again; `hotline menu rollback` may be waiting for the disk."),
    "hours-by-hand": error("The file of hours is written in a way that a form can't change.",
                           "Change it as a text, in the editor."),
    "notice-language": error("An announcement lacks a language of the menus, or has one that no menu speaks.",
                             "Write it in each language of the menus, and in no other."),
    "prompt-in-use": error("The sound is played by a menu, an announcement or a queue.",
                           "Take it out of the menu first."),
    "prompt-recorded": error("A person recorded this prompt, and an engine would replace it.",
                             "Say that it may be replaced; the recording is kept as an earlier take."),
    "render-no-text": error("The prompt has no text that an engine could speak.",
                            "Write its text in the menu, or record it."),
}

"""Codes of dialogues beside menus: what `hotline test` says of their files, and of menus that do otherwise."""

from ivr.base.findings.code import error

CODES = {
    "dialogue-list": error("The file of dialogues is no list.", "Begin each with `- dialogue: what it shows`."),
    "dialogue-twice": error("Two dialogues have one name.", "Give one of them another name."),
    "dialogue-caller": error("The caller's number is none.", 'Write it like "+74951234567", in quotes.'),
    "dialogue-moment": error("Day and time can't be understood.", "Write them like 2026-11-27 23:10."),
    "dialogue-steps": error("What the caller does is no list.", 'Write it like [press: "1", listen].'),
    "step-joined": error("Several steps stand in one.", "Give each a line of its own that begins with -."),
    "step-unknown": error("Callers do nothing of this name.", "Take a step that is listed."),
    "step-value": error("A step has something after it that takes nothing, or nothing where it needs it.",
                        "Write it as the message shows."),
    "step-keys": error("These keys can't be pressed.", 'Digits, * and #, in quotes: press: "#".'),
    "step-late": error("The call is over before this step.", "Take the step out, or change those before it."),
    "step-impossible": error("The caller can't do this here.", "Look at the steps before it."),
    "expected-keys": error("The expected keys are no list.", 'Write it like ["1", "2"].'),
    "expected-survey": error("No survey of the menu asks this question.", "Correct its name."),
    "expected-differs": error("The menu does something else than the dialogue expects.",
                              "Correct the menu, or the dialogue if the menu is right."),
    "look-up-unanswered": error("The menu asked another system, and the dialogue does not say what that answers.",
                                "Add `lookups:` to the dialogue."),
    "register-unanswered": error("The menu asked a register of PINs, and the dialogue does not say who is in it.",
                                 "Add `pins:` to the dialogue."),
    "dialogue-file-name": error("The name of a file of dialogues does not say whose it is.",
                                "Name it like its menu: bank.test.yaml lies beside bank.yaml."),
    "dialogues-none": error("No menu has dialogues beside it.", "Write some: docs/dialogues.md shows how."),
}

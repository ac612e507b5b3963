"""Codes of what `hotline prompts` says: speech engines, recordings that are brought in, and what lists them."""

from ivr.base.findings.code import error, warning

CODES = {
    "engine-unknown": error("There is no such speech engine.", "Take one that is listed."),
    "engine-setting": error("The engine can't be called like this.", "Write it as the message shows."),
    "engine-missing": error("The speech engine, its voice or its program is not on this machine.",
                            "Install it, or correct its path."),
    "engine-failed": error("The speech engine could not say this text.", "Try it by hand with the same text."),
    "render-form": error("A text can only be rendered into a .wav file.", "Record it, or name it .wav in the menu."),
    "render-clash": error("Two prompts want one sound file with different texts.", "Give one of them another name."),
    "render-no-engine": error("No speech engine is named for this language.",
                              "Name one under `prompts.engines` in config.yaml, or record the prompt."),
    "import-language": error("No menu speaks this language.", "Correct it, or add it to the menu's `languages`."),
    "import-folder": error("Recordings can't be brought in from this folder.", "Name the folder where they lie."),
    "import-failed": error("A recording can't be brought in.", "Save it as 16-bit WAV."),
    "import-unmatched": error("The name of a recording tells no prompt, or several.", "Name it like its prompt."),
    "import-quality": warning("A recording is too quiet, too loud, cut off or badly encoded.",
                              "Record it anew, as the message says."),
    "prompt-file-missing": error("The prompt has no sound file.", "Record it, or let `hotline prompts build` make it."),
    "prompts-unwritable": error("Sounds or their list can't be written.",
                                "Let this user write there, and see that the disk has room."),
    "manifest-entry": warning("An entry of manifest.json is damaged: nobody knows any more who made the file.",
                              "Put the entry back, or take it out: the file then counts as a person's."),
}

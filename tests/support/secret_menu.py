"""The bank's menu with a way to a question whose answer is a secret: `3` at the first question."""

from pathlib import Path

from tests.support.service import ROOT

CODE = """  code:
    do:
      - collect: {into: code, prompts: not_heard, as: pin, digits: 6}
      - goto: main

"""


def secret_menu(folder: Path) -> str:
    """The path of the file, in `folder`."""
    text = (ROOT / "menus/bank.yaml").read_text()
    text = text.replace("  main:\n", CODE + "  main:\n", 1).replace(
        '      "2":\n        - language: ru\n', '      "3":\n        - language: en\n        - goto: code\n'
        '      "2":\n        - language: ru\n', 1)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret.yaml"
    path.write_text(text)
    return str(path)

"""What menus and keys are called on a screen: the words of the prompt, else of the file."""

from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.menu.titles import LONGEST_LABEL, title_of, titled


def menu(options: str, *, en: str, ru: str = "Слушайте.", title: str = "") -> Menu:
    return load_menu(f"""
languages: [en, ru]
start: new_card
menus:
  new_card:
    {title}
    prompts: said
    options: {options}
    on_failure: {{queue: general}}
  other:
    prompts: said
    options: {{"#": back}}
    on_failure: {{queue: general}}
prompts:
  said: {{en: "{en}", ru: "{ru}"}}
  card_abroad: {{en: Abroad., ru: За границей.}}
""", "menu.yaml", None, None)


def labels(menu: Menu, language: str = "en") -> dict[str, str]:
    return dict(titled(menu, "new_card", language).options)


def test_label__the_key_stands_behind_its_matter() -> None:
    found = menu('{"1": repeat, "2": repeat, "0": repeat}',
                 en="Cards. For loans please press one, for deposits press the key 2; and to speak to us, press zero.",
                 ru="Карты. Если карта украдена, нажмите один. Вклады — два. Чтобы поговорить с нами, нажмите ноль.")
    assert labels(found) == {"1": "Loans", "2": "Deposits", "0": "Speak to us"}
    assert labels(found, "ru") == {"1": "Если карта украдена", "2": "Вклады", "0": "Поговорить с нами"}
    assert title_of(found, "new_card", "en") == "Cards"
    assert title_of(found, "new_card", "ru") == "Карты"


def test_label__the_key_stands_before_its_matter() -> None:
    found = menu('{"1": repeat, "2": repeat}', en="Press one for cards. Press two to hear about loans.")
    assert labels(found) == {"1": "Cards", "2": "Hear about loans"}


def test_label__what_no_prompt_names_is_what_the_key_does() -> None:
    found = menu('{"1": {say: card_abroad}, "2": {queue: lost_card}, "3": {queue: q, subject: card limits}, '
                 '"4": {goto: other}, "5": repeat, "6": {goto: new_card}, '
                 '"7": [{say: card_abroad}, hangup], "8": {language: ru}, "9": {transfer: head_branch}}',
                 en="Please choose what you like, in your own time.")
    assert labels(found) == {"1": "Card abroad", "2": "Lost card", "3": "Card limits", "4": "Other", "5": "Again",
                             "6": "New card", "7": "Card abroad", "8": "ru", "9": "Head branch"}
    assert labels(found, "ru")["5"] == "Ещё раз"
    assert dict(titled(found, "other", "ru").options) == {"#": "Назад"}


def test_label__several_keys_in_one_sentence_fall_to_what_they_do() -> None:
    found = menu('{"1": {queue: cards}, "2": {queue: loans}}', en="Press 1, 2 or stay on the line.")
    assert labels(found) == {"1": "Cards", "2": "Loans"}


def test_label__is_never_longer_than_a_button_takes() -> None:
    found = menu('{"1": repeat}', en=f"For {'very ' * 60}much, press one.")
    assert len(labels(found)["1"]) == LONGEST_LABEL


def test_title__what_the_file_says_wins() -> None:
    found = menu('{"1": repeat, "6": {goto: new_card}}', en="Cards. For loans, press one.", ru="Карты. Кредиты — один.",
                 title="title: {ru: Новая карта}")
    assert title_of(found, "new_card", "ru") == "Новая карта"
    assert labels(found, "ru")["6"] == "Новая карта"
    assert title_of(found, "new_card", "en") == "Cards", "in a language without a title its prompt has one"
    assert title_of(menu('{"1": repeat}', en="Cards.", title="title: All cards"), "new_card", "en") == "All cards"

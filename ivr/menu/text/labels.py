"""What the answers to a question are called: the first label of each is shown, all of them may be typed."""

from collections.abc import Mapping

from ivr.menu.actions import confirmation, survey, voicemail
from ivr.menu.actions.confirmation import Confirmation
from ivr.menu.actions.language import Speak
from ivr.menu.actions.survey import Survey
from ivr.menu.asking import Question
from ivr.menu.interpreter import Interpreter
from ivr.menu.model import Choice
from ivr.menu.titles import labels_in

Labels = dict[str, tuple[str, ...]]         # by keys

# In each language the word that is shown, then others that people type.
YES: Mapping[str, tuple[str, ...]] = {
    "en": ("Yes", "y", "yeah", "yep", "yes please", "right", "that is right", "that's right", "correct", "ok", "okay"),
    "ru": ("Да", "ага", "угу", "верно", "да верно", "все верно", "правильно", "так", "конечно", "ок", "хорошо"),
}
NO: Mapping[str, tuple[str, ...]] = {
    "en": ("No", "n", "nope", "no thanks", "not right", "wrong", "incorrect"),
    "ru": ("Нет", "не", "неа", "неверно", "нет неверно", "неправильно", "не так", "не верно", "не правильно"),
}
KEPT: Mapping[str, tuple[str, ...]] = {
    "en": ("Send it", "send", "keep it", "keep", "save", "ok"), "ru": ("Отправить", "оставить", "сохранить", "ок"),
}
HEARD: Mapping[str, tuple[str, ...]] = {
    "en": ("Show it", "show", "listen", "hear it"), "ru": ("Показать", "прослушать", "послушать"),
}
ANEW: Mapping[str, tuple[str, ...]] = {
    "en": ("Begin again", "again", "anew"), "ru": ("Заново", "сначала", "ещё раз", "снова"),
}
# What people call the languages that a menu can choose.
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "en": ("English", "английский", "по-английски"), "ru": ("Русский", "Russian", "по-русски"),
    "de": ("Deutsch", "German", "немецкий"), "fr": ("Français", "French", "французский"),
    "kk": ("Қазақша", "Kazakh", "казахский"), "uk": ("Українська", "Ukrainian", "украинский"),
    "be": ("Беларуская", "Belarusian", "белорусский"), "uz": ("Oʻzbekcha", "Uzbek", "узбекский"),
    "zh": ("中文", "Chinese", "китайский"), "tr": ("Türkçe", "Turkish", "турецкий"),
}


def labelled(interpreter: Interpreter) -> Labels:
    """The answers to what is asked now, by their keys; none where people answer with something of their own."""
    asked, language = interpreter.memory.asked, interpreter.language
    if not asked:
        return _of_menu(interpreter)
    question = interpreter.question
    if asked == confirmation.NAME and isinstance(question, Confirmation):
        return {question.yes: _words(YES, language), question.no: _words(NO, language)}
    if asked == survey.NAME and isinstance(question, Survey):
        words = survey.ANSWERS[question.answers].words
        named = {"yes": _words(YES, language), "no": _words(NO, language)}
        return {keys: named.get(word, (word,)) for keys, word in words.items()}
    if asked == voicemail.NAME:
        return {voicemail.KEEP: _words(KEPT, language), voicemail.LISTEN: _words(HEARD, language),
                voicemail.AGAIN: _words(ANEW, language)}
    return {}


def told_by_keys(question: Question) -> frozenset[str]:
    """The keys that no words need to name, as they are offered. Marks need words: what each means is said there."""
    if isinstance(question, Choice):
        return frozenset(question.options)
    if isinstance(question, Confirmation):
        return frozenset([question.yes, question.no])
    if isinstance(question, Survey):
        return frozenset("12") if question.answers == "yes_no" else frozenset()
    return frozenset(voicemail.KEYS) if isinstance(question, voicemail.Review) else frozenset()


def _of_menu(interpreter: Interpreter) -> Labels:
    """Where all languages are heard, each option may be called as in any of them."""
    menu, choice, spoken = interpreter.menu, interpreter.choice, interpreter.language
    others = [language for language in menu.languages if language != spoken] if choice.all_languages else []
    found = labels_in(menu, choice.name, (spoken, *others))
    for keys, actions in choice.options.items():
        for action in actions:
            if isinstance(action, Speak):
                found[keys] = (*found[keys], *LANGUAGES.get(action.language, ()), action.language)
    return found


def _words(table: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """Those of the language first; of one that is not known the first there are."""
    own = table.get(language, ())
    return tuple(dict.fromkeys((*own, *(word for words in table.values() for word in words))))

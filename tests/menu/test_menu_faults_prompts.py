"""Broken prompts: each fault with file, line and column, what is wrong and what to do."""

from collections.abc import Callable

import pytest


# What stands in the file, what is put in its place, and every fault that is found then.
@pytest.mark.parametrize(("old", "new", "expected"), [
    pytest.param('    ru: "Нажмите кнопку."\n', "",
        ["24:3: error: prompt `options` is missing in language `ru` (add a line `ru:` with its text)"],
        id="prompt lang missing"),
    pytest.param('ru: "Нажмите кнопку."', 'rus: "Нажмите кнопку."',
        ["24:3: error: prompt `options` is missing in language `ru` (add a line `ru:` with its text)",
         "26:5: error: `rus` means nothing in prompt `options` (did you mean `ru`? allowed: barge_in, en, ru)"],
        id="prompt lang unknown"),
    pytest.param('  sorry: {en: "Sorry.", ru: "Извините."}', "  sorry: {barge_in: no}",
        ["27:3: error: prompt `sorry` is missing in language `en` (add a line `en:` with its text)",
         "27:3: error: prompt `sorry` is missing in language `ru` (add a line `ru:` with its text)"],
        id="prompt with barge_in alone"),
    pytest.param('"Press a key."', '""',
        ["25:9: error: the text of `en` of prompt `options` is empty"],
        id="prompt text empty"),
    pytest.param('  sorry: {en: "Sorry.", ru: "Извините."}', "  sorry: Sorry.",
        ["27:10: error: prompt `sorry` must be lines of `key: value`, indented below it"],
        id="prompt scalar"),
    pytest.param('  sorry: {en: "Sorry.", ru: "Извините."}',
                 '  sorry: {en: "Sorry.", ru: "Извините."}\n  extra: {en: "More.", ru: "Ещё."}',
        ["28:11: error: prompt `extra` has no sound in language `en`: en/extra.wav is missing from the "
         "folder of prompts, or unreadable (record it or let `hotline prompts build` make it, or "
         "name another file with `file:`)",
         "28:24: error: prompt `extra` has no sound in language `ru`: ru/extra.wav is missing from the "
         "folder of prompts, or unreadable (record it or let `hotline prompts build` make it, or "
         "name another file with `file:`)"],
        id="prompt no file"),
    pytest.param('en: "Press a key."', 'en: {text: "Press a key.", file: en/optoins.wav}',
        ["25:38: error: prompt `options` has no sound in language `en`: en/optoins.wav is missing from the "
         "folder of prompts, or unreadable (did you mean `en/options.wav`? record it or let "
         "`hotline prompts build` make it, or name another file with `file:`)"],
        id="file missing"),
    pytest.param('en: "Press a key."', 'en: {text: "Press a key.", file: ../secret.wav}',
        ["25:38: error: `../secret.wav` can't be a prompt's file (write it as it lies in the folder of prompts, such "
         "as en/welcome.wav; Latin letters; wav, mp3, ogg or flac)"],
        id="file outside"),
    pytest.param('en: "Press a key."', 'en: {text: "Press a key.", file: en/options.aac}',
        ["25:38: error: `en/options.aac` can't be a prompt's file (write it as it lies in the folder of prompts, such "
         "as en/welcome.wav; Latin letters; wav, mp3, ogg or flac)"],
        id="file kind"),
    pytest.param('{en: "Sorry.", ', '{en: {text: "Sorry.", file: en/options.wav}, ',
        ["27:38: error: en/options.wav is the file of prompt `options` too, with another text (give "
         "one of them another file)"],
        id="one file two texts"),
    pytest.param("  options:\n    en", "  options:\n    barge_in: never\n    en",
        ["25:15: error: `barge_in` must be yes or no"],
        id="barge_in"),
    pytest.param('en: "Press a key."', 'en: {txt: "Press a key."}',
        ["25:10: error: `txt` means nothing in `en` of prompt `options` (did you mean `text`? allowed: file, text, "
         "voice)"],
        id="file field"),
    pytest.param("  sorry: {en", "  Сорри: {en",
        ["6:23: error: there is no prompt `sorry` (allowed: options, Сорри)",
         "16:15: error: there is no prompt `sorry` (allowed: options, Сорри)",
         "17:24: error: there is no prompt `sorry` (allowed: options, Сорри)",
         "20:16: error: there is no prompt `sorry` (allowed: options, Сорри)",
         "27:3: error: `Сорри` can't be a name in `prompts` (a name has small Latin letters, digits and _, and "
         "begins with a letter)"],
        id="prompt name"),
])
def test_faults_prompts__one_mistake(good: str, faults_of: Callable[[str], list[str]],
                                     old: str, new: str, expected: list[str]) -> None:
    assert old in good
    assert faults_of(good.replace(old, new, 1)) == [f"m.yaml:{fault}" for fault in expected]

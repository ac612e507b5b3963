import { EditorState, type Extension } from "@codemirror/state";

const RU: Record<string, string> = {
  "Find": "Найти", "Replace": "Заменить на", "next": "дальше", "previous": "назад", "all": "все", "match case": "с регистром",
  "regexp": "рег. выражение", "by word": "целое слово", "replace": "заменить", "replace all": "заменить все", "close": "закрыть",
  "Go to line": "К строке", "go": "перейти", "current match": "текущее совпадение", "on line": "в строке", "replaced $ matches": "заменено: $",
  "replaced match on line $": "заменено в строке $", "Completions": "Подсказки", "Fold line": "Свернуть", "Unfold line": "Развернуть",
  "folded code": "свёрнуто", "unfold": "развернуть", "Diagnostics": "Замечания", "No diagnostics": "Замечаний нет",
  "Folded lines": "Свёрнутые строки", "Unfolded lines": "Развёрнутые строки", "to": "до", "Control character": "Управляющий символ",
  "Selection deleted": "Выделенное удалено",
};

/** CodeMirror's own words, in the language of the page. */
export function phrases(): Extension {
  return document.documentElement.lang === "ru" ? EditorState.phrases.of(RU) : [];
}

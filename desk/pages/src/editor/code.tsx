import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import { messagesOfCheck, showFindings } from "./code_messages";
import { phrases } from "./code_phrases";
import { theme } from "./code_theme";
import { completer, type Names } from "./complete";
import type { Finding } from "./types";

export interface CodeHandle {
  /** Show a line and put the cursor there; with `focus` the keyboard, too. */
  goTo: (line: number, column: number, focus: boolean) => void;
}

interface CodeProps {
  file: string;
  text: string;
  label: string;
  hint: string;
  findings: readonly Finding[];
  names: Names;
  onChange: (text: string) => void;
  onLine: (line: number) => void;
  onCheck: () => void;
  onPublish: () => void;
  ref: Ref<CodeHandle>;
}

/** CodeMirror in a shadow root: there it takes adopted style sheets, which the page's policy allows. */
export function Code(props: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const now = useRef(props);
  now.current = props;

  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    const made = new EditorView({ root, parent: root, state: stateOf(now) });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);
  const { file, text, findings, label } = props;
  const shown = useRef(file);
  useEffect(() => {
    const here = view.current!;
    if (shown.current !== file) {
      shown.current = file;
      here.setState(stateOf(now));
    } else if (here.state.doc.toString() !== text) {
      here.dispatch({ changes: { from: 0, to: here.state.doc.length, insert: text }, annotations: Transaction.remote.of(true) });
    }
  }, [file, text]);
  useEffect(() => showFindings(view.current!, findings), [findings, file]);
  useEffect(() => view.current!.contentDOM.setAttribute("aria-label", `${label}. ${now.current.hint}`), [label, file]);

  useImperativeHandle(props.ref, () => ({
    goTo(line, column, focus) {
      const here = view.current!;
      const found = here.state.doc.line(Math.min(Math.max(line, 1), here.state.doc.lines));
      const at = Math.min(found.from + Math.max(column - 1, 0), found.to);
      here.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      if (focus) here.focus();
    },
  }), []);
  return <div className="code" ref={host} />;
}

function stateOf(now: { current: CodeProps }): EditorState {
  const run = (does: () => void) => () => {
    does();
    return true;
  };
  return EditorState.create({
    doc: now.current.text,
    extensions: [
      keymap.of([
        { key: "Mod-s", run: run(() => now.current.onCheck()), preventDefault: true },
        { key: "Mod-Enter", run: run(() => now.current.onPublish()), preventDefault: true },
      ]),
      lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
      highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(),
      autocompletion({ override: [completer(() => now.current.names)] }),
      yaml(), messagesOfCheck, theme, phrases(), EditorState.tabSize.of(2), EditorView.lineWrapping,
      keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
      EditorView.contentAttributes.of({ "aria-label": `${now.current.label}. ${now.current.hint}`, spellcheck: "false", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !update.transactions.some((one) => one.annotation(Transaction.remote) === true))
          now.current.onChange(update.state.doc.toString());
        if (update.selectionSet || update.docChanged)
          now.current.onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
      }),
    ],
  });
}

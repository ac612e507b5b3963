import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";
import type { Finding } from "./types";

const MOST = 60;        // messages that stand below their lines; the list has all

/** The message of a finding, below its line. */
class Message extends WidgetType {
  constructor(readonly finding: Finding) {
    super();
  }

  override eq(other: Message): boolean {
    return other.finding.message === this.finding.message && other.finding.severity === this.finding.severity;
  }

  override toDOM(): HTMLElement {
    const shown = document.createElement("div");
    shown.className = `cm-message ${this.finding.severity}`;
    const { message, remedy } = this.finding;
    shown.textContent = remedy === "" ? message : `${message} — ${remedy}`;
    return shown;
  }
}

const setMessages = StateEffect.define<readonly Finding[]>();

const messages = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(had, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMessages)) return below(transaction.state, effect.value);
    return had.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function below(state: EditorState, findings: readonly Finding[]): DecorationSet {
  return Decoration.set(findings.filter(({ line }) => line > 0).slice(0, MOST).map((finding) => {
    const { to } = state.doc.line(Math.min(finding.line, state.doc.lines));
    return Decoration.widget({ widget: new Message(finding), block: true, side: 1 }).range(to);
  }), true);
}

export const messagesOfCheck: Extension = [messages, lintGutter()];

/** Put the findings of this file at their lines. */
export function showFindings(view: EditorView, findings: readonly Finding[]): void {
  view.dispatch(setDiagnostics(view.state, findings.map((finding) => diagnostic(view.state, finding))));
  view.dispatch({ effects: setMessages.of(findings) });
}

function diagnostic(state: EditorState, finding: Finding): Diagnostic {
  const line = state.doc.line(Math.min(Math.max(finding.line, 1), state.doc.lines));
  const from = Math.min(line.from + Math.max(finding.column - 1, 0), line.to);
  const word = /^[^\s,}\]:]+/.exec(state.doc.sliceString(from, line.to));
  const { message, remedy, severity, code } = finding;
  return { from, to: Math.max(from, from + (word?.[0].length ?? 0)), severity, source: code, message: remedy === "" ? message : `${message}\n${remedy}` };
}

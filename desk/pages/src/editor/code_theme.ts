import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The page's own colours: variables reach into the shadow root. */
export const theme = [
  EditorView.theme({
    "&": { height: "100%", fontSize: "13.5px", color: "var(--text)", backgroundColor: "var(--surface)" },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
    ".cm-content": { caretColor: "var(--text)", paddingBottom: "40vh" },
    ".cm-cursor": { borderLeftColor: "var(--text)" },
    ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", border: "none" },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
    ".cm-activeLineGutter": { backgroundColor: "var(--accent-ground)", color: "var(--accent)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-ground) !important" },
    ".cm-panels, .cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)" },
    ".cm-tooltip": { borderRadius: "8px", boxShadow: "var(--shadow-high)", maxWidth: "min(460px, 80vw)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
    ".cm-searchMatch": { backgroundColor: "var(--warn-ground)" },
    ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "6px", color: "var(--text)" },
    ".cm-button": { backgroundImage: "none", backgroundColor: "var(--raised)", border: "1px solid var(--line-strong)", borderRadius: "6px", color: "var(--text)" },
    ".cm-diagnostic": { padding: "6px 10px", whiteSpace: "pre-wrap" },
    ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
    ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warn)" },
    ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
    ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn)", textUnderlineOffset: "3px" },
    ".cm-lint-marker": { width: "12px", height: "12px", content: "none", borderRadius: "50%", margin: "4px 1px" },
    ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)" },
    ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warn)", borderRadius: "2px" },
    ".cm-message": { padding: "2px 8px", margin: "1px 0", fontFamily: "system-ui, sans-serif", fontSize: "12.5px", borderRadius: "0 6px 6px 0", whiteSpace: "pre-wrap" },
    ".cm-message.error": { backgroundColor: "var(--bad-ground)", color: "var(--bad)", borderLeft: "4px solid var(--bad)" },
    ".cm-message.warning": { backgroundColor: "var(--warn-ground)", color: "var(--warn)", borderLeft: "4px solid var(--warn)" },
  }),
  syntaxHighlighting(HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
    { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
    { tag: [tags.keyword, tags.bool, tags.number, tags.labelName], color: "var(--warn)" },
    { tag: tags.invalid, color: "var(--bad)" },
  ])),
];

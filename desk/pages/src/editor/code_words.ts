/** Words of menu files that are offered while one types; tests/pages/test_editor_words.py holds them against the schema. */
export const KEYS = [
  "all_languages", "attempts", "barge_in", "defaults", "do", "en", "file", "first_key_s", "folder", "greeting", "interdigit_s",
  "languages", "menus", "nomatch", "noinput", "on_failure", "options", "prompts", "ru", "start", "term_char", "text", "variables",
] as const;
export const ACTIONS = [
  "callback", "collect", "fill", "goto", "hangup", "http", "language", "order", "queue", "record", "repeat", "back", "say", "set",
  "switch", "transfer", "verify", "voicemail", "subject", "survey",
] as const;

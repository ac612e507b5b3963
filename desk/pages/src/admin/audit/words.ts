import type { Words } from "../../base/words";

const en = {
  title: "Who changed what",
  about: "Every change that a person or a program makes over these pages or the API, and who came in or was refused.",
  who: "Who",
  what: "What",
  anything: "anything",
  subject: "Of what",
  since: "From",
  until: "To",
  when: "When",
  change: "Change",
  nobody: "nobody logged in",
  none: "Nothing like this is written down.",
  older: "Earlier changes",
  node: "Server",
};
export type AuditWord = keyof typeof en;

export const WORDS: Words<AuditWord> = {
  en,
  ru: {
    title: "Кто что изменил",
    about: "Каждое изменение, сделанное человеком или программой через эти страницы или API, и кто вошёл или получил отказ.",
    who: "Кто",
    what: "Что",
    anything: "что угодно",
    subject: "О чём",
    since: "С",
    until: "По",
    when: "Когда",
    change: "Изменение",
    nobody: "вход не выполнен",
    none: "Ничего такого не записано.",
    older: "Более ранние",
    node: "Сервер",
  },
};

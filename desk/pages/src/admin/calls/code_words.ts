import { words } from "../../base/plain";
import type { Language } from "../../base/words";

type Known = Record<Language, Record<string, string>>;

/** What names of the record are called on the page. */
export interface Named {
  operator: (name: string) => string;
  /** Transfers, too. */
  queue: (name: string) => string;
  menu: (name: string) => string;
}

/** Why something came as it did: the codes of the record, and the sentences that the service itself writes. */
const REASONS: Known = {
  en: {
    nobody_logged_in: "nobody of the queue is logged in or can be reached", nobody_able: "nobody there speaks the language or has the skill",
    max_wait: "the longest wait was over", full: "the queue was full", no_queue: "there is no such queue", no_answer: "no answer", busy: "busy",
    refused: "declined", failed: "it failed", unreachable: "the phone can't be reached", caller_left: "the caller hung up", logged_out: "logged out",
    removed: "taken out of the queue", taken: "somebody else has the call", engaged: "on another call", answered_elsewhere: "answered on another phone",
    transfer_failed: "the transfer failed", not_taken: "nobody took it", ended_by_operator: "the operator ended it", left: "they hung up",
    closed: "closed", timeout: "the time was over", silence: "silence", key: "a key", hung_up: "hung up", call_ended: "the call ended",
  },
  ru: {
    nobody_logged_in: "в очереди никто не вошёл или не на связи", nobody_able: "никто не говорит на этом языке или не имеет навыка",
    max_wait: "вышло наибольшее время ожидания", full: "очередь заполнена", no_queue: "такой очереди нет", no_answer: "нет ответа", busy: "занято",
    refused: "отклонил", failed: "сбой", unreachable: "телефон недоступен", caller_left: "звонящий повесил трубку", logged_out: "вышел",
    removed: "убран из очереди", taken: "звонок взял другой", engaged: "в другом разговоре", answered_elsewhere: "ответили на другом телефоне",
    transfer_failed: "перевод не удался", not_taken: "никто не взял", ended_by_operator: "завершил оператор", left: "повесили трубку",
    closed: "закрыто", timeout: "время вышло", silence: "тишина", key: "клавиша", hung_up: "повесил трубку", call_ended: "звонок окончен",
    "hung up": "повесил трубку", "no answer": "нет ответа", declined: "отклонил", cancelled: "отменил", "the call ended": "звонок окончен", "the menu ended": "меню закончилось", "the survey is over": "опрос окончен",
    "the operator hung up": "оператор повесил трубку", "takes the call": "забирает звонок", "joined with another call": "соединён с другим звонком",
    "the media plane died": "сбой звука", "no free port": "нет свободного порта", "the page is gone": "страница закрыта",
    "the call has no audio": "в звонке нет звука", "no room for the request": "обращение некуда записать",
  },
};
/** Who or what ended a call, where it is no operator. */
const PARTIES: Known = {
  en: { caller: "the caller", hotline: "the hotline", operator: "the operator", target: "the other side", network: "the network", supervisor: "a supervisor" },
  ru: { caller: "звонящий", hotline: "линия", operator: "оператор", target: "другая сторона", network: "сеть", supervisor: "супервизор" },
};
const MODES: Known = {
  en: { listen: "listens only", whisper: "whispers to the operator", barge: "talks with both" },
  ru: { listen: "только слушает", whisper: "подсказывает оператору", barge: "говорит с обоими" },
};
const WHYS: Known = {
  en: { always: "every call of the queue", on_demand: "somebody asked for it", menu: "the menu asked", voicemail: "a message" },
  ru: { always: "все звонки очереди", on_demand: "по просьбе", menu: "спросило меню", voicemail: "сообщение" },
};
const LEFT: Known = { en: { callback: "to be called back", voicemail: "a message" }, ru: { callback: "перезвонить", voicemail: "сообщение" } };
/** The actions of menus, as they stand in the file, and what a caller gets by them. */
const ACTIONS: Known = {
  en: { goto: "to the menu {x}", queue: "to the queue {x}", say: "hears {x}", language: "{x}", repeat: "hears it again", back: "back", hangup: "the end",
    transfer: "transfer to {x}", callback: "a callback by {x}", voicemail: "a message for {x}", collect: "enters {x}", record: "records {x}",
    verify: "PIN of {x}", survey: "survey {x}", fill: "fills in {x}", set: "sets {x}", http: "asks {x}", switch: "by rule", order: "orders {x}" },
  ru: { goto: "в меню {x}", queue: "в очередь {x}", say: "слышит {x}", language: "{x}", repeat: "слышит ещё раз", back: "назад", hangup: "конец",
    transfer: "перевод на {x}", callback: "перезвонит {x}", voicemail: "сообщение для {x}", collect: "вводит {x}", record: "записывает {x}",
    verify: "PIN: {x}", survey: "опрос {x}", fill: "заполняет {x}", set: "задаёт {x}", http: "запрос к {x}", switch: "по правилу", order: "приказ {x}" },
};
const LABELS: Known = {
  en: { subject: "about", wait: "waited", waited: "waited", status: "SIP status", talked: "talked", attempts: "attempts", ending: "ended as", of: "of",
    solved: "solved", said: "minutes said", stars: "mark", mark: "mark", answer: "answer" },
  ru: { subject: "о чём", wait: "ждал", waited: "ждал", status: "код SIP", talked: "говорил", attempts: "попыток", ending: "исход", of: "у кого",
    solved: "решено", said: "сказано минут", queue: "очередь", operator: "оператор", menu: "меню", place: "место", to: "кому", by: "кто", reason: "причина",
    failed: "сбой", survey: "опрос", question: "вопрос", stars: "оценка", mark: "оценка", answer: "ответ", language: "язык", target: "цель", count: "раз" },
};
const BY_DETAIL: Record<string, Known> = { reason: REASONS, ending: REASONS, mode: MODES, why: WHYS, left: LEFT };
/** Ids, and what the entries before say already. */
const UNREAD = new Set(["recording", "request", "first", "call", "offers"]);
const PEOPLE = new Set(["by", "to", "operator", "of", "rung", "target"]);
const OURS = new Set(["subject", "register", "survey", "question", "name", "order"]);
/** Actions whose object is a queue, or has its title among them. */
const QUEUES = new Set(["queue", "transfer", "callback", "voicemail"]);
const SECONDS = new Set(["wait", "waited", "talked"]);

/** A reason as a sentence; words that are known to nobody stay as they are. */
export const reasonWords = (language: Language, reason: string): string => REASONS[language][reason] ?? words(reason);

export const partyWords = (language: Language, party: string, named: (name: string) => string): string => PARTIES[language][party] ?? named(party);

/** What a detail of an entry says, for people. */
export function detailWords(language: Language, name: string, value: unknown, named: Named): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map((one) => detailWords(language, name, one, named)).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, one]) => `${words(key)} ${String(one)}`).join(", ");
  if (typeof value === "number") return SECONDS.has(name) ? `${Math.round(value)} ${language === "ru" ? "с" : "s"}` : String(value);
  const text = String(value);
  const known = BY_DETAIL[name];
  if (known !== undefined) return known[language][text] ?? words(text);
  if (PEOPLE.has(name)) return partyWords(language, text, named.operator);
  if (name === "queue") return named.queue(text);
  if (name === "menu") return named.menu(text);
  if (name === "option") return optionWords(language, text, named);
  if (name === "language") return languageWords(language, text);
  return OURS.has(name) ? words(text) : text;
}

/** "language en, goto main" → "English, to the menu Main menu". */
export function optionWords(language: Language, option: string, named: Named): string {
  return option.split(", ").map((action) => {
    const [verb = "", ...rest] = action.split(" ");
    const known = ACTIONS[language][verb];
    if (known === undefined) return words(action);
    return known.replace("{x}", () => objectWords(language, verb, rest, named)).trim();
  }).join(", ");
}

/** What an action is done with, by the kind of thing that it is. */
function objectWords(language: Language, verb: string, rest: string[], named: Named): string {
  const [first = ""] = rest;
  if (verb === "language") return languageWords(language, first);
  if (verb === "goto") return named.menu(first);
  return QUEUES.has(verb) ? named.queue(first) : words(rest.join(", "));
}

export function languageWords(language: Language, code: string): string {
  if (code === "") return "";
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(code) ?? code;
  } catch {
    return code;        // no code of a language
  }
}

export const isRead = (name: string): boolean => !UNREAD.has(name);

export const labelWords = (language: Language, name: string): string => LABELS[language][name] ?? words(name);

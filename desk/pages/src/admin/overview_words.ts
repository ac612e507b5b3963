import type { Words } from "../base/words";

const en = {
  line_closed: "Line {line} is closed by {by} since {time}.",
  line_announces: "Callers of line {line} hear an announcement of {by} first, since {time}.",
  trunk_down: "Trunk {name} does not stand.",
  queue_empty: "In {name} {n} {n|caller waits|callers wait}, and no operator is in service.",
  no_phone: "Available, but without a phone: {names}.",
  hours_faulty: "The file of hours has faults; lines go by its last good version.",
  prompts_unread: "The menus have faults: prompts can't be listed.",
  prompts_faulty: "{n} {n|prompt is|prompts are} missing or broken.",
  lines_open: "lines open",
  callers_wait: "callers waiting",
  operators_free: "operators free",
  trunks_up: "trunks up",
};
export type OverviewWord = keyof typeof en;

export const OVERVIEW: Words<OverviewWord> = {
  en,
  ru: {
    line_closed: "Линия {line} закрыта: {by}, с {time}.",
    line_announces: "Звонящие на линию {line} сначала слышат объявление: {by}, с {time}.",
    trunk_down: "Транк {name} не работает.",
    queue_empty: "В {name} {n|ждёт|ждут|ждут} {n}, а операторов на линии нет.",
    no_phone: "Доступны, но без телефона: {names}.",
    hours_faulty: "В файле часов работы ошибки; линии работают по последней верной версии.",
    prompts_unread: "В меню ошибки: список подсказок не построить.",
    prompts_faulty: "{n} {n|подсказка отсутствует или испорчена|подсказки отсутствуют или испорчены|подсказок отсутствуют или испорчены}.",
    lines_open: "линий открыто",
    callers_wait: "ждут",
    operators_free: "операторов свободно",
    trunks_up: "транков работает",
  },
};

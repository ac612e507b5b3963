import { words, type Language } from "../../base/words";

/** What was done, by the codes of the audit log (docs/access.md). */
export const DONE: Record<Language, Record<string, string>> = {
  en: {
    login: "Logged in", "login.refused": "Login refused", logout: "Logged out", "password.change": "Changed the password", "password.refused": "Change of password refused",
    "operators.status": "Set a status", "operators.wrap_up_done": "Ended a wrap-up",
    "calls.supervise": "Listened to a call", "calls.supervision_ended": "Stopped listening", "calls.take": "Took a call out", "calls.hang_up": "Ended a call",
    "calls.transfer": "Transferred a call", "calls.export": "Exported calls", "recordings.begin": "Began a recording", "recordings.end": "Ended a recording", "recordings.heard": "Heard a recording",
    "recordings.erase": "Erased a recording", "callbacks.now": "Called back at once", "callbacks.cancel": "Cancelled a callback",
    "menus.publish": "Published a menu", "menus.roll_back": "Brought a menu back", "hours.day": "Changed a day's hours",
    "lines.announcement": "Announced on a line", "lines.announcement_ended": "Took an announcement back", "lines.closure": "Closed a line", "lines.closure_ended": "Opened a line again",
    "notices.make": "Made a spoken notice", "prompts.bring": "Brought a prompt", "prompts.restore": "Took an earlier prompt", "prompts.remove": "Removed a prompt", "prompts.render": "Had prompts spoken",
    "tokens.make": "Made a token", "tokens.withdraw": "Withdrew a token", "captures.begin": "Began to capture packets", "captures.end": "Ended a capture",
  },
  ru: {
    login: "Вход", "login.refused": "Вход отклонён", logout: "Выход", "password.change": "Смена пароля", "password.refused": "Смена пароля отклонена",
    "operators.status": "Смена статуса", "operators.wrap_up_done": "Конец дооформления",
    "calls.supervise": "Прослушивание звонка", "calls.supervision_ended": "Конец прослушивания", "calls.take": "Звонок забран", "calls.hang_up": "Звонок завершён",
    "calls.transfer": "Звонок переведён", "calls.export": "Выгрузка звонков", "recordings.begin": "Запись начата", "recordings.end": "Запись окончена", "recordings.heard": "Запись прослушана",
    "recordings.erase": "Запись стёрта", "callbacks.now": "Перезвонили сразу", "callbacks.cancel": "Обратный звонок отменён",
    "menus.publish": "Меню опубликовано", "menus.roll_back": "Меню возвращено", "hours.day": "Изменены часы дня",
    "lines.announcement": "Объявление на линии", "lines.announcement_ended": "Объявление снято", "lines.closure": "Линия закрыта", "lines.closure_ended": "Линия снова открыта",
    "notices.make": "Объявление озвучено", "prompts.bring": "Фраза загружена", "prompts.restore": "Возвращена прежняя фраза", "prompts.remove": "Фраза удалена", "prompts.render": "Фразы озвучены",
    "tokens.make": "Токен создан", "tokens.withdraw": "Токен отозван", "captures.begin": "Захват пакетов начат", "captures.end": "Захват окончен",
  },
};

export const doneWords = (language: Language, code: string): string => DONE[language][code] ?? words(code.replace(".", ": "));

/** What the server refuses, in Russian, by its code. One that is not here is told in the server's own words. */
export const PROBLEMS_RU: Readonly<Record<string, string>> = {
  bad_cursor: "Эта страница списка устарела: откройте список заново.",
  bad_name: "Так подсказку назвать нельзя: имя — это путь в папке, например en/welcome.wav.",
  bad_period: "Период задан неверно: он должен кончаться позже, чем начался, и не быть слишком длинным.",
  bad_phone: "Телефон называется так же, как его учётная запись.",
  bad_value: "Значение не подходит.",
  busy: "Сейчас слишком много работы. Попробуйте ещё раз чуть позже.",
  captured_already: "Этот звонок уже записывается в файл.",
  captures_full: "Место для захватов занято: удалите ненужные.",
  changed_meanwhile: "Тем временем это изменил кто-то другой. Загрузите заново и повторите.",
  clip_gone: "Этого звука больше нет.",
  clip_too_long: "Звук длиннее, чем бывает подсказка.",
  closed: "Здесь сейчас никто не отвечает.",
  control_away: "Ядро горячей линии сейчас не отвечает. Оно перезапускается само, попробуйте ещё раз.",
  database_away: "База данных не отвечает.",
  elsewhere: "Файл лежит на другом узле: обратитесь к нему.",
  empty: "В этом файле ничего нет.",
  engine_failed: "Синтезатор речи не смог это произнести.",
  erased: "Звук уже удалён.",
  far_away: "Этот день слишком далеко.",
  file_held: "В этой папке сейчас пишет файлы кто-то другой. Ничего не изменилось; попробуйте ещё раз.",
  foreign_origin: "Другой сайт не может смотреть эти данные.",
  forbidden: "Это вам не разрешено.",
  full: "Сейчас слишком много чатов.",
  given: "Этот пароль задан в config.yaml: там его и меняют.",
  going_on: "Запись ещё идёт.",
  has_errors: "В тексте есть ошибки: с ними он не публикуется.",
  hours_by_hand: "Часы записаны так, что форма их не изменит: поправьте их как текст, в редакторе.",
  internal: "Сервер не справился с этим; подробности в его журнале.",
  invalid: "Значение отсутствует или неверно.",
  method_not_allowed: "Сервер не умеет этого.",
  no_chat: "Этот чат уже завершён.",
  manifest_entry: "Запись об этом звуке в списке звуков повреждена.",
  no_file: "Файла нет.",
  no_operator: "Это только для тех, кто принимает звонки.",
  no_room: "Таких уже слишком много: сначала уберите одно.",
  not_allowed: "Так сделать нельзя.",
  not_counted: "Посчитать не удалось; причина в журнале службы (not_counted).",
  not_found: "Этого нет.",
  not_kept: "Это действует, но не записано: после перезапуска пропадёт.",
  not_logged_in: "Нужно войти.",
  not_readable: "Файл не читается.",
  not_recorded: "Этот звонок не записывается.",
  not_taken_up: "Служба не приняла новые звуки; причина в её журнале.",
  not_talking: "Сейчас абонент ни с кем не говорит.",
  not_written: "Файл не записывается; ничего не изменилось.",
  not_yours: "На это у вас нет прав.",
  notice_language: "Объявление нужно на каждом языке меню и ни на каком другом.",
  password_changed: "Этот пароль тем временем сменили, возможно администратор; он остаётся таким, как сейчас. Войдите заново.",
  password_to_choose: "Этот пароль задали за вас: сначала выберите свой.",
  prompt_file_missing: "Такого звука нет.",
  prompt_in_use: "Этот звук играют меню, объявление или очередь: сначала уберите его оттуда.",
  prompt_recorded: "Эту подсказку записал человек: скажите, что её можно заменить.",
  prompt_unknown: "Такой подсказки нет ни в одном меню.",
  prompts_unwritable: "Звуки или их список не записываются: нужны права на запись и место на диске.",
  render_clash: "Два текста хотят один и тот же файл.",
  render_form: "Синтезатор не пишет файлов такого вида: запишите его сами или назовите .wav.",
  render_no_engine: "Для этого языка нет синтезатора речи.",
  render_no_text: "У подсказки нет текста, который можно произнести.",
  render_record_unreadable: "Список звуков не читается.",
  refused: "Линия сейчас не отвечает.",
  report_too_long: "Подсчёт занял слишком много времени: выберите период короче.",
  sound_gone: "Звук пропал: отправьте его ещё раз.",
  too_large: "Файл слишком велик.",
  too_many_attempts: "Слишком много попыток; подождите немного.",
  too_many_captures: "Захватов уже слишком много: завершите один.",
  too_many_files: "Каждый файл — один раз, и не слишком много сразу.",
  too_many_reports: "Считается много отчётов: попробуйте через минуту.",
  too_many_streams: "Открыто слишком много страниц: закройте лишние.",
  too_much: "Это занимает слишком много времени или памяти. Не стал ли текст намного длиннее?",
  too_often: "Слишком быстро: подождите немного.",
  unknown_call: "Этот звонок уже закончился.",
  unknown_callback: "Такого обратного звонка нет.",
  unknown_capture: "Такого захвата нет.",
  unknown_chat: "Такого чата нет, или он вам не виден.",
  unknown_count: "Такого показателя нет.",
  unknown_line: "Такой линии нет.",
  unknown_operator: "Такого оператора нет.",
  unknown_phone: "Этого телефона больше нет.",
  unknown_prompt: "Такой подсказки нет.",
  unknown_reason: "Для перерыва нужна причина из списка.",
  unknown_status: "Такого статуса нет.",
  unknown_target: "Такого адресата нет.",
  work_failed: "Это не сделано; причина в журнале службы (work_failed). Если это ваш звук, сохраните его как 16-битный WAV.",
  workshop_away: "Проверка меню на сервере не запускается; причина в его журнале (workshop_away).",
  wrong_login: "Имя или пароль неверны.",
  wrong_password: "Старый пароль неверен.",
  yourself: "Свой пароль меняют на странице «Моя учётная запись», зная прежний.",
};

/** Of these the server's own words say what exactly; they follow in brackets. */
const EXACT = new Set([
  "bad_value", "clip_too_long", "engine_failed", "file_held", "hours_by_hand", "invalid", "manifest_entry", "not_allowed", "not_readable",
  "not_written", "notice_language", "prompt_file_missing", "prompt_in_use", "prompt_recorded", "prompt_unknown", "prompts_unwritable",
  "render_clash", "render_form", "render_no_engine", "render_no_text", "render_record_unreadable",
]);

/** Of these what the server's own words say of this case: seconds, who, files and lines. A test holds the patterns to its words. */
const VALUES: Readonly<Record<string, { in: RegExp; said: (found: readonly string[], message: string) => string }>> = {
  changed_meanwhile: {
    in: /^(.+?) was changed by (.+?)(?: at ([0-9: -]+) UTC)?; nothing was published/,
    said: ([, file, who, at]) => `Тем временем файл ${file} изменили: ${who === "somebody" ? "кто именно, неизвестно" : who}${
      at ? `, ${at} UTC` : ""}. Ничего не опубликовано: сравните свой текст с новым.`,
  },
  has_errors: {
    in: /^Nothing was published: .+?:[0-9]+:[0-9]+: .*?\.(?: And ([0-9]+) more\.)?$/s,
    said: ([, more], message) => `В тексте есть ошибки, с ними он не публикуется: ${
      [...message.matchAll(/(?:: |; )([^\s:;]+:[0-9]+:[0-9]+): /g)].map(([, place]) => place).join(", ")}${more ? ` и ещё ${more}` : ""}.`,
  },
  too_many_attempts: {
    in: /try again in ([0-9]+) s\./,
    said: ([, seconds]) => `Слишком много попыток; попробуйте через ${seconds} с.`,
  },
};

export function problemIn(russian: boolean, code: string, message: string): string {
  const words = PROBLEMS_RU[code];
  if (!russian || words === undefined) return message;
  const values = VALUES[code], found = values?.in.exec(message);
  if (values !== undefined && found) return values.said(found, message);
  return EXACT.has(code) && message !== "" ? `${words} (${message})` : words;
}

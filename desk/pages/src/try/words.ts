import type { Words } from "../base/words";

const en = {
  title: "Try the hotline",
  about: "Call it from this page, as a customer would: listen, press keys, talk to an operator. Nothing has to be installed.",
  line: "Line", languages: "Languages: {list}", call_now: "Call {number}", no_microphone: "Without a microphone you can listen and press keys.",
  heard: "What you hear", nothing_yet: "What is said appears here as text.", music: "music", beep: "signal tone", recording: "a recording without a text",
  options: "What you can press", here: "Where you are", waiting: "You wait for an operator",
  place: "Number {place} in line", wait: "about {n} {n|minute|minutes} to wait", soon: "less than a minute to wait",
  ended: "The call has ended", lasted: "It lasted {time}.", again: "Call again", other_line: "Another line",
  why_lost: "The connection was lost and the call could not be kept.", why_refused: "The call was not taken: {why}",
  why_busy: "The line is busy: too many calls at this moment. Try again soon.", why_nobody: "The number is not in service.",
  why_hung_up: "You hung up.", why_other: "The hotline ended the call.", why_rate: "That was too often in a short time. Wait a minute and call again.",
  why_anonymous: "This line takes no calls from strangers: log in first.",
  off: "Trying is switched off here", off_what: "An administrator can switch it on in config.yaml (web.try_page); people who are logged in may call from their desk.",
  no_lines: "There is no line to try", no_lines_what: "An administrator names lines in config.yaml, under `lines`.",
  with_operator: "You talk with an operator", with_music: "You are being connected", log_in: "Log in", show_keypad: "Keypad", state_calling: "Calling…", state_talking: "Connected", state_held: "On hold", transcript: "What you heard", last_said: "The last thing said:",
};

export const WORDS: Words<keyof typeof en> = {
  en,
  ru: {
    title: "Попробовать горячую линию",
    about: "Позвоните с этой страницы, как клиент: слушайте, нажимайте клавиши, говорите с оператором. Устанавливать ничего не нужно.",
    line: "Линия", languages: "Языки: {list}", call_now: "Позвонить {number}", no_microphone: "Без микрофона можно слушать и нажимать клавиши.",
    heard: "Что вы слышите", nothing_yet: "Здесь появится текст того, что говорят.", music: "музыка", beep: "сигнал", recording: "запись без текста",
    options: "Что можно нажать", here: "Где вы", waiting: "Вы ждёте оператора",
    place: "Место в очереди: {place}", wait: "ждать около {n} {n|минуты|минут|минут}", soon: "ждать меньше минуты",
    ended: "Звонок завершён", lasted: "Он длился {time}.", again: "Позвонить снова", other_line: "Другая линия",
    why_lost: "Связь прервалась, и звонок не удалось сохранить.", why_refused: "Звонок не принят: {why}",
    why_busy: "Линия занята: сейчас слишком много звонков. Попробуйте чуть позже.", why_nobody: "Этот номер не обслуживается.",
    why_hung_up: "Вы завершили звонок.", why_other: "Звонок завершён на стороне линии.", why_rate: "Слишком часто за короткое время. Подождите минуту и позвоните снова.",
    why_anonymous: "Эта линия не принимает анонимные звонки: сначала войдите.",
    off: "Пробные звонки выключены", off_what: "Администратор может включить их в config.yaml (web.try_page); вошедшие звонят со своего рабочего места.",
    no_lines: "Нет линии, которую можно попробовать", no_lines_what: "Администратор называет линии в config.yaml, в разделе `lines`.",
    with_operator: "Вы говорите с оператором", with_music: "Вас соединяют", log_in: "Войти", show_keypad: "Клавиатура", state_calling: "Вызов…", state_talking: "Соединено", state_held: "На удержании", transcript: "Что вы слышали", last_said: "Последнее, что было сказано:",
  },
};

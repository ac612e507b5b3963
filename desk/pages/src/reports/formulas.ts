import { useLanguage } from "../base/words";

const LOWER = "lower bound of Wilson's interval, 95 %";
const UPPER = "upper bound of Wilson's interval, 95 %";

/** Formulas as the server prints them, in Russian. One that is not here is signs alone, or newer than this page. */
export const FORMULAS_RU: Record<string, string> = {
  "calls and chats that came in": "поступившие звонки и чаты",
  "R: chats in which an operator wrote to the visitor": "R: чаты, в которых оператор написал посетителю",
  "mean over R of (first message of an operator - entry into the queue that led to them)":
    "среднее по R (первое сообщение оператора − вход в очередь, которая к нему привела)",
  "90th percentile over R of (first message of an operator - entry into the queue that led to them)":
    "90-й процентиль по R (первое сообщение оператора − вход в очередь, которая к нему привела)",
  "mean over R of (first message of an operator - begin of the chat)":
    "среднее по R (первое сообщение оператора − начало чата)",
  "90th percentile over R of (first message of an operator - begin of the chat)":
    "90-й процентиль по R (первое сообщение оператора − начало чата)",
  "Z: requests closed as `solved` in the period; who came again about the same is counted once":
    "Z: обращения, закрытые за период как решённые; кто обратился о том же снова, учтён один раз",
  "mean over Z of (closing - begin of its first call or chat)":
    "среднее по Z (закрытие − начало первого звонка или чата)",
  "median over Z of (closing - begin of its first call or chat)":
    "медиана по Z (закрытие − начало первого звонка или чата)",
  "90th percentile over Z of (closing - begin of its first call or chat)":
    "90-й процентиль по Z (закрытие − начало первого звонка или чата)",
  "visits with the outcome `answered`": "звонки с исходом «отвечен»",
  "visits with the outcome `abandoned`": "звонки с исходом «не дождался»",
  "visits with the outcome `self_served`": "звонки с исходом «обслужен меню»",
  "visits with the outcome `transferred`": "звонки с исходом «переведён»",
  "visits with the outcome `overflow`": "звонки с исходом «переполнение»",
  "visits with the outcome `callback`": "звонки с исходом «обратный звонок»",
  "visits with the outcome `voicemail`": "звонки с исходом «оставил сообщение»",
  "visits with the outcome `closed`": "звонки с исходом «закрыто»",
  "visits with the outcome `refused`": "звонки с исходом «отклонён»",
  "visits with the outcome `failed`": "звонки с исходом «сбой»",
  "visits that are not over": "незавершённые звонки",
  "O: stays in queues that began": "O: начавшиеся ожидания в очередях",
  "A: stays that an operator ended by answering": "A: ожидания, которые закончил ответ оператора",
  "B: stays that the caller ended by hanging up": "B: ожидания, в которых абонент положил трубку",
  "of B, those with w < S, the bound of a short wait": "из B те, где w < S, граница короткого ожидания",
  "stays in queues that ended as `overflow`": "ожидания с концом «переполнение»",
  "stays in queues that ended as `callback`": "ожидания с концом «обратный звонок»",
  "stays in queues that ended as `voicemail`": "ожидания с концом «сообщение»",
  "stays in queues that ended as `transferred`": "ожидания с концом «ушёл из очереди иначе»",
  "stays in queues that ended as `closed`": "ожидания с концом «закрыто»",
  "stays in queues that ended as `failed`": "ожидания с концом «сбой»",
  "O - all endings: stays that are not over": "O − все концы: ещё не законченные ожидания",
  "A(w <= T) / A: hides the abandoned": "A(w <= T) / A: не видно тех, кто не дождался",
  "sum of w over answered / A": "сумма w по отвеченным / A",
  "greatest w of stays that are over": "наибольшее w законченных ожиданий",
  "B / O; callbacks are not abandoned": "B / O; обратные звонки сюда не входят",
  "talks of operators with callers": "разговоры операторов с абонентами",
  "talk / handled": "время разговоров / разговоры",
  "hold / handled": "время удержания / разговоры",
  "wrap-up / handled": "время оформления / разговоры",
  "(talk + hold + wrap-up) / handled": "(разговор + удержание + оформление) / разговоры",
  "offers of a caller to the operator's phone": "сколько раз звонил телефон оператора",
  "offers that the operator did not take": "звонки, которые оператор не взял",
  "time on calls, wrap-up with it": "время на звонках вместе с оформлением",
  "time available, reachable and without a call; while rung, too": "время на линии, на связи и без звонка; пока звонит, тоже",
  "time on break": "время на перерыве",
  "time on calls / (time on calls + idle available)": "время на звонках / (время на звонках + ожидание на линии)",
  "requests that an operator answered and that were closed, of callers whose number is known":
    "обращения, на которые ответил оператор и которые закрыты, от абонентов с известным номером",
  "requests closed without a repeat by the same caller on the same subject in 7 days / closed requests":
    "закрытые обращения, с которыми тот же абонент не обратился снова за 7 дней / закрытые обращения",
  "D: requests for people to close whose time (`sla.close_h`) ended in the period":
    "D: обращения, срок которых (`sla.close_h`) истёк в этом периоде",
  "of D, closed before that / D": "из D закрытые до срока / D",
  "answers 4 and 5 of 5 / answers": "оценки 4 и 5 из 5 / все оценки",
  [LOWER]: "нижняя граница интервала Уилсона, 95 %",
  [UPPER]: "верхняя граница интервала Уилсона, 95 %",
  "answers yes / (yes + no)": "ответы «да» / («да» + «нет»)",
  "questions of surveys that callers were asked": "вопросы, заданные абонентам в опросах",
  "questions answered / asked": "вопросы с ответом / заданные вопросы",
  "calls that entered the menu, each counted once": "звонки, вошедшие в меню, каждый один раз",
  "calls that ended in it with success (`self_served`)": "звонки, которые успешно закончились в нём",
  "calls that were given up in it, before any queue": "звонки, в которых трубку положили в нём, до очереди",
  "calls that went from it into their first queue": "звонки, ушедшие из него в первую очередь",
  "calls that ended in it with success / calls that entered": "успешно закончившиеся в нём / вошедшие в него",
  "E: wait estimates made for callers who were answered": "E: оценки ожидания для тех, кому ответили",
  "E whose true wait lay in the range / E; 80 % is meant": "E, где ожидание попало в границы / E; должно быть 80 %",
  "E answered before the range began / E; 10 % is meant": "E с ответом раньше нижней границы / E; должно быть 10 %",
  "E answered after the range ended / E; 10 % is meant": "E с ответом позже верхней границы / E; должно быть 10 %",
  "sum of the ranges' middles / sum of the true waits - 1, over E; above 0 is too long":
    "сумма середин границ / сумма ожиданий − 1, по E; больше 0 — оценки завышены",
  "mean of (end - beginning) of the ranges of E": "среднее (верхняя − нижняя) граница по E",
  "figures that were told to callers who were answered": "названные сроки тем, кому потом ответили",
  "of those, whose wait was no longer / all of those": "из них те, кто ждал не дольше названного / все они",
  "estimates made for callers who hung up: not judged": "оценки для тех, кто положил трубку: не сравниваются",
  "of those, who had waited beyond the range / all of those": "из них прождавшие дольше верхней границы / все они",
  // how many operators it takes
  "P(answered, wait <= T)": "P(ответ, ожидание <= T)",
  "1 - P_w·exp(-(n - a)·T/handle time)": "1 − P_w·exp(−(n − a)·T/время обработки)",
  "a = calls per second · handle time; mu = 1/handle time; theta = 1/patience; n operators; p_k: share of the time with k callers there; T: threshold; B_k = a·B_{k-1}/(k + a·B_{k-1}), B_0 = 1":
    "a = звонков в секунду · время обработки; mu = 1/время обработки; theta = 1/терпение; n операторов; p_k: доля времени с k абонентами; T: порог; B_k = a·B_{k-1}/(k + a·B_{k-1}), B_0 = 1",
};

/** A formula of the server in the page's language, with the signs of mathematics. */
export function useFormulas(): (formula: string) => string {
  const russian = useLanguage() === "ru";
  return (formula) => (russian ? FORMULAS_RU[formula] ?? formula : formula).replaceAll("<=", "≤").replaceAll(">=", "≥");
}

"""What alarms say, in both languages of the pages: what is wrong, and what to do."""

from typing import Final, Literal

Words = dict[Literal["en", "ru"], tuple[str, str]]
WORDS: Final[dict[str, Words]] = {
    "control_away": {
        "en": ("The heart of the hotline (control) does not answer", "It is started again by itself; if it stays away, "
               "see `journalctl -u hotline`."),
        "ru": ("Ядро горячей линии (control) не отвечает", "Оно перезапускается само; если не вернулось, смотрите "
               "`journalctl -u hotline`.")},
    "draining": {
        "en": ("The service is ending: new calls are refused", "Wait for its restart, or start it again."),
        "ru": ("Служба завершается: новые звонки отклоняются", "Дождитесь перезапуска или запустите её снова.")},
    "plane_away": {
        "en": ("No audio: the media plane is away, and calls are refused", "It is started again by itself; if not, see "
               "the log for `plane`."),
        "ru": ("Нет звука: медиапроцесс недоступен, звонки отклоняются", "Он перезапускается сам; если нет, смотрите "
               "в журнале `plane`.")},
    "worker_away": {
        "en": ("One of the audio processes ({subject}) is away", "The others have its calls; see the log for `plane`."),
        "ru": ("Один из звуковых процессов ({subject}) недоступен", "Его звонки приняли другие; смотрите в журнале "
               "`plane`.")},
    "plane_full": {
        "en": ("Audio process {subject} is full: {in_use} of {streams} streams", "Raise `media.ports` or "
               "`media.workers`; until then new calls are refused."),
        "ru": ("Звуковой процесс {subject} заполнен: {in_use} из {streams} потоков", "Увеличьте `media.ports` или "
               "`media.workers`; до этого новые звонки отклоняются.")},
    "plane_nearly_full": {
        "en": ("Audio process {subject} is nearly full: {in_use} of {streams} streams", "Raise `media.ports` or "
               "`media.workers` before it is."),
        "ru": ("Звуковой процесс {subject} почти заполнен: {in_use} из {streams} потоков", "Увеличьте заранее "
               "`media.ports` или `media.workers`.")},
    "audio_late": {
        "en": ("Audio comes late, by {ms} ms", "The machine has too little time: look what else runs on it."),
        "ru": ("Звук запаздывает на {ms} мс", "Машине не хватает времени: посмотрите, что ещё на ней работает.")},
    "database_away": {
        "en": ("The database is away; the spool keeps what happens", "Bring it back: nothing is lost until the spool "
               "is full."),
        "ru": ("База данных недоступна; события хранит спул", "Верните её: пока спул не полон, ничего не теряется.")},
    "database_not_read": {
        "en": ("The pages can't read the database: figures of today are old", "Calls are not touched; look at the "
               "database and its load."),
        "ru": ("Страницы не могут прочитать базу: показатели за день устарели", "На звонки это не влияет; проверьте "
               "базу и её нагрузку.")},
    "spool_full": {
        "en": ("The spool is full: new calls are refused", "Bring the database back, or make room on the disk."),
        "ru": ("Спул полон: новые звонки отклоняются", "Верните базу данных или освободите место на диске.")},
    "queue_unstaffed": {
        "en": ("{subject}: callers wait ({number}), and nobody is there for them", "Have an operator of this queue log "
               "in, come back from a break, or register their phone."),
        "ru": ("{subject}: абоненты ждут ({number}), а операторов нет", "Попросите оператора этой очереди войти, "
               "вернуться с перерыва или подключить телефон.")},
    "queue_waits_long": {
        "en": ("{subject}: the longest wait is {seconds} s, the target {target} s; waiting: {number}", "Call operators "
               "back from breaks, or take a call yourself."),
        "ru": ("{subject}: самое долгое ожидание {seconds} с при цели {target} с; ждут: {number}", "Верните операторов "
               "с перерыва или возьмите звонок сами.")},
    "trunk_refused": {
        "en": ("Trunk {subject}: the provider refuses our registration ({reason})", "Check user and password of this "
               "trunk in config.yaml."),
        "ru": ("Транк {subject}: провайдер отклонил регистрацию ({reason})", "Проверьте имя и пароль этого транка в "
               "config.yaml.")},
    "trunk_unregistered": {
        "en": ("Trunk {subject} is not registered ({reason})", "Check the network and the provider; it is tried again "
               "by itself."),
        "ru": ("Транк {subject} не зарегистрирован ({reason})", "Проверьте сеть и провайдера; попытки повторяются "
               "сами.")},
    "trunk_silent": {
        "en": ("Trunk {subject} does not answer our pings ({reason})", "Check the network and the provider."),
        "ru": ("Транк {subject} не отвечает на проверку связи ({reason})", "Проверьте сеть и провайдера.")},
    "channel_away": {
        "en": ("Channel {subject}: {reason}; messages that wait: {number}", "It is tried again by itself, and nothing "
               "is lost; check the network and the service behind it."),
        "ru": ("Канал {subject}: {reason}; ждут отправки: {number}", "Попытки повторяются сами, ничего не теряется; "
               "проверьте сеть и службу на той стороне.")},
    "channel_fault": {
        "en": ("Channel {subject} is refused: {reason}; messages that wait: {number}", "Somebody must mend it: check "
               "token, secret and address in config.yaml (docs/channels.md)."),
        "ru": ("Канал {subject} отклонён: {reason}; ждут отправки: {number}", "Нужно исправить: проверьте токен, "
               "секрет и адрес в config.yaml (docs/channels.md).")},
    "requests_overdue": {
        "en": ("{subject}: requests overdue: {number}", "Open the requests of this queue and close what is done."),
        "ru": ("{subject}: просроченных обращений: {number}", "Откройте обращения этой очереди и закройте готовые.")},
    "menus_refused": {
        "en": ("A changed menu is not used; faults: {number}", "`hotline check` names them; calls go on with the last "
               "good one."),
        "ru": ("Изменённое меню не применено; ошибок: {number}", "Их назовёт `hotline check`; звонки идут по "
               "последнему верному.")},
    "trial_returned": {
        "en": ("Line {subject}: the trial of menu {version} lost more callers and was taken back", "Look at the menu "
               "before it is tried again."),
        "ru": ("Линия {subject}: проба меню {version} теряла больше абонентов и отменена", "Просмотрите меню, прежде "
               "чем пробовать снова.")},
    "recording_failed": {
        "en": ("A recording failed", "Look at the disk and the folder of recordings; `/health` says more."),
        "ru": ("Запись разговора не удалась", "Проверьте диск и папку записей; подробнее в `/health`.")},
    "callers_unaccounted": {
        "en": ("Callers are not accounted for; faults: {number}", "`hotline report --check` names them: figures may be "
               "wrong, calls are not touched."),
        "ru": ("Не все абоненты учтены; ошибок: {number}", "Их назовёт `hotline report --check`: показатели могут быть "
               "неверны, на звонки это не влияет.")},
    "line_closed": {
        "en": ("Line {subject} is closed by order ({by})", "Open it again when the reason is gone."),
        "ru": ("Линия {subject} закрыта распоряжением ({by})", "Откройте её, когда причина исчезнет.")},
    "line_announcement": {
        "en": ("Line {subject} has an announcement before its menu ({by})", "Take it back when the reason is gone."),
        "ru": ("На линии {subject} звучит объявление перед меню ({by})", "Снимите его, когда причина исчезнет.")},
}

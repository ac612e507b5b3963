import type { Words } from "../base/words";

const en = {
  name: "Name",
  password: "Password",
  first_time: "The first passwords are on the server, in first-passwords.txt in its state folder.",
  or: "No login?",
};

export const WORDS: Words<keyof typeof en> = {
  en,
  ru: {
    name: "Имя",
    password: "Пароль",
    first_time: "Первые пароли лежат на сервере, в файле first-passwords.txt рабочей папки.",
    or: "Нет учётной записи?",
  },
};

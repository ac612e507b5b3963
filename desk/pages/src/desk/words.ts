import type { Words } from "../base/words";
import { en } from "./words_en";
import { ru } from "./words_ru";

export type DeskWord = keyof typeof en;
export const WORDS: Words<DeskWord> = { en, ru };

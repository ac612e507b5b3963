import { useWords, type Words } from "./words";

/** By which ways people reach the house, as the record names them. */
export const CHANNELS = ["voice", "web", "telegram", "sip", "http"] as const;
type Channel = (typeof CHANNELS)[number];

const WORDS: Words<Channel> = {
  en: { voice: "Telephone", web: "Chat on the site", telegram: "Telegram", sip: "SIP messages", http: "Programs (HTTP)" },
  ru: { voice: "Телефон", web: "Чат на сайте", telegram: "Telegram", sip: "Сообщения SIP", http: "Программы (HTTP)" },
};

/** What a channel is called; one that this page does not know keeps its name. */
export function useChannels(): (channel: string) => string {
  const t = useWords(WORDS);
  return (channel) => ((CHANNELS as readonly string[]).includes(channel) ? t(channel as Channel) : channel);
}

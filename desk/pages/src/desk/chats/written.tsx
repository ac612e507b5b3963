import { harmless } from "../../base/harmless";
import { parts } from "./talk";

/** What somebody wrote: text, whatever it says. Addresses of the web can be followed. */
export function Written({ body }: { body: string }) {
  return (
    <bdi className="desk-chat-body">
      {parts(harmless(body)).map(({ text, href }, at) => (href === null ? <span key={at}>{text}</span>
        : <a key={at} href={href} target="_blank" rel="noopener noreferrer nofollow">{text}</a>))}
    </bdi>
  );
}

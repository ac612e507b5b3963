import { Component, type ReactNode } from "react";
import { WORDS } from "./base_words";
import { useWords } from "./words";

/** A mistake in one page must not leave a white screen. */
export class Failed extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Sorry /> : this.props.children;
  }
}

function Sorry() {
  const t = useWords(WORDS);
  return (
    <div className="centre">
      <div className="card stack" role="alert">
        <p>{t("broken")}</p>
        <button className="primary" onClick={() => location.reload()}>{t("reload")}</button>
      </div>
    </div>
  );
}

import { lazy, Suspense, useEffect, useRef } from "react";
import { areaOf } from "./areas";
import { Failed } from "./base/failed";
import { Frame } from "./base/frame";
import { Loading, Toasts } from "./base/parts";
import { navigate, useRoute } from "./base/router";
import { SessionProvider, homeOf, mayEnter, useSession } from "./base/session";
import { useWords } from "./base/words";
import { WORDS } from "./base/base_words";

const Choose = lazy(() => import("./login/choose"));

/** The route decides which area is shown, the session whether it may be. */
export function App() {
  return (
    <SessionProvider>
      <Failed>
        <Routed />
      </Failed>
      <Toasts />
    </SessionProvider>
  );
}

function Routed() {
  const { path, params } = useRoute();
  const { who, known } = useSession();
  const t = useWords(WORDS);
  const area = areaOf(path);
  const heading = useRef<HTMLDivElement>(null);
  const needed = area?.role;
  const shut = needed !== undefined && known && !mayEnter(who, needed);

  useEffect(() => {
    if (shut && who === null) navigate(`/login?next=${encodeURIComponent(path + (params.size > 0 ? `?${params}` : ""))}`, { replace: true });
    else if (area === undefined && known) navigate(who === null ? "/login" : homeOf(who), { replace: true });
  }, [shut, who, path, params, area, known]);
  useEffect(() => {
    document.title = area === undefined ? "Hotline" : `${t(area.title)} · Hotline`;
    heading.current?.focus({ preventScroll: true });
  }, [area, t]);

  if (area === undefined || (needed !== undefined && !known)) return <Loading />;
  if (needed !== undefined && who?.must_change === true) return <Suspense fallback={<Loading />}><Choose name={who.name} /></Suspense>;
  if (shut) return who === null ? <Loading /> : <Frame><p className="note bad">{t("not_yours")}</p></Frame>;
  const Area = area.page;
  const page = (
    <Suspense fallback={<Loading />}>
      <Area path={path} params={params} />
    </Suspense>
  );
  return area.bare ? page : <Frame focus={heading}>{page}</Frame>;
}

import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Result } from "../page/result.ts";
import { VIEWS, type ViewName } from "../page/shown-view.ts";

const TITLES: Readonly<Record<ViewName, string>> = {
  flows: "Flows",
  hosts: "Hosts",
  incidents: "Incidents",
  rules: "Rules",
  comparison: "Comparison",
};

/** Where arrow keys and the ends of the row lead to. */
const STEPS: Readonly<Record<string, (place: number) => number>> = {
  ArrowLeft: (place) => place - 1,
  ArrowRight: (place) => place + 1,
  Home: () => 0,
  End: () => VIEWS.length - 1,
};

/** What a scored table is looked at as: a row of tabs of which one takes the keyboard. */
export function ViewTabs({ result }: { readonly result: Result }): JSX.Element {
  const shown = result.view.name.value;
  const tabs = useRef<HTMLDivElement>(null);
  const rules = result.rules.opened.value?.rules.length ?? 0;
  const go = (place: number): void => {
    const name = VIEWS.at(place % VIEWS.length) ?? "flows";
    result.view.name.value = name;
    tabs.current?.querySelector<HTMLElement>(`#tab-${name}`)?.focus();
  };
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Views"
      ref={tabs}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        go(step(VIEWS.indexOf(shown)));
      }}
    >
      {VIEWS.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={name === shown}
          aria-controls={name === shown ? "view" : undefined}
          tabIndex={name === shown ? 0 : -1}
          onClick={() => {
            result.view.name.value = name;
          }}
        >
          {TITLES[name]}
          {name === "rules" && rules > 0 && <span class="count"> {countText(rules)}</span>}
        </button>
      ))}
    </div>
  );
}

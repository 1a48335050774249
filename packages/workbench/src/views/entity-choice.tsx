import type { JSX } from "preact";

const ENTITIES: readonly (readonly [string, string])[] = [
  ["source", "a source"],
  ["destination", "a destination"],
  ["pair", "a source and a destination"],
];

/** What a host is. */
export function EntityChoice({
  entity,
  onChoose,
}: {
  readonly entity: string;
  readonly onChoose: (entity: string) => void;
}): JSX.Element {
  return (
    <label>
      <span>A host is</span>
      <select value={entity} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {ENTITIES.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Why a table has no hosts, in words. */
export function NoHostsNote({ lacks }: { readonly lacks: "addresses" | "times" | "flows" }): JSX.Element {
  const words = {
    addresses: "No columns of this table are known to hold addresses, so it does not say whose a flow is.",
    times: "No column of this table is known to hold times.",
    flows: "No flow has both an address and a time.",
  };
  return <p class="note">{words[lacks]}</p>;
}

import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ColumnFilter, comparesNumbers, type FilterOperator, SCORE } from "../choosing/column-filter.ts";
import type { Result } from "../page/result.ts";

const OPERATORS: readonly (readonly [FilterOperator, string])[] = [
  ["is", "is"],
  ["is-not", "is not"],
  ["contains", "contains"],
  ["at-least", "is at least"],
  ["at-most", "is at most"],
];

/** Which flows to look at: all that follows, and the charts above, keep to them. */
export function FilterSection({ result }: { readonly result: Result }): JSX.Element {
  const filters = result.filters.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const remove = (place: number): void => {
    result.filters.value = filters.filter((_, i) => i !== place);
    // The button that was pressed goes; focus should not go with it.
    heading.current?.focus();
  };
  return (
    <section class="filters" aria-labelledby="filters-title">
      <h3 id="filters-title" tabIndex={-1} ref={heading}>
        Filters
      </h3>
      <FilterForm result={result} />
      {filters.length > 0 && (
        <ul class="chips" aria-label="Filters in use">
          {filters.map((filter, place) => (
            <li key={JSON.stringify(filter)}>
              <span>{filterText(filter)}</span>
              <button
                type="button"
                aria-label={`Remove the filter ${filterText(filter)}`}
                onClick={() => remove(place)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="note" role="status">
        {result.chosen.value.rows === result.flows.rows
          ? `All ${countText(result.flows.rows)} flows are shown.`
          : `${countText(result.chosen.value.rows)} of ${countText(result.flows.rows)} flows pass.`}
      </p>
    </section>
  );
}

function FilterForm({ result }: { readonly result: Result }): JSX.Element {
  const { columns, label } = result.flows;
  const [column, setColumn] = useState(label?.column ?? columns[0]?.name ?? SCORE);
  const [operator, setOperator] = useState<FilterOperator>("is");
  const [value, setValue] = useState("");
  const [offered, setOffered] = useState<readonly string[]>([]);
  useEffect(() => {
    let isLate = false;
    setOffered([]);
    void result.worker.ask("values", column).then((values) => {
      if (!isLate) setOffered(values);
    });
    return () => {
      isLate = true;
    };
  }, [result.worker, column]);
  const isNumber = comparesNumbers(operator);
  return (
    <form
      class="controls"
      onSubmit={(event) => {
        event.preventDefault();
        const filter: ColumnFilter = { column, operator, value: value.trim() };
        const others = result.filters.peek().filter((one) => JSON.stringify(one) !== JSON.stringify(filter));
        result.filters.value = [...others, filter];
        setValue("");
      }}
    >
      <label>
        <span>Column</span>
        <select
          value={column}
          onChange={({ currentTarget }) => {
            setColumn(currentTarget.value);
            if (currentTarget.value === SCORE) setOperator("at-least");
          }}
        >
          <option value={SCORE}>score</option>
          {columns
            .filter(({ name }) => name !== SCORE)
            .map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <label>
        <span>Condition</span>
        <select
          value={operator}
          onChange={({ currentTarget }) => setOperator(currentTarget.value as FilterOperator)}
        >
          {OPERATORS.map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Value</span>
        <input
          type={isNumber ? "number" : "text"}
          step="any"
          list={isNumber ? undefined : "filter-values"}
          required={operator === "contains" || isNumber}
          value={value}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
      </label>
      <datalist id="filter-values">
        {offered.map((text) => (
          <option key={text} value={text} />
        ))}
      </datalist>
      <button type="submit">Add filter</button>
      <label class="check">
        <input
          type="checkbox"
          checked={result.anomaliesOnly.value}
          onChange={({ currentTarget }) => {
            result.anomaliesOnly.value = currentTarget.checked;
          }}
        />
        <span>List alarms only</span>
      </label>
    </form>
  );
}

function filterText({ column, operator, value }: ColumnFilter): string {
  const words = OPERATORS.find(([key]) => key === operator)?.[1] ?? operator;
  return `${column} ${words} ${value === "" ? "empty" : value}`;
}

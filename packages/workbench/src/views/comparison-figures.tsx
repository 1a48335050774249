import type { ComparedAlarms, LabelledComparison, OldAndNew } from "@oddflow/evaluation";
import { countText, numberText, percentText, rarityText, visibleText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { endpointColumns, endpointText } from "../choosing/endpoints.ts";
import type { ModelComparison, ShownChange } from "../comparison/second-model.ts";

const SIDES = ["old", "new"] as const;

/** What two models say of the same flows: how far they agree, and where they do not. */
export function ComparisonFigures({
  comparison: { alarms, overlap, oddest, rankCorrelation, labels, changed },
  names,
  thresholds,
  identifiers,
}: {
  readonly comparison: ModelComparison;
  /** The columns that say who. */
  readonly identifiers: readonly string[];
  readonly names: OldAndNew<string>;
  readonly thresholds: OldAndNew<number>;
}): JSX.Element {
  const ends = endpointColumns(identifiers).flatMap((column) => column.ends);
  const same = oddest.both / Math.max(oddest.old, oddest.new);
  return (
    <>
      <dl class="key-figures alike">
        <Figure name="Alarms of both" value={overlap === null ? "–" : percentText(overlap)}>
          of all that either raises
        </Figure>
        <Figure name="The same oddest flows" value={percentText(same)}>
          of the {countText(oddest.old)} that each finds oddest
        </Figure>
        <Figure name="Rank correlation" value={rankCorrelation?.toFixed(4) ?? "–"}>
          of the scores (Spearman)
        </Figure>
      </dl>
      <div class="charts">
        <section>
          <table class="compared">
            <caption>Alarms, at the same budget</caption>
            <thead>
              <SideHeadings first="" names={names} />
            </thead>
            <tbody>
              <SideRow name="threshold" of={(side) => numberText(thresholds[side])} />
              <SideRow name="alarms" of={(side) => countText(alarms[side])} />
              <SideRow name="share of the flows" of={(side) => percentText(alarms[side] / alarms.flows)} />
              <SideRow
                name="that the other does not raise"
                of={(side) => countText(alarms[side] - alarms.both)}
              />
            </tbody>
          </table>
        </section>
        {labels !== null && <ByLabel labels={labels} names={names} />}
      </div>
      <Changed title={`Only ${names.new} raises an alarm`} flows={changed.new} ends={ends} />
      <Changed title={`Only ${names.old} raises an alarm`} flows={changed.old} ends={ends} />
    </>
  );
}

function Figure({
  name,
  value,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly children: (string | string[])[] | string;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <span>{children}</span>
      </dd>
    </div>
  );
}

function SideHeadings({
  first,
  names,
}: {
  readonly first: string;
  readonly names: OldAndNew<string>;
}): JSX.Element {
  return (
    <tr>
      {first === "" ? <td /> : <th scope="col">{first}</th>}
      {SIDES.map((side) => (
        <th key={side} scope="col" class="number">
          {visibleText(names[side])}
          <span class="kind">{side}</span>
        </th>
      ))}
    </tr>
  );
}

function SideRow({
  name,
  of,
}: {
  readonly name: string;
  readonly of: (side: "old" | "new") => string;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{visibleText(name)}</th>
      {SIDES.map((side) => (
        <td key={side} class="number">
          {of(side)}
        </td>
      ))}
    </tr>
  );
}

function ByLabel({
  labels: { rocAuc, normal, attacks },
  names,
}: {
  readonly labels: LabelledComparison;
  readonly names: OldAndNew<string>;
}): JSX.Element {
  const share = (of: ComparedAlarms, side: "old" | "new"): string =>
    of.flows === 0 ? "–" : percentText(of[side] / of.flows);
  return (
    <section>
      <table class="compared">
        <caption>By label, the share that raises an alarm</caption>
        <thead>
          <SideHeadings first="label" names={names} />
        </thead>
        <tbody>
          <SideRow name="normal (false alarms)" of={(side) => share(normal, side)} />
          {attacks.map((kind) => (
            <SideRow key={kind.name} name={kind.name ?? "(not known)"} of={(side) => share(kind, side)} />
          ))}
          <SideRow name="ROC-AUC" of={(side) => rocAuc[side]?.toFixed(4) ?? "–"} />
        </tbody>
      </table>
    </section>
  );
}

/** Flows that changed sides: those that the quiet model finds the most usual. */
function Changed({
  title,
  flows,
  ends,
}: {
  readonly title: string;
  /** The places of what names an end, among the flows' identifiers. */
  readonly ends: readonly (readonly number[])[];
  readonly flows: readonly ShownChange[];
}): JSX.Element | null {
  if (flows.length === 0) return null;
  return (
    <section>
      <h4>{visibleText(title)}</h4>
      <p class="note">Those that the other one finds the most usual.</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section class="scroll" tabIndex={0} aria-label={title}>
        <table class="changed">
          <thead>
            <tr>
              <th scope="col" class="number">
                row
              </th>
              <th scope="col">who</th>
              <th scope="col" class="word">
                rarity, old
              </th>
              <th scope="col" class="word">
                rarity, new
              </th>
              <th scope="col">what made it odd</th>
            </tr>
          </thead>
          <tbody>
            {flows.map(({ row, identifiers, rarities, reasons }) => (
              <tr key={row}>
                <th scope="row" class="number">
                  {countText(row + 1)}
                </th>
                <td class="word">{visibleText(whoText(identifiers, ends))}</td>
                <td class="word">{rarityText(rarities.old)}</td>
                <td class="word">{rarityText(rarities.new)}</td>
                <td class="reasons">
                  <ol>
                    {reasons.map(({ column, share, text }) => (
                      <li key={column}>
                        {visibleText(text)}, {percentText(share)}
                      </li>
                    ))}
                  </ol>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function whoText(identifiers: readonly string[], ends: readonly (readonly number[])[]): string {
  const texts = ends.map((places) => endpointText(places.map((place) => identifiers[place] ?? "")));
  return texts.filter((text) => text !== "").join(" → ");
}

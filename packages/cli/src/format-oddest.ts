import { describeSeen, type Scorer, seenValue, topColumns } from "@oddflow/inference";
import { OddflowError } from "@oddflow/preprocessing";
import type { OddFlow } from "./oddest-flows.ts";
import { rate } from "./progress.ts";
import { oneLine } from "./terminal.ts";

/** A column that made a flow odd, in words, and its share (0 to 1) of the flow's score. */
export interface ReasonLine {
  readonly share: number;
  readonly text: string;
}

/** The oddest flows for the terminal, `top` reasons each, one a line. */
export async function formatOddest(scorer: Scorer, oddest: readonly OddFlow[], top: number): Promise<string> {
  if (oddest.length === 0) return "";
  const reasons = await oddestReasons(scorer, oddest, top);
  const lines = oddest.flatMap(({ row, score }, i) => {
    const own = reasons[i] ?? [];
    return own.map(({ share, text }, place) => {
      const start = place === 0 ? [rate(row + 1), score.toPrecision(4)] : ["", ""];
      return line(start[0], start[1], `${Math.round(100 * share)} %`, oneLine(text));
    });
  });
  return ["The oddest flows", line("row", "score", "share", "what made it odd"), ...lines, "", ""].join("\n");
}

/** `top` reasons for each flow. Where the model file cannot tell what it expects, a reason is the value seen alone. */
export async function oddestReasons(
  scorer: Scorer,
  oddest: readonly OddFlow[],
  top: number,
): Promise<ReasonLine[][]> {
  const width = scorer.columns.length;
  const flows = new Float32Array(oddest.length * width);
  oddest.forEach(({ values }, i) => {
    flows.set(values, i * width);
  });
  return (await explained(scorer, flows, top)) ?? seenAlone(scorer, flows, top);
}

function line(row = "", score = "", share = "", text = ""): string {
  return `${row.padStart(10)}  ${score.padStart(8)}  ${share.padStart(5)}  ${text}`;
}

async function explained(
  scorer: Scorer,
  flows: Float32Array,
  top: number,
): Promise<ReasonLine[][] | undefined> {
  try {
    return (await scorer.explain(flows, { top })).map(({ reasons }) => [...reasons]);
  } catch (error) {
    if (error instanceof OddflowError && error.code === "MODEL_INVALID") return undefined;
    throw error;
  }
}

async function seenAlone(scorer: Scorer, flows: Float32Array, top: number): Promise<ReasonLine[][]> {
  const { columns } = scorer;
  const width = columns.length;
  const { errors = new Float32Array(), flows: rows } = await scorer.score(flows, { errors: true });
  const places = new Int16Array(rows * top);
  topColumns(errors, width, top, places);
  return Array.from({ length: rows }, (_, row) => {
    const sum =
      errors.subarray(row * width, (row + 1) * width).reduce((total, error) => total + error, 0) || 1;
    return [...places.subarray(row * top, (row + 1) * top)].flatMap((k) => {
      const column = columns[k];
      if (column === undefined) return [];
      const place = row * width + k;
      const text = describeSeen(column, seenValue(column, flows[place] as number));
      return [{ share: (errors[place] as number) / sum, text }];
    });
  });
}

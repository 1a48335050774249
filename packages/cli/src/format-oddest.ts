import { type FlowReason, flowReasons, type Scorer } from "@oddflow/inference";
import type { OddFlow } from "./oddest-flows.ts";
import { rate } from "./progress.ts";
import { oneLine } from "./terminal.ts";

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

/** `top` reasons for each flow. */
export async function oddestReasons(
  scorer: Scorer,
  oddest: readonly OddFlow[],
  top: number,
): Promise<readonly (readonly FlowReason[])[]> {
  const width = scorer.columns.length;
  const flows = new Float32Array(oddest.length * width);
  oddest.forEach(({ values }, i) => {
    flows.set(values, i * width);
  });
  return flowReasons(scorer, flows, top);
}

function line(row = "", score = "", share = "", text = ""): string {
  return `${row.padStart(10)}  ${score.padStart(8)}  ${share.padStart(5)}  ${text}`;
}

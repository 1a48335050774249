import { type ContextFlow, type ContextSpec, contextColumns } from "@oddflow/preprocessing";

/** A flow of a test: keys are small numbers, a time is in seconds. */
export interface SmallFlow {
  readonly time: number;
  readonly source: number;
  readonly destination: number;
  readonly port: number;
  readonly bytes: number;
  readonly packets: number;
  readonly failed: boolean;
}

export function asContextFlow({ source, destination, port, ...rest }: SmallFlow): ContextFlow {
  return {
    ...rest,
    sourceLow: source,
    sourceHigh: 7,
    destinationLow: destination,
    destinationHigh: 7,
    portLow: port,
    portHigh: 0,
  };
}

/** A flow that has come, and when it counts to have begun, in microseconds. */
interface Arrived {
  readonly flow: SmallFlow;
  readonly began: number;
}

const MICROSECONDS = 1e6;

/** The context of flows in the order in which they come, each counted from all before it: the definition, word by word. */
export function countedByHand(spec: ContextSpec, flows: readonly SmallFlow[]): number[][] {
  const longest = (spec.windows.at(-1) ?? 0) * MICROSECONDS;
  let arrived: Arrived[] = [];
  let now = Number.NEGATIVE_INFINITY;
  let lateInARow = 0;
  return flows.map((flow) => {
    const time = Math.round(flow.time * MICROSECONDS);
    if (Number.isNaN(time)) return contextColumns(spec).map(() => Number.NaN);
    let began = time;
    if (now - time < longest) lateInARow = 0;
    else if (++lateInARow < 100) began = now;
    else {
      lateInARow = 0;
      arrived = [];
      now = time;
    }
    now = Math.max(now, began);
    const row = contextColumns(spec).map(({ key, measure, window }) => {
      const within = arrived.filter((one) => now - one.began < window * MICROSECONDS);
      const same = within.filter(
        (one) =>
          (key === "port" || key === "destination" || one.flow.source === flow.source) &&
          (key === "port" || key === "source" || one.flow.destination === flow.destination) &&
          (key !== "port" || one.flow.port === flow.port),
      );
      const sum = (of: (flow: SmallFlow) => number): number =>
        same.reduce((all, one) => all + of(one.flow), 0);
      const distinct = (of: (flow: SmallFlow) => number): number =>
        new Set(same.map((one) => of(one.flow))).size;
      switch (measure) {
        case "flows":
          return same.length;
        case "bytes":
          return sum(({ bytes }) => bytes);
        case "packets":
          return sum(({ packets }) => packets);
        case "peers":
          return distinct(key === "source" ? (one) => one.destination : (one) => one.source);
        case "ports":
          return distinct(({ port }) => port);
        case "failed":
          return same.length === 0 ? 0 : sum(({ failed }) => Number(failed)) / same.length;
        case "since": {
          const row = inRow(same);
          const last = row.at(-1);
          return last === undefined ? window : (now - last.began) / MICROSECONDS;
        }
        case "regularity":
          return regularity(inRow(same), began);
        case "hour": {
          const date = new Date(time / 1000);
          return ((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours();
        }
        default:
          throw new Error(measure);
      }
    });
    arrived.push({ flow, began });
    return row;
  });
}

/** Of a pair's flows those that did not come after one that began later. */
function inRow(flows: readonly Arrived[]): readonly Arrived[] {
  let latest = Number.NEGATIVE_INFINITY;
  return flows.filter(({ began }) => {
    if (began < latest) return false;
    latest = began;
    return true;
  });
}

function regularity(row: readonly Arrived[], began: number): number {
  const times = row.map((one) => one.began);
  if (began >= (times.at(-1) ?? 0)) times.push(began);
  const gaps = times.slice(1).map((time, i) => Math.floor((time - (times[i] ?? 0)) / 1000));
  if (gaps.length < 3) return 1;
  const sum = gaps.reduce((all, gap) => all + gap, 0);
  const squares = gaps.reduce((all, gap) => all + gap * gap, 0);
  return sum === 0 ? 0 : Math.sqrt(gaps.length * squares - sum * sum) / sum;
}

import type { ContextSpec } from "./context-spec.ts";

/** What is counted of a flow's source, destination, pair of both, and service port; and the calendar, which counts nothing. */
export type ContextKey = "source" | "destination" | "pair" | "port" | "calendar";

/** What is counted of the flows of a key within a window. */
export type ContextMeasure =
  /** Flows, and their bytes and packets in both directions. */
  | "flows"
  | "bytes"
  | "packets"
  /** Distinct hosts on the other side: a source's destinations, a destination's or a port's sources. */
  | "peers"
  /** Distinct service ports, each with its protocol. */
  | "ports"
  /** The share of the flows that failed; 0 where there are none. */
  | "failed"
  /** Seconds since the pair's last flow; the longest window where there was none within it. */
  | "since"
  /** The coefficient of variation of the pair's intervals: 0 for a beacon, 1 for chance and where there are fewer than 3. */
  | "regularity"
  /** When the flow itself was: `hourOfWeek`. */
  | "hour";

/** One column of the context of flows. */
export interface ContextColumn {
  /** `context.source.60s.flows`, `context.pair.since` */
  readonly name: string;
  readonly key: ContextKey;
  readonly measure: ContextMeasure;
  /** Seconds; 0 for the hour, which is of the flow alone. */
  readonly window: number;
}

/** The columns that a context adds, in their order. */
export function contextColumns(spec: ContextSpec): readonly ContextColumn[] {
  const { leftOut = [] } = spec;
  const columns = countedColumns(spec);
  return leftOut.length === 0 ? columns : columns.filter(({ name }) => !leftOut.includes(name));
}

/** All that is counted, in the order in which it is. */
export function countedColumns(spec: ContextSpec): readonly ContextColumn[] {
  const { windows, port, bytes, packets, failed, calendar } = spec;
  const longest = windows[windows.length - 1] as number;
  const present = (measures: readonly (ContextMeasure | false)[]): readonly ContextMeasure[] =>
    measures.filter((measure) => measure !== false);
  const counted: readonly (readonly [ContextKey, readonly ContextMeasure[]])[] = [
    [
      "source",
      present([
        "flows",
        bytes.length > 0 && "bytes",
        packets.length > 0 && "packets",
        "peers",
        port !== undefined && "ports",
        failed !== undefined && "failed",
      ]),
    ],
    ["destination", present(["flows", bytes.length > 0 && "bytes", "peers"])],
    ["pair", ["flows"]],
    ["port", port === undefined ? [] : ["flows", "peers"]],
  ];
  const column = (key: ContextKey, window: number, measure: ContextMeasure): ContextColumn => ({
    name: `context.${key}.${measure === "since" || measure === "hour" ? "" : `${window}s.`}${measure}`,
    key,
    measure,
    window,
  });
  return [
    ...counted.flatMap(([key, measures]) =>
      windows.flatMap((window) => measures.map((measure) => column(key, window, measure))),
    ),
    column("pair", longest, "since"),
    column("pair", longest, "regularity"),
    ...(calendar ? [column("calendar", 0, "hour")] : []),
  ];
}

const WORDS: Readonly<Record<ContextKey, Partial<Record<ContextMeasure, string>>>> = {
  source: {
    flows: "flows from the source",
    bytes: "bytes of flows from the source",
    packets: "packets of flows from the source",
    peers: "destinations of the source",
    ports: "service ports that the source tried",
    failed: "share of flows from the source that failed",
  },
  destination: {
    flows: "flows to the destination",
    bytes: "bytes of flows to the destination",
    peers: "sources of flows to the destination",
  },
  pair: {
    flows: "flows from the source to the destination",
    since: "seconds since the source's last flow to the destination",
    regularity: "irregularity of flows from the source to the destination",
  },
  port: { flows: "flows to the service port", peers: "sources of flows to the service port" },
  calendar: { hour: "hour of the week" },
};

/** What a column of that name counts, in plain words such as "destinations of the source within 60 s"; undefined for any other column. */
export function contextWords(name: string): string | undefined {
  const [, key, window, measure] = /^context\.([a-z]+)\.(?:([0-9]+)s\.)?([a-z]+)$/.exec(name) ?? [];
  const ofKey: Partial<Record<string, string>> | undefined = Object.entries(WORDS).find(
    ([each]) => each === key,
  )?.[1];
  const words = measure === undefined ? undefined : ofKey?.[measure];
  return words === undefined || window === undefined ? words : `${words} within ${window} s`;
}

import {
  type ColumnSpec,
  type ContextSpec,
  contextColumns,
  contextInputs,
  contextWords,
  featureCount,
  fitPreprocessing,
  hourColumn,
  hourOfWeek,
  ownColumns,
  parsePreprocessingSpec,
  refitScales,
} from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const CONTEXT: ContextSpec = {
  windows: [60],
  time: "ts",
  source: ["from"],
  destination: ["to"],
  port: "port",
  protocol: "proto",
  bytes: ["sent", "received"],
  packets: [],
  failed: { column: "state", values: ["S0", "REJ"] },
  network: "capture",
};

const columns = [
  { kind: "number", name: "sent" } as const,
  ...contextColumns(CONTEXT).map(({ name }) => ({ kind: "number", name }) as const),
];
const spec = fitPreprocessing(
  { columns, flows: new Float32Array(2 * columns.length).fill(1), context: CONTEXT },
  { transform: "signed-log1p", encoding: "one-hot" },
);

test("a spec keeps what its last columns are counted from, and knows those that a flow has itself", () => {
  const read = parsePreprocessingSpec(JSON.stringify(spec));
  expect(read).toEqual(spec);
  expect(read.context).toEqual(CONTEXT);
  expect(ownColumns(read).map(({ name }) => name)).toEqual(["sent"]);
  const { context: _, ...without } = { ...spec, version: 1 as const };
  expect(ownColumns(without)).toEqual(spec.columns);
});

test("a context with the hour of the week has it as its last column, which no feature is made of", () => {
  const calendar: ContextSpec = { ...CONTEXT, calendar: true };
  const hours = [...columns, { kind: "number", name: "context.calendar.hour" } as const];
  const fitted = fitPreprocessing(
    {
      columns: hours,
      flows: Float32Array.from({ length: 2 * hours.length }, (_, k) => k),
      context: calendar,
    },
    { transform: "signed-log1p", encoding: "one-hot" },
  );
  expect(contextColumns(calendar).map(({ name }) => name)).toEqual(hours.slice(1).map(({ name }) => name));
  expect([fitted.version, hourColumn(fitted), featureCount(fitted)]).toEqual([
    3,
    columns.length,
    columns.length,
  ]);
  expect([spec.version, hourColumn(spec)]).toEqual([2, undefined]);
  expect(parsePreprocessingSpec(JSON.stringify(fitted))).toEqual(fitted);
  expect(refitScales(fitted, new Float32Array(hours.length)).columns.at(-1)).toEqual(fitted.columns.at(-1));
  const [first, ...rest] = fitted.columns;
  for (const wrong of [
    { ...fitted, version: 2 },
    { ...spec, version: 3 },
    { ...fitted, context: { ...calendar, calendar: 1 } },
    { ...fitted, columns: [{ ...first, isHour: true }, ...rest] },
    {
      ...fitted,
      columns: fitted.columns.map(({ isHour: _, ...column }: ColumnSpec & { isHour?: true }) => column),
    },
  ])
    expect(() => parsePreprocessingSpec(JSON.stringify(wrong))).toThrowError(
      expect.objectContaining({ code: "SPEC_INVALID" }),
    );
});

test("hours of the week are those of UTC's calendar, in whatever part of a second", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 4e9, noNaN: true }), (seconds) => {
      const date = new Date(Math.floor(Math.floor(seconds * 1e6 + 0.5) / 1000));
      expect(hourOfWeek(seconds)).toBe(((date.getUTCDay() + 6) % 7) * 24 + date.getUTCHours());
    }),
  );
});

test("each column of a context has words of its own, and no other column has some", () => {
  const words = contextColumns(CONTEXT).map(({ name }) => contextWords(name));
  expect(words).not.toContain(undefined);
  expect(new Set(words).size).toBe(words.length);
  expect(contextWords("context.source.60s.peers")).toBe("destinations of the source within 60 s");
  for (const name of [
    "sbytes",
    "context.source.60s.luck",
    "context.moon.60s.flows",
    "context.toString.flows",
  ]) {
    expect(contextWords(name)).toBeUndefined();
  }
});

test("a context names each column that it is counted from once", () => {
  const inputs = ["ts", "from", "to", "port", "proto", "sent", "received", "state", "capture"];
  expect(contextInputs(CONTEXT)).toEqual(inputs);
  expect(contextInputs({ ...CONTEXT, packets: ["sent"], failed: { unanswered: "received" } })).toEqual(
    inputs.filter((name) => name !== "state"),
  );
});

describe("a spec whose context cannot be used is refused", () => {
  const broken = (change: object): string => JSON.stringify({ ...spec, context: { ...CONTEXT, ...change } });
  const cases: [string, string][] = [
    ["none where the version says that there is one", JSON.stringify({ ...spec, context: undefined })],
    ["no windows", broken({ windows: [] })],
    ["windows that do not ascend", broken({ windows: [600, 60] })],
    ["half a second", broken({ windows: [0.5] })],
    ["more than a day", broken({ windows: [60, 86_401] })],
    ["no source", broken({ source: [] })],
    ["a destination that is no list", broken({ destination: "to" })],
    ["bytes that are no list", broken({ bytes: "sent" })],
    ["a port that is no name", broken({ port: 80 })],
    ["failures by nothing", broken({ failed: {} })],
    ["failures without values", broken({ failed: { column: "state" } })],
    ["another window than its columns have", broken({ windows: [61] })],
    ["fewer columns than it adds", JSON.stringify({ ...spec, columns: spec.columns.slice(0, 3) })],
    ["no column but its own", JSON.stringify({ ...spec, columns: spec.columns.slice(1) })],
  ];
  test.each(cases)("%s", (_, json) => {
    expect(() => parsePreprocessingSpec(json)).toThrow(expect.objectContaining({ code: "SPEC_INVALID" }));
  });
});

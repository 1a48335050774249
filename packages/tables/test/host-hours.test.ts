import fc from "fast-check";
import { expect, test } from "vitest";
import { type CountedHost, openTable, readHostHours } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

interface Flow {
  readonly src: string | null;
  /** Seconds after the first of January 2026; null and one of no calendar are in no hour. */
  readonly after: number | null;
}

const FIRST = 1_767_225_600;
const NEVER = 1e300;

const flows = fc
  .array(
    fc.record({
      src: fc.constantFrom("10.0.0.1", "10.0.0.2", "it's", null),
      after: fc.option(
        fc.oneof({ weight: 9, arbitrary: fc.nat(60_000) }, { weight: 1, arbitrary: fc.constant(NEVER) }),
        { freq: 8 },
      ),
    }),
    { maxLength: 60 },
    // The unit of times is told by the one in the middle.
  )
  .filter((some) => 2 * some.filter(({ after }) => after === NEVER).length <= some.length);

const isCounted = (flow: Flow): flow is { src: string; after: number } =>
  flow.src !== null && flow.after !== null && flow.after !== NEVER;

type Hours = Omit<CountedHost, "id">;

/** Of each host, by the definition; flows of a minute count as from its first to its last one. */
function byHand(baseline: readonly Flow[], recent: readonly Flow[]): Map<string, Hours> {
  const found = new Map<string, Hours>();
  for (const src of new Set([...baseline, ...recent].filter(isCounted).map((own) => own.src))) {
    const hours = {
      hour: [] as number[],
      flows: [] as number[],
      last: [] as number[],
      gapFrom: [] as number[],
      gapTo: [] as number[],
      baseline: 0,
    };
    let before = Number.NaN;
    for (const [period, some] of [baseline, recent].entries()) {
      const own = some
        .filter(isCounted)
        .filter((flow) => flow.src === src)
        .map(({ after }) => FIRST + after)
        .sort((a, b) => a - b);
      let hour = Number.NaN;
      for (const time of own) {
        if (Math.floor(time / 3600) !== hour) {
          hour = Math.floor(time / 3600);
          hours.hour.push(hour);
          hours.flows.push(0);
          hours.last.push(time);
          hours.gapFrom.push(Number.NaN);
          hours.gapTo.push(Number.NaN);
          if (period === 0) hours.baseline++;
        }
        const k = hours.hour.length - 1;
        hours.flows[k] = (hours.flows[k] as number) + 1;
        hours.last[k] = time;
        const widest = (hours.gapTo[k] as number) - (hours.gapFrom[k] as number);
        if (
          Math.floor(time / 60) !== Math.floor(before / 60) &&
          before < time &&
          !(widest >= time - before)
        ) {
          hours.gapFrom[k] = before;
          hours.gapTo[k] = time;
        }
        before = time;
      }
    }
    found.set(src, hours);
  }
  return found;
}

const lines = (some: readonly Flow[]): string =>
  some
    .map(({ src, after }) => `${JSON.stringify({ stime: after === null ? null : FIRST + after, src })}\n`)
    .join("");

const COLUMNS = { entity: [["src"]], time: "stime" };

/** Where nobody sends for so many seconds is told. */
const QUIET = 600;

test("hosts' hours are those that their flows are in, with the widest gap that ends in each", async () => {
  await fc.assert(
    fc.asyncProperty(flows, flows, async (early, late) => {
      // One at least has all, so that columns have types; the recent flows begin with a minute of their own.
      const start = 66_000;
      const baseline: Flow[] = [{ src: "10.0.0.1", after: 5 }, ...early];
      const recent: Flow[] = [
        { src: "10.0.0.2", after: start },
        ...late.map(({ src, after }) => ({
          src,
          after: after === null || after === NEVER ? after : start + after,
        })),
      ];
      // Flows of the recent ones' time, which a careless glob has among the earlier ones too.
      const both = [...baseline, ...recent.filter(isCounted).slice(0, 3)];
      const tables = {
        baseline: { table: await openTable(folder.write("earlier.ndjson", lines(both))), columns: COLUMNS },
        recent: { table: await openTable(folder.write("recent.ndjson", lines(recent))), columns: COLUMNS },
      };
      const found = await readHostHours(tables);
      const expected = byHand(baseline, recent);
      const met = new Map<string, Hours>();
      // Twice: the answer can be read again.
      for (let k = 0; k < 2; k++)
        for await (const { id, ...own } of found.hosts())
          met.set((await found.names([id])).get(id) ?? "", own);
      const widths = ({ gapFrom, gapTo, ...own }: Hours): unknown => ({
        ...own,
        gaps: gapTo.map((to, k) => to - (gapFrom[k] as number)),
      });
      expect(new Map([...met].map(([host, own]) => [host, widths(own)]))).toEqual(
        new Map([...expected].map(([host, own]) => [host, widths(own)])),
      );
      for (const { gapFrom, gapTo, hour } of met.values())
        for (const [k, to] of gapTo.entries())
          if (!Number.isNaN(to)) {
            expect(Math.floor(to / 3600)).toBe(hour[k]);
            expect(gapFrom[k]).toBeLessThan(to);
          }
      const counted = { baseline: baseline.filter(isCounted), recent: recent.filter(isCounted) };
      for (const name of ["baseline", "recent"] as const) {
        const times = counted[name].map(({ after }) => FIRST + after);
        const rows = name === "baseline" ? both.length : recent.length;
        expect(found[name]).toEqual({
          first: Math.min(...times),
          last: Math.max(...times),
          flows: times.length,
          leftOut: rows - times.length,
        });
      }
      expect(found.hours).toEqual(
        [...new Set(counted.baseline.map(({ after }) => Math.floor((FIRST + after) / 3600)))]
          .sort((a, b) => a - b)
          .map((hour) => {
            const own = counted.baseline.filter(({ after }) => Math.floor((FIRST + after) / 3600) === hour);
            return { hour, flows: own.length, hosts: new Set(own.map(({ src }) => src)).size };
          }),
      );
      const all = [...counted.baseline, ...counted.recent]
        .map(({ after }) => FIRST + after)
        .sort((a, b) => a - b);
      expect(found.quiet).toEqual(
        all.flatMap((to, k) => {
          const from = all[k - 1] ?? to;
          return to - from > QUIET ? [{ from, to }] : [];
        }),
      );
      tables.baseline.table.close();
      tables.recent.table.close();
    }),
    { numRuns: 15 },
  );
});

test("a time that cannot be is not the end of the flows, and flows without a host or a time are refused", async () => {
  const minutes = (from: number, to: number): Flow[] =>
    Array.from({ length: to - from }, (_, k) => ({ src: "a", after: 60 * (from + k) }));
  const open = async (name: string, some: readonly Flow[]): ReturnType<typeof openTable> =>
    openTable(folder.write(name, lines(some)));
  const recent = await open("stray.ndjson", [...minutes(2000, 2100), { src: "a", after: 40 * 365 * 86_400 }]);
  const baseline = await open("usual.ndjson", minutes(0, 1500));
  const found = await readHostHours({
    baseline: { table: baseline, columns: COLUMNS },
    recent: { table: recent, columns: COLUMNS },
  });
  expect(found.recent).toMatchObject({ last: FIRST + 60 * 2099, leftOut: 1 });
  await expect(
    readHostHours({
      baseline: { table: recent, columns: COLUMNS },
      recent: { table: baseline, columns: COLUMNS },
    }),
  ).rejects.toMatchObject({
    code: "TABLE_EMPTY",
    message: expect.stringMatching(
      /no flow with a host and a time is before the recent ones; name earlier flows/,
    ),
  });
  baseline.close();
  recent.close();
});

import { existsSync } from "node:fs";
import { join } from "node:path";
import { refuseSlips } from "@oddflow/preprocessing";
import { expect, test } from "vitest";
import { decideRoles, keyColumns, openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const REAL = join(import.meta.dirname, "../../../../shared/data");

const ROWS = 600;
/** Two honest features and a label: 100 of 600 flows are attacks, in no order. */
const HONEST =
  "(hash(i) % 9000)::BIGINT AS amount, CASE WHEN hash(i + 7) % 3 = 0 THEN 'udp' ELSE 'tcp' END AS proto";
const ATTACK = "(i * 7919) % 6 = 0";

interface Made {
  readonly columns?: string;
  readonly label?: string | undefined;
  readonly format?: string;
  readonly roles?: Parameters<typeof decideRoles>[2];
}

/** The role and the reason of each column beside the honest ones, which must be features. */
async function decided({ columns, label = `${ATTACK} AS "Label"`, format = "csv", roles }: Made) {
  const listed = [HONEST, columns, label].filter((part) => part !== undefined && part !== "").join(", ");
  const path = await folder.copy(`SELECT ${listed} FROM range(${ROWS}) t(i)`, `decided.${format}`);
  const table = await openTable(path);
  const all = await decideRoles(table, "auto", roles ?? new Map());
  table.close();
  refuseSlips(all);
  const { decisions } = all;
  const found = new Map(decisions.map(({ name, role, reason }) => [name, [role, reason]]));
  expect(found.get("amount")?.[0]).toBe("number");
  expect(found.get("proto")?.[0]).toBe("category");
  return found;
}

const KIND = `CASE WHEN NOT (${ATTACK}) THEN 'normal' WHEN i % 2 = 0 THEN 'ddos' ELSE 'scanning' END`;

test("a column of labels is one by its name in any spelling, and the labels of the network's own are none", async () => {
  for (const name of [
    "label",
    "Label.1",
    "detailed-label",
    "isAttack",
    "attackCat",
    "AttackType",
    "tunnel_parents   label   detailed-label",
  ]) {
    const found = await decided({ label: `(hash(i) % 2)::BIGINT AS "${name}"` });
    expect(found.get(name), name).toEqual(["label", "its name says that it is a label"]);
  }
  for (const name of ["mplsLabel1", "flow_label"]) {
    const found = await decided({ columns: `(hash(i) % 70)::BIGINT AS "${name}"` });
    expect(found.get(name)?.[0], name).toBe("number");
  }
});

test("words of labels make a label whatever the column's name, also where it is the only one", async () => {
  for (const label of [undefined, ""]) {
    const found = await decided({ columns: `${KIND} AS "type"`, ...(label === undefined ? {} : { label }) });
    expect(found.get("type")).toEqual(["label", "its values are words of labels"]);
  }
  for (const [value, role] of [
    [`CASE WHEN ${ATTACK} THEN 'smurf.' ELSE 'normal.' END`, "label"],
    [`CASE WHEN ${ATTACK} THEN 'DoS Hulk' ELSE 'BENIGN' END`, "label"],
    [
      `CASE WHEN ${ATTACK} THEN '(empty)   Malicious   PartOfAHorizontalPortScan' ELSE '-   Benign   -' END`,
      "label",
    ],
    ["'BENIGN'", "label"],
    [`CASE WHEN i % 2 = 0 THEN 'ddos' ELSE 'injection' END`, "identifier"],
  ]) {
    expect((await decided({ columns: `${value} AS "column5"`, label: "" })).get("column5")?.[0], value).toBe(
      role,
    );
  }
  for (const value of [
    "CASE WHEN i % 2 = 0 THEN 'normal' ELSE 'high' END",
    "CASE i % 4 WHEN 0 THEN 'scan' WHEN 1 THEN 'http' WHEN 2 THEN 'dns' ELSE 'ssh' END",
  ]) {
    expect((await decided({ columns: `${value} AS mode`, label: "" })).get("mode")?.[0], value).toBe(
      "category",
    );
  }
});

test("what tells the label exactly is no feature, of any type; what nearly does, or by chance, is one", async () => {
  const exact = ["identifier", 'it tells the label "Label" exactly'];
  for (const value of [
    `CASE WHEN ${ATTACK} THEN 1 ELSE 0 END`,
    `CASE WHEN ${ATTACK} THEN 0.5 ELSE 1.5 END`,
    `CASE WHEN ${ATTACK} THEN 'x' || (i % 3) ELSE 'y' END`,
    `CASE WHEN ${ATTACK} THEN NULL ELSE 'y' || (i % 2) END`,
    `NOT (${ATTACK})`,
  ]) {
    for (const format of ["csv", "parquet"]) {
      const found = await decided({ columns: `${value} AS target`, format });
      expect(found.get("target"), `${format}: ${value}`).toEqual(exact);
    }
  }
  // Of the kinds of attacks, too.
  const kinds = await decided({
    columns: `CASE WHEN ${ATTACK} THEN 1 ELSE 0 END AS target`,
    label: `${KIND} AS "Label"`,
  });
  expect(kinds.get("target")).toEqual(exact);
  const nearly = await decided({ columns: `CASE WHEN ${ATTACK} AND i <> 0 THEN 1 ELSE 0 END AS target` });
  expect(nearly.get("target")?.[0]).toBe("number");
  const few = await decided({
    columns: "CASE WHEN i < 19 THEN 1 ELSE 0 END AS target",
    label: 'i < 19 AS "Label"',
  });
  expect(few.get("target")?.[0]).toBe("number");
  const unique = await decided({ columns: "(hash(i) % 1000000000)::BIGINT AS size" });
  expect(unique.get("size")?.[0]).toBe("number");
});

test("whole numbers that count the rows are an identifier, whatever the name and the order", async () => {
  const counts = ["identifier", "it counts the rows"];
  for (const value of [
    "i",
    "i + 5000",
    "i % 300",
    "(i * 7919) % 600",
    "CASE WHEN i > 400 THEN i + 3 ELSE i END",
  ]) {
    for (const name of ["column0", "Unnamed: 0", "anything"]) {
      const found = await decided({ columns: `${value} AS "${name}"` });
      expect(found.get(name), `${value} ${name}`).toEqual(counts);
    }
  }
  for (const name of ["Unnamed: 0", "index", "__index_level_0__"]) {
    const found = await decided({ columns: `(i * 104729) % 1000003 AS "${name}"`, format: "parquet" });
    expect(found.get(name), name).toEqual(counts);
  }
  for (const value of ["(i * 104729) % 1000003", "i * 2", "i // 2"]) {
    const found = await decided({ columns: `${value} AS size` });
    expect(found.get("size")?.[0], value).toBe("number");
  }
});

test("a column of numbers with a few slips is refused, with the row and the value, in every format", async () => {
  for (const format of ["csv", "ndjson", "parquet"]) {
    const slip = "CASE WHEN i = 449 THEN 'dur' ELSE (hash(i) % 100000)::VARCHAR END AS dur";
    await expect(decided({ columns: slip, format })).rejects.toMatchObject({
      code: "COLUMN_TYPE",
      message: expect.stringMatching(
        /"dur" of .*decided\.[a-z]+ holds text .* 1 of 600 .* "dur" in row 450\b/,
      ),
    });
    const left = await decided({ columns: slip, format, roles: new Map([["dur", "identifier"]]) });
    expect(left.get("dur")).toEqual(["identifier", "named by the user"]);
  }
  // More than a few are no slips: what is left out is told, and so is the first of them.
  const many = "CASE WHEN i % 3 = 1 THEN 'none?' ELSE (hash(i) % 100000)::VARCHAR END AS dur";
  const path = await folder.copy(`SELECT ${HONEST}, ${many} FROM range(600) t(i)`, "many.csv");
  const table = await openTable(path);
  const { decisions, slips } = await decideRoles(table, "auto", new Map());
  table.close();
  expect(slips).toEqual([]);
  expect(decisions.find(({ name }) => name === "dur")).toEqual({
    name: "dur",
    role: "identifier",
    reason: "text with more than 256 distinct values",
    note: `400 of 600 are numbers, the first that is none is "none?" in row 2 of ${path}`,
  });
  const mixed = "CASE WHEN hash(i) % 3 = 0 THEN 'none' ELSE (hash(i) % 90)::VARCHAR END AS code";
  expect((await decided({ columns: mixed })).get("code")?.[0]).not.toBe("number");
});

test("times as text are no feature, whichever format holds them", async () => {
  for (const format of ["csv", "ndjson", "parquet"]) {
    const seen =
      "strftime(TIMESTAMP '2015-01-22' + to_minutes((i % 40)::INTEGER), '%Y-%m-%dT%H:%M:%S.000Z') AS seen";
    expect((await decided({ columns: seen, format })).get("seen")?.[0], format).toBe("identifier");
  }
});

test("the user's word counts: a column that would be left out is a feature where it is named one", async () => {
  const roles = new Map([
    ["type", "category"],
    ["n", "number"],
  ] as const);
  const found = await decided({ columns: `${KIND} AS "type", i AS n`, roles });
  expect(found.get("type")).toEqual(["category", "named by the user"]);
  expect(found.get("n")).toEqual(["number", "named by the user"]);
});

test.skipIf(!existsSync(REAL))(
  "real tables keep their features (skipped without the real data)",
  async () => {
    const table = await openTable(join(REAL, "iot23/flows.parquet"));
    const { decisions } = await decideRoles(table, "auto", new Map());
    table.close();
    const reasons = decisions.filter(({ reason }) => /tells|counts|words|attacks|run/.test(reason));
    expect(reasons.map(({ name }) => name)).toEqual(["capture"]);
  },
);

test("keys are the identifiers that names and values tell, and no constant is one", async () => {
  const columns =
    "i AS row_number, 7 AS sensor_version, 'h' || (i % 9) AS src_host, '10.0.0.' || (i % 9) AS peer";
  const path = await folder.copy(`SELECT ${HONEST}, ${columns} FROM range(${ROWS}) t(i)`, "keys.csv");
  const table = await openTable(path);
  const { decisions } = await decideRoles(table, "auto", new Map());
  const constant = decisions.find(({ name }) => name === "sensor_version");
  expect(constant?.role).toBe("identifier");
  expect(await keyColumns(table)).toEqual(["row_number", "src_host", "peer"]);
  table.close();
});

test("what scoring added is no feature and no label, unless somebody says so; a score of the table's own is one", async () => {
  const scores =
    "(hash(i) % 97) / 97.0 AS score, (hash(i) % 3 = 0) AS is_anomaly, (hash(i + 1) % 89) / 89.0 AS probability";
  const verdicts = "CASE WHEN i % 2 = 0 THEN 'benign' ELSE 'wrong' END AS alarm_verdict";
  for (const format of ["csv", "parquet"]) {
    const found = await decided({ columns: `${scores}, ${verdicts}`, format, label: undefined });
    for (const name of ["score", "is_anomaly", "probability", "alarm_verdict"])
      expect(found.get(name), `${name} of ${format}`).toEqual(["identifier", "scoring wrote it"]);
  }
  const named = await decided({ columns: scores, roles: new Map([["score", "number"]]) });
  expect(named.get("score")?.[0]).toBe("number");
  expect((await decided({ columns: "(hash(i) % 97) / 97.0 AS score" })).get("score")?.[0]).toBe("number");
});

import { type ColumnCoding, createValueEncoder } from "@oddflow/preprocessing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCellEncoder, type FlowRow, FlowRows } from "../src/index.ts";

/** A number, texts and numbers that tell apart. */
const columnsOf = ([number = "n", text = "p", code = "port"]: readonly string[]): readonly ColumnCoding[] => [
  { kind: "number", name: number },
  { kind: "category", name: text, valueType: "text", vocabulary: ["tcp", "udp", "true", "x y", "man"] },
  { kind: "category", name: code, valueType: "number", vocabulary: ["53", "80", "1.5"] },
];
const fail = ({ problem }: { readonly problem: string }): Error => new Error(problem);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What FlowRows and the columns' encoders make of a row; undefined where they refuse it or it is none. */
function slowly(
  rows: FlowRows,
  columns: readonly ColumnCoding[],
  line: string,
): readonly number[] | undefined {
  let read: readonly FlowRow[];
  try {
    read = [...rows.read(`${line}\n`), ...rows.end()];
  } catch {
    return undefined;
  }
  const [row] = read;
  if (read.length !== 1 || row === undefined || row.problem !== undefined || row.noFlow !== undefined)
    return undefined;
  const codes = columns.map((column) =>
    createValueEncoder(column)(row.cells[row.head.names.indexOf(column.name)]),
  );
  return codes.every((code) => typeof code === "number") ? codes : undefined;
}

const cell = fc.oneof(
  fc.constantFrom(
    "tcp",
    "udp",
    "x y",
    "T",
    "F",
    "true",
    "53",
    "80",
    "1.5",
    "",
    "-",
    "(empty)",
    " 7 ",
    "  tcp",
    " man ",
    "man",
    "\ttcp\v",
    "007",
    "-0",
  ),
  fc.constantFrom(
    "1e3",
    "0x1b",
    "nan",
    "inf",
    "+5",
    ".5",
    "5.",
    "1_0",
    '"tcp"',
    '"53"',
    '"1.5"',
    '""',
    '" tcp "',
    '"x,y"',
    '"n"',
    '"a',
    'a"b"',
    '"a"b',
    '"a""b"',
    "\\x41",
    "é",
    "#",
    "n",
    "\r",
    "a\rb",
  ),
  fc.constantFrom("123456789012345678", "9007199254740993", "0.1234567890123456789", "1.7976931348623157"),
  fc.constantFrom(
    "1.5e-05",
    "-2E+3",
    "1e",
    "1e+",
    "e5",
    "1e5.",
    "1e39",
    "-1e400",
    "1e-60",
    "9007199254740993.5e-3",
  ),
  fc.double({ noNaN: true }).map(String),
  // Halfway between two float32, or a little beside.
  fc
    .float({ noNaN: true, noDefaultInfinity: true, min: 1, max: 16777216 })
    .chain((low) =>
      fc
        .constantFrom("", "0000000001", "9")
        .map((more) => `${low + 2 ** (Math.floor(Math.log2(low)) - 24)}${more}`),
    ),
  fc.string({ maxLength: 4 }).filter((text) => !/[\n\t,]/.test(text)),
);

/** Mostly a row of plain cells, of each column's kind; T and F are both texts and Zeek's truth values. */
const plainly = (...values: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, cell);
const cells = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      plainly("1", "2.5", "-3", "0.1234567"),
      plainly("T", "F"),
      plainly("53", "80", "1.5", "7"),
      plainly("4", "0.5"),
    ),
  },
  fc.array(cell, { minLength: 3, maxLength: 5 }),
);

const NAMES = ["n", "p", "port"];
test.each([
  ["CSV", NAMES, "", ",", "n,p,port,note\n1,tcp,53,a\n"],
  [
    "Argus, which pads and says what is no flow",
    ["TotBytes", "Proto", "Dport"],
    ",192.0.2.1,192.0.2.2,CON",
    ",",
    "TotBytes,Proto,Dport,StartTime,SrcAddr,DstAddr,State\n1,tcp,53,1.0,192.0.2.1,192.0.2.2,CON\n",
  ],
  [
    "a Zeek log",
    NAMES,
    "",
    "\t",
    "#separator \\x09\n#fields\tn\tp\tport\tnote\n#types\tdouble\tbool\tport\tstring\n1\tT\t53\ta\n",
  ],
  [
    "a Zeek log whose other field is a number",
    NAMES,
    "",
    "\t",
    "#fields\tn\tp\tport\tnote\n#types\tcount\tenum\tport\tinterval\n1\ttcp\t53\t2\n",
  ],
])(
  "a row of %s that is encoded from its bytes means what FlowRows reads, to the last bit",
  (_, names, others, separator, start) => {
    const columns = columnsOf(names);
    let taken = 0;
    fc.assert(
      fc.property(cells, fc.boolean(), (row, takesQuotes) => {
        const line = row.join(separator) + others;
        const rows = new FlowRows(fail);
        rows.read(start);
        const head = rows.nextHead;
        const encoder = head && createCellEncoder(columns, head, takesQuotes);
        const bytes = bytesOf(line);
        const codes = new Float32Array(columns.length);
        if (encoder?.encodeLine(bytes, 0, bytes.length, codes, 0) !== true) return;
        taken++;
        expect([...codes]).toEqual(slowly(rows, columns, line));
      }),
      { numRuns: 3000 },
    );
    // It is for the rows that there usually are.
    expect(taken).toBeGreaterThan(300);
  },
);

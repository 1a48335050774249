import { isSuppressed, OddflowError, type Ruling, SCORE_COLUMN, wasScored } from "@oddflow/preprocessing";
import { assembleFile } from "../assembled-file.ts";
import { openTableOf } from "../flow-table.ts";
import { openTable } from "../open-table.ts";
import type { OutputPlace } from "../output-place.ts";
import { ruledColumns } from "../parquet/added-columns.ts";
import { ColumnWidener } from "../parquet/column-widener.ts";
import { flagPage, rulingPages } from "../parquet/score-pages.ts";
import { planWidening, type WideningPlan } from "../parquet/widening-plan.ts";
import { checkScored } from "../scored-columns.ts";
import type { TableFile } from "../table-files.ts";
import { pageRows } from "../widened-table.ts";
import { APPLYING, type ApplyRulingsOptions, type RulingCounts } from "./ruling-source.ts";

const { isAnomaly: FLAG, rule: RULE, ruleVerdict: VERDICT } = SCORE_COLUMN;

/** Writes a Parquet file again: pages of all other columns as they are. */
export async function ruleParquet(
  file: TableFile,
  { temporary }: Pick<OutputPlace, "temporary">,
  { rules, hasRules, signal }: ApplyRulingsOptions,
  counts: RulingCounts,
): Promise<void> {
  const table = await openTable(file.path, { from: "parquet", signal });
  const target = assembleFile(temporary);
  try {
    const columns = openTableOf(table).source.columns.filter(
      ({ folderValues }) => folderValues === undefined,
    );
    const names = columns.map(({ name }) => name);
    checkScored(APPLYING, names, file.path);
    const own = [...new Set(columns.map((column) => (column.field?.of ?? column).name))];
    const plan = planOf(
      file,
      own.filter((name) => ![FLAG, RULE, VERDICT].includes(name as never)),
    );
    const widener = new ColumnWidener(plan, ruledColumns(hasRules), target);
    const bound = rules.bind(names);
    const asked = [FLAG, ...(names.includes(VERDICT) ? [VERDICT] : [])];
    const sizes = pageRows(plan);
    const nextPage = (): RuledPage => new RuledPage(sizes.next().value ?? 0);
    let page = nextPage();
    try {
      for await (const batch of table.scan([], { values: [...asked, ...bound.columns], signal })) {
        for (let row = 0; row < batch.rows; row++) {
          const verdict = asked.length > 1 ? batch.value(row, 1) : undefined;
          const was = wasScored(batch.value(row, 0), verdict);
          const ruling = was.isOdd
            ? (bound.ruling((place) => batch.value(row, asked.length + place)) ?? null)
            : null;
          counts.add(was, ruling);
          page.add(was.isOdd && !isSuppressed(ruling), ruling);
          if (!page.isFull) continue;
          widener.append(page.pages(hasRules));
          page = nextPage();
        }
      }
      widener.finish();
      await target.finish();
    } finally {
      widener.close();
    }
  } finally {
    await target.close();
    table.close();
  }
}

/** What is said of the rows of a page. */
class RuledPage {
  readonly #isAnomaly: Uint8Array;
  readonly #rulings: (Ruling | null)[] = [];

  constructor(rows: number) {
    this.#isAnomaly = new Uint8Array(rows);
  }

  get isFull(): boolean {
    return this.#rulings.length === this.#isAnomaly.length;
  }

  add(isAnomaly: boolean, ruling: Ruling | null): void {
    this.#isAnomaly[this.#rulings.length] = Number(isAnomaly);
    this.#rulings.push(ruling);
  }

  pages(hasRules: boolean): Parameters<ColumnWidener["append"]>[0] {
    const flags = flagPage(this.#isAnomaly);
    return {
      rows: this.#rulings.length,
      pages: [flags, ...rulingPages(hasRules ? this.#rulings : undefined)],
    };
  }
}

/** @throws OddflowError TABLE_UNREADABLE */
function planOf({ path }: TableFile, kept: readonly string[]): WideningPlan {
  const plan = planWidening([path], kept, []);
  if (plan !== undefined) return plan;
  throw new OddflowError(
    "TABLE_UNREADABLE",
    `${APPLYING}: ${path} is encrypted, or has two columns of a name; write it again, or score it with --rules`,
  );
}

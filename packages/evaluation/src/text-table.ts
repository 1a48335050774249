/**
 * Rows of cells as lines of aligned columns, indented by two spaces: the first column to the left, all others to the
 * right, two spaces between them. Every row has as many cells as the first.
 */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/** A name from data as printable ASCII of at most `width` characters: what a terminal must not see becomes "?". */
export function printableName(name: string, width: number): string {
  const printable = name.replace(/[^\x20-\x7e]/gu, "?");
  return printable.length <= width ? printable : `${printable.slice(0, width - 3)}...`;
}

/** A whole number with a comma before every three digits. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share of 0 to 1 in percent with two decimals. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A score with six significant digits. */
export function formatScore(score: number): string {
  return score.toPrecision(6);
}

/**
 * Rows are scored in multiples of this, with empty ones behind the last: the processor takes 8 or 16 values at a time, and
 * its results for what is left over differ in the last bit. So a score depends on nothing but its row.
 */
const ROWS_AT_ONCE = 64;

/** The number of rows, filled up. */
export function filledUp(rows: number): number {
  return Math.ceil(rows / ROWS_AT_ONCE) * ROWS_AT_ONCE;
}

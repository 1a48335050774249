import type { RowRange } from "../flow-table.ts";
import { cutRanges } from "../row-ranges.ts";

/** Row groups of one file that follow each other. */
export interface RowGroupSpan {
  /** The file's position in its table. */
  readonly file: number;
  readonly firstGroup: number;
  /** How many there are. */
  readonly groups: number;
}

/**
 * Shares a table's row groups out in the table's order, each to one of so many shards: none has more rows than its even share and
 * one row group. There are empty ones where row groups are few.
 * @param files the rows of each file's row groups
 * @returns for each shard its spans, one a file
 */
export function balanceSpans(
  files: readonly (readonly number[])[],
  shards: number,
): readonly (readonly RowGroupSpan[])[] {
  let total = 0;
  for (const groups of files) for (const rows of groups) total += rows;
  const balanced: RowGroupSpan[][] = Array.from({ length: shards }, () => []);
  let before = 0;
  for (const [file, groups] of files.entries()) {
    for (const [group, rows] of groups.entries()) {
      if (rows === 0) continue;
      // Whose share its middle row is in.
      const spans = balanced[Math.floor(((before + rows / 2) * shards) / total)] as RowGroupSpan[];
      before += rows;
      const last = spans.at(-1);
      if (last?.file === file) {
        spans[spans.length - 1] = { ...last, groups: group - last.firstGroup + 1 };
      } else spans.push({ file, firstGroup: group, groups: 1 });
    }
  }
  return balanced;
}

/**
 * Cuts spans into ranges of rows for several workers.
 * @param files the rows of each file's row groups, and which form its columns have
 */
export function cutSpans(
  files: readonly { readonly rowGroups: readonly number[]; readonly form: number }[],
  spans: readonly RowGroupSpan[],
  workers: number,
): readonly RowRange[] {
  const rows = (groups: readonly number[]): number => groups.reduce((sum, own) => sum + own, 0);
  const all = ({ file }: RowGroupSpan): readonly number[] => files[file]?.rowGroups ?? [];
  const groupsOf = (span: RowGroupSpan): readonly number[] =>
    all(span).slice(span.firstGroup, span.firstGroup + span.groups);
  const isWhole = (span: RowGroupSpan): boolean => rows(groupsOf(span)) === rows(all(span));
  const isLikeTheOneBefore = (place: number): boolean => {
    const [before, span] = [spans[place - 1] as RowGroupSpan, spans[place] as RowGroupSpan];
    const isNext = span.file === before.file + 1 && files[span.file]?.form === files[before.file]?.form;
    return isNext && isWhole(before) && isWhole(span);
  };
  return cutRanges(spans.map(groupsOf), workers, isLikeTheOneBefore).map((range) => {
    const span = spans[range.file] as RowGroupSpan;
    return {
      ...range,
      file: span.file,
      first: range.first + rows(all(span).slice(0, span.firstGroup)),
    };
  });
}

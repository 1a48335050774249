import { OddflowError } from "@oddflow/preprocessing";
import type { ChunkClaim, ParquetClaims, SchemaClaim } from "./parquet-claims.ts";

/** "PAR1" stands at both ends of a file. */
const MAGIC_BYTES = 4;

/** Columns nested deeper than this are no flow's. */
const DEEPEST_NESTING = 100;

/** Each page tells its rows in 32 bits, so a file of a few bytes can say that it holds billions; nobody's holds so many. */
const MOST_ROWS = 1n << 34n;

/** A column that holds values. */
interface Leaf {
  readonly path: readonly string[];
  readonly isRepeated: boolean;
}

/**
 * Holds all that a footer says against what else it says, so that whoever follows it meets no place outside of the file and
 * no number of rows that is not there.
 * @param footerStart where the footer begins: the bytes before it are the file's data
 * @throws Error that says in words what contradicts what
 */
export function checkParquetFooter(claims: ParquetClaims, footerStart: number): void {
  const leaves = readLeaves(claims.schema);
  let sum = 0n;
  let number = 0;
  const places: { start: number; end: number; what: string }[] = [];
  for (const { rows, chunks } of claims.rowGroups) {
    if (rows < 0n) throw contradiction(`row group ${number} has ${rows} rows`);
    sum += rows;
    if (chunks.length !== leaves.length) {
      throw contradiction(`row group ${number} has ${chunks.length} columns, the schema ${leaves.length}`);
    }
    for (const [column, chunk] of rows === 0n ? [] : chunks.entries()) {
      const leaf = leaves[column] as Leaf;
      const what = `column ${leaf.path.join(".")} of row group ${number}`;
      checkChunk(chunk, leaf, rows, what);
      if (chunk.content === undefined) continue;
      const { start, end } = chunk.content;
      if (!(start >= MAGIC_BYTES && end >= start && end <= footerStart)) {
        throw contradiction(
          `${what} lies in bytes ${start} to ${end}, the data in ${MAGIC_BYTES} to ${footerStart}`,
        );
      }
      places.push({ start, end, what });
    }
    number++;
  }
  if (claims.rows > MOST_ROWS) {
    throw contradiction(`it has ${claims.rows} rows, which are more than any file holds`);
  }
  if (sum !== claims.rows) throw contradiction(`its row groups have ${sum} rows, the file ${claims.rows}`);
  checkApart(places);
}

/** The refusal of a file whose footer or pages cannot be followed, the same in every door. */
export function damagedParquet(name: string, cause: unknown): OddflowError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OddflowError(
    "TABLE_UNREADABLE",
    `open table: ${name} cannot be read as Parquet: it is damaged (${reason}); get the file again`,
    { cause },
  );
}

/** The columns that hold values, in the order of the chunks of a row group. */
function readLeaves(elements: readonly SchemaClaim[]): readonly Leaf[] {
  const leaves: Leaf[] = [];
  let at = 0;
  const read = (path: readonly string[], isRepeated: boolean): void => {
    const element = elements[at++];
    if (element === undefined)
      throw contradiction(`its schema has ${elements.length} elements and names more`);
    if (path.length > DEEPEST_NESTING)
      throw contradiction(`its columns are nested more than ${DEEPEST_NESTING} deep`);
    const { children } = element;
    const isRoot = at === 1;
    const own = isRoot ? path : [...path, element.name];
    const repeats = isRepeated || (!isRoot && element.isRepeated);
    if (children < 0n || children > elements.length) {
      throw contradiction(`column ${own.join(".") || "root"} has ${children} children`);
    }
    if (children === 0n && !isRoot) leaves.push({ path: own, isRepeated: repeats });
    for (let child = 0n; child < children; child++) read(own, repeats);
  };
  read([], false);
  if (at !== elements.length)
    throw contradiction(`its schema has ${elements.length} elements and names ${at}`);
  return leaves;
}

function checkChunk({ isInOtherFile, content }: ChunkClaim, leaf: Leaf, rows: bigint, what: string): void {
  if (isInOtherFile) throw contradiction(`${what} lies in another file; name the files that hold the data`);
  if (content === undefined) return;
  if (content.values < rows || (!leaf.isRepeated && content.values > rows)) {
    throw contradiction(`${what} has ${content.values} values for ${rows} rows`);
  }
  if (content.path.join("\0") !== leaf.path.join("\0")) {
    throw contradiction(`${what} says that it is ${content.path.join(".")}`);
  }
}

/** No two columns share bytes. */
function checkApart(places: { start: number; end: number; what: string }[]): void {
  places.sort((a, b) => a.start - b.start);
  for (const [i, place] of places.entries()) {
    const before = places[i - 1];
    if (before !== undefined && place.start < before.end) {
      throw contradiction(
        `${before.what} ends at byte ${before.end}, where ${place.what} has begun at ${place.start}`,
      );
    }
  }
}

function contradiction(what: string): Error {
  return new Error(`its footer contradicts itself: ${what}`);
}

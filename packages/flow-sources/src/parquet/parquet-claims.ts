/*
 * What a Parquet file's footer says, as far as readers follow it. Whoever reads footers fills it in from what it has: the
 * commands from the footer itself, which they change and write again; the page from what its Parquet library makes of it.
 */

/** What the footer of a Parquet file says of it; none of it is checked. */
export interface ParquetClaims {
  readonly rows: bigint;
  /** The elements of the schema, depth first; the first one is the root. */
  readonly schema: readonly SchemaClaim[];
  readonly rowGroups: Iterable<RowGroupClaim>;
}

/** An element of the schema: a column, or what columns are nested in. */
export interface SchemaClaim {
  readonly name: string;
  /** How many elements are nested in it; 0 where it holds values. */
  readonly children: bigint;
  /** Whether a row may have several of it, or none. */
  readonly isRepeated: boolean;
}

/** What a footer says of one row group. */
export interface RowGroupClaim {
  readonly rows: bigint;
  readonly chunks: readonly ChunkClaim[];
}

/** What a row group has of one column that holds values. */
export interface ChunkClaim {
  readonly isInOtherFile: boolean;
  /** Undefined where it is encrypted. */
  readonly content: ChunkContent | undefined;
}

interface ChunkContent {
  readonly path: readonly string[];
  readonly values: bigint;
  /** Its first byte in the file, and the first one behind it. */
  readonly start: number;
  readonly end: number;
}

/** A version may lack its last numbers, or be missing: readers take what is missing for 0. */
const MAPREDUCE_WRITER = /^parquet-mr(?![\w.-])(?: version (\d+)(?:\.(\d+)(?:\.(\d+))?)?)?/;

/** The header of a dictionary page has no more bytes than this. */
const LARGEST_DICTIONARY_HEADER = 100;

/**
 * How many bytes behind a chunk of a file may belong to it: parquet-mr before 1.2.9 left the header of the dictionary page out of a
 * chunk's size, and readers go by the writer's name. Source: PARQUET-816, and what readers make of it
 * (cpp/src/parquet/file_reader.cc of Apache Arrow).
 */
export function bytesBehindChunks(writer: string | undefined): number {
  const version = MAPREDUCE_WRITER.exec(writer ?? "");
  if (version === null) return 0;
  const [major = 0, minor = 0, patch = 0] = version.slice(1).map((digits = "0") => Number(digits));
  return major * 1e6 + minor * 1e3 + patch < 1_002_009 ? LARGEST_DICTIONARY_HEADER : 0;
}

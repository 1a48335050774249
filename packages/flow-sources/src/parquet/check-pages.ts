import type { ThriftStruct } from "./thrift-compact.ts";
import { readThriftStructAt } from "./thrift-reader.ts";

/*
 * Numbers of fields and page types as far as they are used here. Source: github.com/apache/parquet-format,
 * src/main/thrift/parquet.thrift
 */

const PAGE = { type: 1, bytes: 2, compressedBytes: 3, data: 5, dictionary: 7, dataV2: 8 } as const;
const VALUES = 1;
const DATA_V2 = { nulls: 2, rows: 3, definitionBytes: 5, repetitionBytes: 6 } as const;
const PAGE_TYPE = { data: 0n, dictionary: 2n, dataV2: 3n } as const;

/** Writers cut pages at about one MiB; what is far beyond is no page. */
const MOST_PAGE_BYTES = 1n << 28n;

/**
 * Holds the headers of a column chunk's pages against the chunk's bytes and values, so that a reader that takes a page's
 * size and values as they are told neither leaves the chunk nor reserves memory for what is not there.
 * @param bytes the chunk's
 * @param values how many the footer says that it holds
 * @returns how many of the bytes the pages take
 * @throws Error that says in words what contradicts what, or cannot be read
 */
export function checkParquetPages(bytes: Uint8Array, values: bigint, what: string): number {
  let at = 0;
  let seen = 0n;
  for (let page = 0; seen < values; page++) {
    if (at === bytes.length) {
      throw new Error(`the pages of ${what} hold ${seen} of the ${values} values of the footer`);
    }
    const { struct: header, end } = readHeader(bytes, at, `page ${page} of ${what}`);
    const size = whole(header, PAGE.compressedBytes, what);
    const plainSize = whole(header, PAGE.bytes, what);
    if (size < 0n || size > bytes.length - end) {
      throw new Error(`page ${page} of ${what} has ${size} bytes, where ${bytes.length - end} are left`);
    }
    if (plainSize < 0n || plainSize > MOST_PAGE_BYTES) {
      throw new Error(
        `page ${page} of ${what} has ${plainSize} bytes unpacked; expected at most ${MOST_PAGE_BYTES}`,
      );
    }
    const held = pageValues(header, size, plainSize, `page ${page} of ${what}`);
    seen += held;
    if (held < 0n || seen > values) {
      throw new Error(`the pages of ${what} have more than the ${values} values of the footer`);
    }
    at = end + Number(size);
  }
  return at;
}

function readHeader(bytes: Uint8Array, at: number, what: string): ReturnType<typeof readThriftStructAt> {
  try {
    return readThriftStructAt(bytes, at);
  } catch (cause) {
    throw new Error(`${what} has no header: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** How many of the chunk's values a page holds: a dictionary holds none of them. */
function pageValues(header: ThriftStruct, size: bigint, plainSize: bigint, what: string): bigint {
  const type = whole(header, PAGE.type, what);
  switch (type) {
    case PAGE_TYPE.data:
      return whole(structOf(header, PAGE.data, what), VALUES, what);
    case PAGE_TYPE.dictionary: {
      const entries = whole(structOf(header, PAGE.dictionary, what), VALUES, what);
      // Each takes a byte at least.
      if (entries < 0n || entries > plainSize) {
        throw new Error(`${what} is a dictionary of ${entries} values in ${plainSize} bytes`);
      }
      return 0n;
    }
    case PAGE_TYPE.dataV2: {
      const data = structOf(header, PAGE.dataV2, what);
      const values = whole(data, VALUES, what);
      const nulls = whole(data, DATA_V2.nulls, what);
      const rows = whole(data, DATA_V2.rows, what);
      const definitionBytes = whole(data, DATA_V2.definitionBytes, what);
      const repetitionBytes = whole(data, DATA_V2.repetitionBytes, what);
      if (nulls < 0n || nulls > values || rows < 0n || rows > values) {
        throw new Error(`${what} has ${values} values, ${nulls} of them missing, in ${rows} rows`);
      }
      const levels = definitionBytes + repetitionBytes;
      if (definitionBytes < 0n || repetitionBytes < 0n || levels > size || levels > plainSize) {
        throw new Error(`${what} has ${size} bytes, and ${definitionBytes} and ${repetitionBytes} of levels`);
      }
      return values;
    }
    default:
      throw new Error(`${what} is of type ${type}, which holds no values`);
  }
}

function structOf({ fields }: ThriftStruct, id: number, what: string): ThriftStruct {
  const field = fields.get(id);
  if (field?.type !== "struct") throw new Error(`${what} has a header without its field ${id}`);
  return field;
}

function whole({ fields }: ThriftStruct, id: number, what: string): bigint {
  const field = fields.get(id);
  if (field?.type !== "integer") throw new Error(`${what} has a header without its number ${id}`);
  return field.value;
}

/** Every reason for which Oddflow refuses input. A caller may branch on these; they do not change between patches. */
export type ErrorCode =
  | "USAGE"
  | "TABLE_NOT_FOUND"
  | "TABLE_UNREADABLE"
  | "TABLE_EMPTY"
  | "COLUMNS_MISSING"
  | "COLUMN_TYPE"
  | "VALUE_NOT_A_NUMBER"
  | "RECORD_INVALID"
  | "OUTPUT_UNWRITABLE"
  | "DOWNLOAD_FAILED"
  | "DOWNLOAD_MISMATCH"
  | "WORKER_LOST"
  | "BROKER_REFUSED"
  | "BROKER_UNREACHABLE"
  | "PLAN_INVALID"
  | "SHARDS_MISSING"
  | "ROLES_INVALID"
  | "RULES_INVALID"
  | "SPEC_INVALID"
  | "SPEC_VERSION"
  | "CONTEXT_INVALID"
  | "MODEL_NOT_FOUND"
  | "MODEL_INVALID"
  | "MODEL_FORMAT_VERSION"
  | "MODEL_UNTRUSTED"
  | "KEY_INVALID"
  | "FLOWS_SHAPE"
  | "SCORE_NOT_FINITE"
  | "PROVIDER_UNAVAILABLE"
  | "RUNTIME_UNAVAILABLE"
  | "TELEMETRY_ON"
  | "LABELS_MISSING"
  | "TOO_FEW_FLOWS"
  | "OPTION_RANGE";

/**
 * The one error class of the project: a refusal that the person or program who called can act on.
 * The message names the operation, the column, row or file, what was found and what was expected, and what to do.
 * Anything else that is thrown is a bug.
 */
export class OddflowError extends Error {
  override readonly name = "OddflowError";
  readonly code: ErrorCode;
  /** The record at fault, counted from 0 within the call, where the fault is one record's. */
  readonly row: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { readonly row?: number } = {}) {
    super(message, options);
    this.code = code;
    this.row = options.row;
  }
}

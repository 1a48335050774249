/** What can be wrong with a request: the end of the problem's type, its status and its title. */
const PROBLEMS = {
  "unreadable-body": [400, "The body is not what its content type says"],
  "cut-body": [400, "The body broke off"],
  "wrong-query": [400, "The query cannot be used"],
  unauthorized: [401, "A bearer token is needed"],
  "not-found": [404, "There is nothing here"],
  "wrong-method": [405, "Not with this method"],
  "not-acceptable": [406, "No answer of an accepted type"],
  "too-slow": [408, "The request came too slowly"],
  "too-large": [413, "The request is larger than the limit"],
  "unsupported-type": [415, "A body of this type cannot be read"],
  "wrong-host": [421, "The service does not answer to this host"],
  "missing-columns": [422, "The header lacks columns that the model needs"],
  "unusable-records": [422, "None of the records can be scored"],
  "no-reasons": [422, "The model cannot give reasons"],
  "too-many-requests": [429, "As many requests as the limit are being answered"],
  "client-limit": [429, "As many requests of this client as the limit are being answered"],
  internal: [500, "This is a bug in Oddflow"],
  unavailable: [503, "The service cannot score now"],
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

/** A record that was not scored. */
export interface Rejection {
  /** Its place among the records of the request, from 0. */
  readonly row: number;
  /** The line that it stands on, from 1, where records are lines. */
  readonly line?: number;
  /** NO_FLOW: it is another report of a sensor's, such as an alert. */
  readonly code: "RECORD_INVALID" | "VALUE_NOT_A_NUMBER" | "NO_FLOW";
  /** Absent where the record as a whole is at fault. */
  readonly column?: string;
  readonly found: string;
  readonly expected: string;
  /** The same in one line. */
  readonly message: string;
}

/** Problem details as RFC 9457 has them. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The first records that cannot be scored, where that is the problem. */
  readonly rejected?: readonly Rejection[];
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly rejected?: readonly Rejection[];
}

/** A problem as plain data, for one thread to tell another. */
export interface ProblemFacts {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly extras: ProblemExtras;
}

/** A request that cannot be answered, or not to its end. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly #extras: ProblemExtras;

  constructor(kind: ProblemKind, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.kind = kind;
    this.#extras = extras;
  }

  static of({ kind, detail, extras }: ProblemFacts): Problem {
    return new Problem(kind, detail, extras);
  }

  get facts(): ProblemFacts {
    return { kind: this.kind, detail: this.message, extras: this.#extras };
  }

  get details(): ProblemDetails {
    const [status, title] = PROBLEMS[this.kind];
    const { rejected } = this.#extras;
    return {
      type: `urn:oddflow:problem:${this.kind}`,
      title,
      status,
      detail: this.message,
      ...(rejected === undefined ? {} : { rejected }),
    };
  }

  get response(): Response {
    const { details } = this;
    return new Response(`${JSON.stringify(details)}\n`, {
      status: details.status,
      headers: { "content-type": "application/problem+json", ...this.#extras.headers },
    });
  }
}

import { SCORE_COLUMN } from "@oddflow/preprocessing";
import type { ServiceLimits } from "./limits.ts";
import { ANSWER_TYPES, BODY_TYPES } from "./score-request.ts";
import { PACE_BYTES } from "./waiting-time.ts";

const SERVICE_VERSION = "0.1.0";

/** What the statuses of refusals mean. */
const REFUSALS = {
  400: "The body is not what its content type says, or the query cannot be used.",
  401: "The bearer token is absent or wrong.",
  406: "No accepted type is one that answers can have.",
  408: "No whole record came in time, or the request kept the service waiting for too long in all.",
  413: "The body, a record or the number of records is beyond the limit.",
  415: "The content type, its charset or the content encoding cannot be read.",
  421: "The host that the request names is none of the service's.",
  422:
    "None of the first records can be scored, a CSV header lacks columns of the model, or the model cannot give the reasons " +
    "that were asked for.",
  429: "As many requests as the limit, in all or of one client, are being answered; Retry-After says when to ask again.",
  500: "A bug in Oddflow.",
  503: "The model is being loaded, or the service is about to end.",
} as const;

const SCHEMAS = {
  FlowRecord: {
    type: "object",
    description:
      "Column name to value. A column that is absent or null is missing. Text in a number column is read as a decimal " +
      "number. Fields that are no columns of the model (GET /model lists those) are passed over.",
    additionalProperties: true,
  },
  ScoredFlow: {
    type: "object",
    required: [SCORE_COLUMN.score, SCORE_COLUMN.isAnomaly, SCORE_COLUMN.rarity],
    additionalProperties: false,
    properties: {
      [SCORE_COLUMN.score]: { type: ["number", "null"], description: "Higher is odder." },
      [SCORE_COLUMN.isAnomaly]: { type: "boolean", description: "Whether the score reaches the threshold." },
      [SCORE_COLUMN.rarity]: {
        type: ["number", "null"],
        description: "How rare the score is: the share of usual flows that score as high or higher.",
      },
      [SCORE_COLUMN.reasons]: {
        description: "Where reasons were asked for: those of an anomaly, null for a flow that is none.",
        oneOf: [{ type: "null" }, { type: "array", items: { $ref: "#/components/schemas/Reason" } }],
      },
    },
  },
  Reason: {
    type: "object",
    required: ["name", "seen", "expected", "share", "rarity", "text"],
    additionalProperties: false,
    properties: {
      name: { type: "string", description: "The column." },
      seen: { $ref: "#/components/schemas/Value" },
      expected: { $ref: "#/components/schemas/Value" },
      share: { type: "number", minimum: 0, maximum: 1, description: "The column's share of the score." },
      rarity: {
        type: ["number", "null"],
        description:
          "The share of usual flows whose error in the column is as large; null where it is not known.",
      },
      text: { type: "string", description: "The same in words." },
    },
  },
  Value: {
    description: "A value; null where missing, { unseen } for one outside the model's vocabulary.",
    oneOf: [
      { type: ["number", "string", "null"] },
      {
        type: "object",
        required: ["unseen"],
        additionalProperties: false,
        properties: { unseen: { type: ["string", "null"] } },
      },
    ],
  },
  Rejection: {
    type: "object",
    required: ["row", "code", "found", "expected", "message"],
    additionalProperties: false,
    properties: {
      row: { type: "integer", minimum: 0, description: "The record's place in the request, from 0." },
      line: { type: "integer", minimum: 1, description: "The line it stands on, from 1; of NDJSON only." },
      code: { enum: ["RECORD_INVALID", "VALUE_NOT_A_NUMBER", "NO_FLOW"] },
      column: { type: "string" },
      found: { type: "string" },
      expected: { type: "string" },
      message: { type: "string" },
    },
  },
  RejectedRecord: {
    type: "object",
    description: "In the place of a record that cannot be scored.",
    required: ["rejected"],
    additionalProperties: false,
    properties: { rejected: { $ref: "#/components/schemas/Rejection" } },
  },
  CutAnswer: {
    type: "object",
    description:
      "The last element of an answer that could not be brought to its end after its status had been sent.",
    required: ["error"],
    additionalProperties: false,
    properties: { error: { $ref: "#/components/schemas/Problem" } },
  },
  Answer: {
    oneOf: ["ScoredFlow", "RejectedRecord", "CutAnswer"].map((name) => ({
      $ref: `#/components/schemas/${name}`,
    })),
  },
  Answers: { type: "array", items: { $ref: "#/components/schemas/Answer" } },
  Problem: {
    type: "object",
    description: "RFC 9457.",
    required: ["type", "title", "status", "detail"],
    additionalProperties: false,
    properties: {
      type: { type: "string", format: "uri" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      rejected: { type: "array", items: { $ref: "#/components/schemas/Rejection" } },
    },
  },
  Model: {
    type: "object",
    required: ["version", "provider", "columns", "thresholds", "training"],
    additionalProperties: false,
    properties: {
      version: { type: "string" },
      provider: { type: "string" },
      columns: {
        type: "array",
        items: {
          type: "object",
          required: ["name", "kind"],
          additionalProperties: false,
          properties: {
            name: { type: "string" },
            kind: { enum: ["number", "category"] },
            valueType: { enum: ["text", "number"] },
            vocabulary: { type: "array", items: { type: "string" } },
          },
        },
      },
      thresholds: {
        type: "object",
        required: ["default", "budgets"],
        additionalProperties: false,
        properties: {
          default: { type: "number" },
          youden: { type: "number" },
          budgets: {
            type: "array",
            items: {
              type: "object",
              required: ["budget", "threshold"],
              additionalProperties: false,
              properties: { budget: { type: "number" }, threshold: { type: "number" } },
            },
          },
        },
      },
      training: { type: "object", additionalProperties: true },
    },
  },
  Health: {
    type: "object",
    required: ["status"],
    additionalProperties: false,
    properties: { status: { enum: ["ok", "loading", "failed", "draining"] } },
  },
} as const;

/** What a service asks of a request before it looks at it. */
export interface ServiceChecks {
  readonly asksForToken: boolean;
  readonly checksHosts: boolean;
}

/** The service as an OpenAPI 3.1 document. */
export function describeService(limits: ServiceLimits, { asksForToken, checksHosts }: ServiceChecks): object {
  const refusals = (...statuses: (keyof typeof REFUSALS)[]): object =>
    Object.fromEntries(
      statuses
        .filter((status) => (asksForToken || status !== 401) && (checksHosts || status !== 421))
        .map((status) => [status, content(REFUSALS[status], "application/problem+json", "Problem")]),
    );
  return {
    openapi: "3.1.0",
    info: {
      title: "Oddflow",
      version: SERVICE_VERSION,
      description:
        `Scores network flows. A request may have ${limits.bodyBytes} bytes and ${limits.records} records of at most ` +
        `${limits.recordBytes} bytes; ${limits.requests} are answered at a time, ${limits.requestsPerClient} of one client. One that ` +
        `stands still for ${limits.idleSeconds} s is cut off, and so is one that falls behind ${PACE_BYTES} bytes a second by ` +
        `${limits.requestSeconds} s.`,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    ...(asksForToken ? { security: [{ token: [] }] } : { security: [] }),
    paths: {
      "/score": { post: scoreOperation(refusals(400, 401, 406, 408, 413, 415, 421, 422, 429, 500, 503)) },
      "/model": {
        get: {
          operationId: "model",
          summary: "The model's columns, thresholds, version and training",
          responses: { 200: content("The model.", "application/json", "Model"), ...refusals(401, 421, 503) },
        },
      },
      "/healthz": {
        get: {
          operationId: "health",
          summary: "Whether the service can score",
          security: [],
          responses: {
            200: content("It can.", "application/json", "Health"),
            503: content("It cannot, now.", "application/json", "Health"),
            ...refusals(421),
          },
        },
      },
      "/metrics": {
        get: {
          operationId: "metrics",
          summary: "What was counted, for Prometheus",
          responses: {
            200: {
              description: "The text format, 0.0.4.",
              content: { "text/plain": { schema: { type: "string" } } },
            },
            ...refusals(401, 421),
          },
        },
      },
      "/openapi.json": {
        get: {
          operationId: "openapi",
          summary: "This document",
          security: [],
          responses: {
            200: {
              description: "OpenAPI 3.1.",
              content: { "application/json": { schema: { type: "object" } } },
            },
            ...refusals(421),
          },
        },
      },
    },
    components: {
      schemas: SCHEMAS,
      ...(asksForToken ? { securitySchemes: { token: { type: "http", scheme: "bearer" } } } : {}),
    },
  };
}

function scoreOperation(refusals: object): object {
  const query = (name: string, description: string, schema: object): object => ({
    name,
    in: "query",
    description,
    schema,
  });
  const bodies = [...BODY_TYPES].map(([type, format]) => [
    type,
    format === "json"
      ? { schema: { type: "array", items: { $ref: "#/components/schemas/FlowRecord" } } }
      : { schema: { type: "string" } },
  ]);
  return {
    operationId: "score",
    summary: "Scores flow records",
    description:
      "Answers are in the order of the records and are sent as the records come. A record that cannot be scored has its " +
      "rejection in its place. The status tells of problems before the first record that can be scored; a later one is " +
      "the last element of the answer, { error }.",
    parameters: [
      query("threshold", "The score from which on a flow is an anomaly.", { type: "number" }),
      query("budget", "In place of a threshold: the share of usual flows that may alarm.", {
        type: "number",
        minimum: 0,
        maximum: 1,
      }),
      query("reasons", "How many reasons to give for each anomaly.", {
        type: "integer",
        minimum: 0,
        default: 0,
      }),
      query(
        "missing",
        "For CSV: whether its header may lack columns of the model. Their values are missing then.",
        {
          enum: ["allow"],
        },
      ),
    ],
    requestBody: {
      required: true,
      description:
        "A JSON array of records, a record a line, or CSV or TSV with the columns' names in the first row.",
      content: Object.fromEntries(bodies),
    },
    responses: {
      200: {
        description: "An answer a record.",
        content: {
          [ANSWER_TYPES.json]: { schema: { $ref: "#/components/schemas/Answers" } },
          [ANSWER_TYPES.ndjson]: { schema: { type: "string", description: "An Answer a line." } },
        },
      },
      ...refusals,
    },
  };
}

function content(description: string, type: string, schema: keyof typeof SCHEMAS): object {
  return { description, content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

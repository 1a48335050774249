import type { ServiceLimits } from "./limits.ts";
import { MODEL_HEADER } from "./model-description.ts";
import { SCHEMAS, type SchemaName } from "./openapi-schemas.ts";
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
        headers: {
          [MODEL_HEADER]: {
            description: "The version of the model that scored all of them, as /model has it.",
            schema: { type: "string" },
          },
        },
        content: {
          [ANSWER_TYPES.json]: { schema: { $ref: "#/components/schemas/Answers" } },
          [ANSWER_TYPES.ndjson]: { schema: { type: "string", description: "An Answer a line." } },
        },
      },
      ...refusals,
    },
  };
}

function content(description: string, type: string, schema: SchemaName): object {
  return { description, content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

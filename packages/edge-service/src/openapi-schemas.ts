import { RULE_VERDICTS, SCORE_COLUMN } from "@oddflow/preprocessing";

export type SchemaName =
  | "FlowRecord"
  | "ScoredFlow"
  | "Reason"
  | "Value"
  | "Rejection"
  | "RejectedRecord"
  | "CutAnswer"
  | "Answer"
  | "Answers"
  | "Problem"
  | "Model"
  | "Health";

/** JSON Schemas of what the service is sent and what it answers, by their names in its OpenAPI document. */
export const SCHEMAS: Readonly<Record<SchemaName, object>> = {
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
      [SCORE_COLUMN.isAnomaly]: {
        type: "boolean",
        description: "Whether the score reaches the threshold, and no rule takes the alarm away.",
      },
      [SCORE_COLUMN.rarity]: {
        type: ["number", "null"],
        description: "How rare the score is: the share of usual flows that score as high or higher.",
      },
      [SCORE_COLUMN.reasons]: {
        description:
          "Where reasons were asked for: those of an anomaly, also of one whose alarm a rule takes away; null for a flow that is none.",
        oneOf: [{ type: "null" }, { type: "array", items: { $ref: "#/components/schemas/Reason" } }],
      },
      [SCORE_COLUMN.rule]: {
        type: ["string", "null"],
        description: "Where there are rules: the id of the one that decided on an alarm.",
      },
      [SCORE_COLUMN.ruleVerdict]: {
        enum: [...RULE_VERDICTS, null],
        description: "What that rule says: benign and wrong take the alarm away.",
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
        required: ["default", "heldBackFlows", "budgets"],
        additionalProperties: false,
        properties: {
          default: { type: "number" },
          heldBackFlows: {
            type: "integer",
            description: "How many usual flows, held back in training, the thresholds are made of.",
          },
          youden: { type: "number" },
          budgets: {
            type: "array",
            items: {
              type: "object",
              required: ["budget", "threshold", "extrapolated"],
              additionalProperties: false,
              properties: {
                budget: { type: "number" },
                threshold: { type: "number" },
                extrapolated: {
                  type: "boolean",
                  description: "Whether no held-back flow shows a score as rare as this budget.",
                },
              },
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
};

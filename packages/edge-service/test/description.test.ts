import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { answersOf, FLOWS, JSON_ARRAY, openShippedModel, post, serviceOf, toLines } from "./post-flows.ts";

const scorer = await openShippedModel();
const service = serviceOf(scorer, { token: "t", modelVersion: "7", limits: { requests: 3 } });
const headers = { authorization: "Bearer t" };
const get = (path: string) => service.fetch(new Request(`http://service${path}`, { headers }));

interface Operation {
  readonly responses: Record<string, { content: Record<string, { schema: object }> }>;
}
interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
}
const description = (await (await get("/openapi.json")).json()) as Description;

test("the model's description says of which thresholds no held-back flow shows a score", async () => {
  const { heldBack } = scorer.thresholds;
  for (const [flows, extrapolated] of [
    [heldBack.flows, [false, false, false, false]],
    [150, [false, false, false, true]],
    [17, [false, true, true, true]],
  ] as const) {
    const few = { ...scorer, thresholds: { ...scorer.thresholds, heldBack: { ...heldBack, flows } } };
    const answer = await serviceOf(few).fetch(new Request("http://service/model"));
    const { thresholds } = (await answer.json()) as {
      thresholds: { heldBackFlows: number; budgets: { extrapolated: boolean }[] };
    };
    expect(thresholds.heldBackFlows).toBe(flows);
    expect(thresholds.budgets.map((budget) => budget.extrapolated)).toEqual(extrapolated);
  }
});

describe("the OpenAPI document", () => {
  test("is one", async () => {
    for (const options of [{}, { token: "t" }]) {
      const response = await serviceOf(scorer, options).fetch(new Request("http://service/openapi.json"));
      expect(await new Validator().validate(await response.json())).toEqual({ valid: true });
    }
  });

  const ajv = new Ajv2020({ strict: false });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: "service", ...description });

  /** Holds an answer against what the document says of its status and type. */
  async function expectDescribed(method: string, path: string, response: Response): Promise<number> {
    const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const { schema } = description.paths[path]?.[method]?.responses[response.status]?.content[type] ?? {};
    expect(schema, `${method} ${path} ${response.status} ${type}`).toBeDefined();
    const local = JSON.parse(JSON.stringify(schema).replaceAll("#/", "service#/"));
    const answer = type === "text/plain" ? await response.text() : await response.json();
    expect(ajv.validate(local, answer), ajv.errorsText()).toBe(true);
    return response.status;
  }

  test("says what is answered, refusals too", async () => {
    const statuses = [];
    for (const path of ["/model", "/healthz", "/metrics", "/openapi.json"]) {
      statuses.push(await expectDescribed("get", path, await get(path)));
    }
    const records = [...FLOWS, { dur: "x" }, 5];
    const array = JSON.stringify(records);
    for (const [body, options] of [
      [array, { query: "?reasons=3&threshold=3" }],
      [`${array.slice(0, -1)}`, { query: "?budget=0.1" }],
      [array, { query: "?budget=9" }],
      [array, { headers: {} }],
      [array, { headers: { ...headers, accept: "image/png" } }],
      [array, { headers: { ...headers, "content-length": "99999999999" } }],
      [array, { type: "image/png" }],
      ['[{"dur":"x"}]', {}],
    ] as const) {
      statuses.push(
        await expectDescribed(
          "post",
          "/score",
          await post(service, body, { type: JSON_ARRAY, headers, ...options }),
        ),
      );
    }
    statuses.push(
      await expectDescribed("get", "/model", await service.fetch(new Request("http://service/model"))),
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 400, 401, 406, 413, 415, 422, 401]);

    expect(description.paths["/score"]?.["post"]?.responses["200"]?.content["application/json"]).toEqual({
      schema: { $ref: "#/components/schemas/Answers" },
    });
    // Nothing passes that is no answer.
    for (const wrong of [
      {},
      { score: 1 },
      { score: "1", is_anomaly: true, probability: 0 },
      { rejected: {} },
    ]) {
      expect(ajv.validate({ $ref: "service#/components/schemas/Answers" }, [wrong])).toBe(false);
    }
  });
});

test("/model tells the columns, the thresholds and the version", async () => {
  const model = await (await get("/model")).json();
  expect(model).toMatchObject({ version: "7", provider: "cpu", training: scorer.training });
  expect(model.columns.map(({ name }: { name: string }) => name)).toEqual(
    scorer.columns.map(({ name }) => name),
  );
  expect(model.thresholds.default).toBe(scorer.thresholds.forBudget(0.01));
  const data = scorer.training["data"] as { sha256: string };
  const unnamed = await serviceOf(scorer).fetch(new Request("http://service/model"));
  expect((await unnamed.json()).version).toBe(data.sha256);
});

test("/metrics counts what was scored, and keeps to Prometheus' format", async () => {
  const counting = serviceOf(scorer);
  const metrics = async (): Promise<Map<string, number>> => {
    const response = await counting.fetch(new Request("http://service/metrics"));
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const values = new Map<string, number>();
    for (const line of (await response.text()).trimEnd().split("\n")) {
      if (line.startsWith("#")) continue;
      const [, name, value] =
        /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\S+)$/.exec(line) ?? [];
      expect(name, line).toBeDefined();
      values.set(name ?? "", Number(value));
    }
    return values;
  };
  expect((await metrics()).get("oddflow_flows_total")).toBe(0);
  const answers = await answersOf(await post(counting, `${toLines(FLOWS)}{"dur":"x"}\nx\n`));
  await answersOf(await post(counting, `[${JSON.stringify(FLOWS[0])},`, { type: JSON_ARRAY }));
  await post(counting, "[", { type: JSON_ARRAY });
  const counted = await metrics();
  const alerts = answers.filter((answer) => answer["is_anomaly"] === true).length;
  expect(alerts).toBeGreaterThan(0);
  const { report } = await scorer.score([...FLOWS, FLOWS[0] ?? {}]);
  expect(Object.fromEntries(counted)).toMatchObject({
    oddflow_flows_total: FLOWS.length + 1,
    oddflow_alerts_total: alerts + (answers[0]?.["is_anomaly"] === true ? 1 : 0),
    oddflow_missing_values_total: report?.missing,
    'oddflow_unseen_categories_total{column="protocol"}': report?.unseen.get("protocol"),
    'oddflow_rejected_records_total{code="VALUE_NOT_A_NUMBER"}': 1,
    'oddflow_rejected_records_total{code="RECORD_INVALID"}': 1,
    'oddflow_http_requests_total{method="POST",route="/score",status="200"}': 2,
    'oddflow_http_requests_total{method="POST",route="/score",status="400"}': 1,
    'oddflow_answers_cut_total{problem="unreadable-body"}': 1,
    'oddflow_http_request_duration_seconds_count{route="/score"}': 3,
    'oddflow_http_request_duration_seconds_bucket{route="/score",le="+Inf"}': 3,
    oddflow_batch_duration_seconds_count: 2,
    oddflow_requests_in_flight: 0,
  });
});

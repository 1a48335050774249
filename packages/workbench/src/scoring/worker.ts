import { OddflowError } from "@oddflow/preprocessing";
import { readTable } from "../reading/index.ts";
import type {
  Failure,
  Progress,
  QuestionKind,
  QuestionMessage,
  Questions,
  ScoreQuestion,
  WorkerMessage,
} from "./messages.ts";
import { openModel, openTableFile } from "./open-model.ts";
import type { ScoredFlows } from "./scored-flows.ts";
import { ScoredTable } from "./scored-table.ts";
import { TableViews } from "./table-views.ts";

/** Progress is told at most so often, in milliseconds. */
const TELL_EVERY = 80;

let workplace: ScoredTable | undefined;
let tableViews: TableViews | undefined;

type Answers = {
  readonly [Kind in QuestionKind]: (
    question: Questions[Kind]["question"],
    tell: (progress: Progress) => void,
  ) => Promise<Questions[Kind]["answer"]> | Questions[Kind]["answer"];
};

const answers: Answers = {
  score,
  choose: (choice) => scored().choose(choice),
  alarms: (threshold) => scored().alarms(threshold),
  flows: (places) => scored().flows(places),
  details: ({ row, reasons }) => scored().details(row, reasons),
  values: (column) => scored().values(column),
  rocAuc: (isAttack) => scored().rocAuc(isAttack),
  save: (request) => scored().save(request),
  rules: (change) => views().changeRules(change),
  ruleCounts: (question) => views().ruleCounts(question),
  ruleDraft: (row) => views().ruleDraft(row),
  hosts: (question) => views().hosts(question),
  incidents: (question) => views().incidents(question),
  secondModel: ({ model, provider }, tell) => views().openSecond(model, provider, throttled(tell)),
  compare: (request) => views().compare(request),
};

async function score(
  { table, model, provider }: ScoreQuestion,
  tell: (progress: Progress) => void,
): Promise<ScoredFlows> {
  const began = performance.now();
  const seldom = throttled(tell);
  // The model is opened while the table is read: one waits for files, the other computes.
  const opening = openModel(model, provider);
  // Whichever fails first is told; the other one's failure is not left unhandled.
  opening.catch(() => undefined);
  const columns = await readTable(await openTableFile(table), table.name, (progress) =>
    seldom({ stage: "reading", ...progress }),
  );
  const readMs = performance.now() - began;
  tell({ stage: "opening" });
  const scorer = await opening;
  tell({ stage: "scoring", rows: 0, of: columns.rows });
  const scoringBegan = performance.now();
  const result = await ScoredTable.score(columns, scorer, model.name, (rows) =>
    seldom({ stage: "scoring", rows, of: columns.rows }),
  );
  workplace = result.workplace;
  tableViews = new TableViews(workplace);
  return { ...result.flows, readMs, scoreMs: performance.now() - scoringBegan };
}

function scored(): ScoredTable {
  if (workplace === undefined) throw new Error("nothing has been scored");
  return workplace;
}

function views(): TableViews {
  if (tableViews === undefined) throw new Error("nothing has been scored");
  return tableViews;
}

function throttled(tell: (progress: Progress) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < TELL_EVERY) return;
    last = now;
    tell(progress);
  };
}

self.addEventListener("message", async ({ data }: MessageEvent<QuestionMessage>) => {
  const { id, kind, question } = data;
  const send = (message: WorkerMessage): void => self.postMessage(message);
  try {
    const answer = answers[kind] as (question: unknown, tell: (progress: Progress) => void) => unknown;
    send({ id, answer: await answer(question, (progress) => send({ id, progress })) });
  } catch (thrown) {
    send({ id, failure: asFailure(thrown) });
  }
});

function asFailure(thrown: unknown): Failure {
  if (thrown instanceof OddflowError) return { code: thrown.code, message: thrown.message };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { message, trace: thrown instanceof Error ? (thrown.stack ?? message) : message };
}

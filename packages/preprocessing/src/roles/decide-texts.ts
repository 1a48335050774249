import type { TableColumn } from "../columns.ts";
import { textAmongNumbers } from "../table-problems.ts";
import { areAddresses } from "./address-text.ts";
import { TOO_MANY_TEXTS } from "./infer-roles.ts";
import { labelWords } from "./label-words.ts";
import { DISTINCT_CAP, type RoleDraft } from "./role-draft.ts";
import type { TextForms } from "./table-values.ts";
import { hasSomeNumbers, isNumbersWithSlips, MOST_KINDS } from "./value-rules.ts";

/** As much of a value as a reason shows. */
const MOST_SHOWN = 30;

/** Columns of text by what their texts are: times, words of labels, addresses, numbers with slips. */
export async function decideTexts(draft: RoleDraft): Promise<void> {
  const texts = draft.columns.filter(({ name, type }) => {
    const decision = draft.of(name);
    const isOpen = decision?.role === "category" || decision?.reason === TOO_MANY_TEXTS;
    return type === "text" && !draft.isSettled(name) && isOpen;
  });
  const forms = await draft.values.textForms(texts.map(({ name }) => name));
  for (const [index, column] of texts.entries()) {
    const form = forms[index];
    if (form !== undefined && form.present > 0) await decideText(draft, column, form);
  }
}

async function decideText(
  draft: RoleDraft,
  { name, distinct = DISTINCT_CAP }: TableColumn,
  form: TextForms,
): Promise<void> {
  if (form.times === form.present) {
    draft.decide(name, "identifier", "a date or time column is no feature");
    return;
  }
  const texts = distinct < DISTINCT_CAP ? await draft.values.distinctTexts(name, DISTINCT_CAP) : [];
  const words = texts.length <= MOST_KINDS ? labelWords(texts) : undefined;
  if (words === "labels") draft.decide(name, "label", "its values are words of labels");
  else if (words === "attacks") draft.decide(name, "identifier", "its values are names of attacks");
  else if (areAddresses(texts)) draft.decide(name, "identifier", "its values are addresses");
  else if (hasSomeNumbers(form)) await decideMixed(draft, name, form);
}

/** Numbers among the texts, or texts among the numbers: what was meant is the reader's to say, so both are told. */
async function decideMixed(draft: RoleDraft, name: string, form: TextForms): Promise<void> {
  const { numbers, present, noNumbers } = form;
  const share = `${numbers.toLocaleString("en-US")} of ${present.toLocaleString("en-US")} are numbers`;
  if (noNumbers === 0) {
    draft.note(name, `${share}: read as such with --role ${name}=number`);
    return;
  }
  const { row, value, table } = await draft.values.firstNoNumber(name);
  const shown = JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN - 3)}...` : value);
  draft.note(
    name,
    `${share}, the first that is none is ${shown} in row ${row.toLocaleString("en-US")} of ${table}`,
  );
  if (isNumbersWithSlips(form)) {
    const { rows } = draft.values;
    draft.slips.push(textAmongNumbers({ table, column: name, texts: noNumbers, rows, value, row }));
  }
}

import { isNoLabel, labelWords } from "./label-words.ts";
import { DISTINCT_CAP, type RoleDraft } from "./role-draft.ts";
import { hasBothClasses, MOST_KINDS, tellsLabel } from "./value-rules.ts";

/** A column of labels labels something. */
export async function decideLabels(draft: RoleDraft): Promise<void> {
  for (const { name, type } of draft.columns) {
    if (draft.of(name)?.role !== "label" || type !== "text" || draft.isSettled(name)) continue;
    const texts = await draft.values.distinctTexts(name, MOST_KINDS);
    if (texts.every(isNoLabel)) draft.decide(name, "identifier", "it labels no flow");
  }
}

export async function decideFolderNames(draft: RoleDraft): Promise<void> {
  for (const { name, isFolderName, distinct = DISTINCT_CAP } of draft.columns) {
    if (!isFolderName || draft.isSettled(name) || distinct > MOST_KINDS) continue;
    const words = labelWords(await draft.values.distinctTexts(name, MOST_KINDS));
    if (words === "labels") draft.decide(name, "label", "the names of folders are words of labels");
  }
}

/** What tells the label exactly is the label once more. */
export async function decideSecondLabels(draft: RoleDraft): Promise<void> {
  const labels = draft.columns.filter(({ name }) => draft.of(name)?.role === "label");
  const { normal } = draft;
  // As labels are read: a number decides where there are both, unless the user names labels.
  const decides = (type: string): boolean => (type === "text") === normal.length > 0;
  const label = labels.find(({ type }) => decides(type)) ?? labels[0];
  const few = draft.features(
    ({ type, distinct = DISTINCT_CAP }) => type === "number" || type === "boolean" || distinct <= MOST_KINDS,
  );
  if (label === undefined || few.length === 0) return;
  const { rows } = draft.values;
  const read = { name: label.name, normal };
  if (!hasBothClasses(await draft.values.countAttacks(read), rows)) return;
  const kinds = await draft.values.kindsByLabel(read, few, MOST_KINDS);
  for (const [index, name] of few.entries()) {
    const kind = kinds[index];
    if (kind !== undefined && tellsLabel(kind, rows)) {
      draft.decide(name, "identifier", `it tells the label "${label.name}" exactly`);
    }
  }
}

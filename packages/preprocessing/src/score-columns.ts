/** The columns that scoring adds to a flow's own, in every form of scored flows. */
export const SCORE_COLUMNS: readonly string[] = [
  "score",
  "is_anomaly",
  "probability",
  "top_columns",
  "reasons",
];

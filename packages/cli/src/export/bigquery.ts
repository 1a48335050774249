import type { PortableModel } from "@oddflow/detector";
import type { ExportedFile } from "./exported-file.ts";

/** The model, and the SQL that makes it one of BigQuery's and scores a table with it. */
export function bigQueryFiles({ bytes, inputs }: PortableModel, name: string): readonly ExportedFile[] {
  const columns = inputs.map(({ name: column, type }) => {
    const quoted = `\`${column}\``;
    // A model takes no NULL.
    return type === "text"
      ? `    IFNULL(CAST(${quoted} AS STRING), '') AS ${quoted}`
      : `    IFNULL(CAST(${quoted} AS FLOAT64), CAST('NaN' AS FLOAT64)) AS ${quoted}`;
  });
  const model = `\`DATASET.${name.replace(/[^A-Za-z0-9_]/g, "_")}\``;
  const sql = `-- Once: the model's file goes to Cloud Storage, and from there to a data set. Put in your own BUCKET and DATASET.
--   gcloud storage cp model.onnx gs://BUCKET/oddflow/model.onnx
CREATE OR REPLACE MODEL ${model}
  OPTIONS (MODEL_TYPE = 'ONNX', MODEL_PATH = 'gs://BUCKET/oddflow/model.onnx');

-- Then: the flows of a table that one usual flow in a thousand is as odd as. Columns whose names are no identifiers,
-- or differ from another's or an output's in case alone, have underscores in their names here.
SELECT *
FROM ML.PREDICT(MODEL ${model}, (
  SELECT
${columns.join(",\n")}
  FROM \`DATASET.flows\`
))
WHERE probability < 0.001;
`;
  return [
    { path: "model.onnx", content: bytes },
    { path: "score.sql", content: sql },
  ];
}

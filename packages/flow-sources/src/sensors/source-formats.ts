import { SENSORS } from "./index.ts";

/** What files can be said to hold, whatever their names are: a format, or the output of a sensor. */
export const SOURCE_FORMATS: readonly string[] = [
  "parquet",
  "csv",
  "tsv",
  "json",
  ...SENSORS.map(({ name }) => name),
];

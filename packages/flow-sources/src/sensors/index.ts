import { ARGUS } from "./argus.ts";
import { CICFLOWMETER } from "./cicflowmeter.ts";
import { GOFLOW2 } from "./goflow2.ts";
import { KDD99 } from "./kdd99.ts";
import { NFDUMP } from "./nfdump.ts";
import { NFSTREAM } from "./nfstream.ts";
import { PMACCT } from "./pmacct.ts";
import type { Sensor } from "./sensor.ts";
import { SURICATA } from "./suricata.ts";
import { UNSW_NB15_TABLES } from "./unsw-nb15.ts";
import { ZEEK } from "./zeek.ts";

/** Every sensor that is known. A new one is a file beside this and a line here. */
export const SENSORS: readonly Sensor[] = [
  ZEEK,
  SURICATA,
  NFDUMP,
  GOFLOW2,
  PMACCT,
  ARGUS,
  CICFLOWMETER,
  NFSTREAM,
  UNSW_NB15_TABLES,
  KDD99,
];

/** What files can be said to hold, whatever their names are: a format, or the output of a sensor. */
export const SOURCE_FORMATS: readonly string[] = [
  "parquet",
  "csv",
  "tsv",
  "json",
  ...SENSORS.map(({ name }) => name),
];

import type { AlarmColumns, AlarmReader } from "@oddflow/incidents";
import { OddflowError, SCORE_COLUMN } from "@oddflow/preprocessing";

/**
 * Sees that incidents can be made of flows.
 * @param where the flows are, as messages name it
 * @throws OddflowError COLUMNS_MISSING
 */
export function checkAlarmReader(
  { unscored, hasTopColumns, hasHosts, hasTimes, hasNetworks }: AlarmReader,
  where: string,
  { entity, network, time }: AlarmColumns,
): void {
  const [missing] = unscored;
  if (missing !== undefined)
    refuse(
      `${where} has no column "${missing}"; name flows that were scored, by score-batch, a pipe or a stream`,
    );
  if (!hasTopColumns)
    refuse(
      `${where} has no column "${SCORE_COLUMN.topColumns}", by which alarms are told apart; score the flows with --top 3, and with --reasons for ` +
        "what made them odd in words",
    );
  if (!hasHosts)
    refuse(
      `${where} has no columns of hosts for --entity ${entity}; name the column of hosts with --entity COLUMN`,
    );
  if (!hasTimes && time !== undefined)
    refuse(`${where} has no column "${time}"; name the column of times with --time COLUMN`);
  if (!hasTimes) refuse(`${where} has no column that is known to hold times; name it with --time COLUMN`);
  if (!hasNetworks)
    refuse(
      `${where} has no column "${network}"; name the column that keeps networks apart with --context-by COLUMN`,
    );
}

function refuse(problem: string): never {
  throw new OddflowError("COLUMNS_MISSING", `incidents: ${problem}`);
}

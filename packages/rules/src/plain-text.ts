import { addressKey, parseAddress } from "@oddflow/flow-sources";
import { NUMBER_TEXT } from "@oddflow/preprocessing";

const NUMBER = new RegExp(`^${NUMBER_TEXT}$`);
const WHOLE = /^([+-]?)0*(\d+)$/;
const SURROUNDING_SPACE = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/**
 * A value as rules compare it, so that it is the same whatever it came in: a number's digits without what they may begin or end with (443
 * of "0443" and of 443.0), an address in one way of writing it, any other text without space around it.
 * @returns undefined where the value is missing, or is a list or an object
 */
export function plainText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return plainWord(value.replace(SURROUNDING_SPACE, ""));
    case "number":
      return Number.isNaN(value) ? undefined : plainWord(String(value));
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}

/** The number that a value is; undefined where it is none. */
export function comparedNumber(value: unknown): number | undefined {
  const text = typeof value === "boolean" ? undefined : plainText(value);
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

function plainWord(text: string): string | undefined {
  if (text === "") return undefined;
  const whole = WHOLE.exec(text);
  // Of many digits no number keeps all.
  if (whole !== null) return whole[1] === "-" && whole[2] !== "0" ? `-${whole[2]}` : whole[2];
  if (NUMBER.test(text)) return String(Number(text) + 0);
  const address = text.includes(":") ? parseAddress(text) : undefined;
  // An IPv4 address has one way only, but for IPv6's that stand for it.
  if (address === undefined) return text;
  return plainAddress(addressKey(address));
}

function plainAddress(key: string): string {
  const [, high, low] = /^0:0:0:0:0:ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(key) ?? [];
  if (high === undefined || low === undefined) return key;
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
}

import { addressText, networkText } from "./address-text.ts";
import { protocolName } from "./protocol-names.ts";
import { WireFields } from "./wire-fields.ts";

/** How goflow2's JSON writes a field: numbers as they are. */
type Form = "number" | "type" | "address" | "mac" | "etype" | "protocol" | "network" | "layer";

interface Field {
  readonly name: string;
  readonly number: number;
  readonly form: Form;
  readonly isList: boolean;
}

/** In the order of goflow2's JSON, `name=number:form`, `[]` for lists. Source: goflow2 2.2.6, pb/flow.proto and producer/proto. */
const FIELDS: readonly Field[] = (
  "type=1:type time_received_ns=110 sequence_num=4 sampling_rate=3 sampler_address=11:address time_flow_start_ns=111 " +
  "time_flow_end_ns=112 bytes=9 packets=10 src_addr=6:address dst_addr=7:address etype=30:etype proto=20:protocol src_port=21 " +
  "dst_port=22 in_if=18 out_if=19 src_mac=27:mac dst_mac=28:mac src_vlan=33 dst_vlan=34 vlan_id=29 ip_tos=23 " +
  "forwarding_status=24 ip_ttl=25 ip_flags=38 tcp_flags=26 icmp_type=31 icmp_code=32 ipv6_flow_label=37 fragment_id=35 " +
  "fragment_offset=36 src_as=14 dst_as=15 next_hop=12:address next_hop_as=13 src_net=16:network dst_net=17:network " +
  "bgp_next_hop=100:address bgp_communities[]=101 as_path[]=102 mpls_ttl[]=80 mpls_label[]=81 mpls_ip[]=82:address " +
  "observation_domain_id=70 observation_point_id=71 layer_stack[]=103:layer layer_size[]=104 " +
  "ipv6_routing_header_addresses[]=105:address ipv6_routing_header_seg_left=106"
)
  .split(" ")
  .map((text) => {
    const [, name = "", list, number = "", form = "number"] =
      /^(\w+)(\[\])?=(\d+)(?::(\w+))?$/.exec(text) ?? [];
    return { name, number: Number(number), form: form as Form, isList: list !== undefined };
  });

const BY_NUMBER: ReadonlyMap<number, Field> = new Map(FIELDS.map((field) => [field.number, field]));

const TYPES = ["FLOWUNKNOWN", "SFLOW_5", "NETFLOW_V5", "NETFLOW_V9", "IPFIX"];
const LAYERS: readonly string[] =
  "Ethernet IPv4 IPv6 TCP UDP MPLS Dot1Q ICMP ICMPv6 GRE IPv6HeaderRouting IPv6HeaderFragment Geneve Teredo".split(
    " ",
  );
const CUSTOM_LAYER = 99;
const ETYPES: ReadonlyMap<number, string> = new Map([
  [0x800, "IPv4"],
  [0x806, "ARP"],
  [0x86dd, "IPv6"],
]);

/** The addresses that networks are named by: those of the source and of the destination. */
const NETWORK_OF: Readonly<Record<string, number>> = { src_net: 6, dst_net: 7 };

type Value = number | bigint | Uint8Array;

/**
 * A message of goflow2's protobuf (`FlowMessage`) as the line that goflow2 itself writes of it as JSON, without its end; fields
 * that it does not know, which goflow2 can be told to add, are passed over.
 * @returns undefined for bytes that are no such message
 */
export function goflow2Json(message: Uint8Array): string | undefined {
  const values = readValues(message);
  if (values === undefined) return undefined;
  return `{${FIELDS.map((field) => `"${field.name}":${textOf(field, values)}`).join(",")}}`;
}

/** Values by their fields' numbers. A message of goflow2's has a type, which comes first. */
function readValues(message: Uint8Array): Map<number, Value[]> | undefined {
  const fields = new WireFields(message);
  const values = new Map<number, Value[]>();
  for (let step = fields.next(); step !== "end"; step = fields.next()) {
    if (step === "broken" || (values.size === 0 && fields.number !== 1)) return undefined;
    const field = BY_NUMBER.get(fields.number);
    if (field === undefined) continue;
    const read = valuesOf(field, fields);
    if (read === undefined) return undefined;
    const former = values.get(fields.number);
    values.set(fields.number, field.isList && former !== undefined ? [...former, ...read] : read);
  }
  return values.size === 0 ? undefined : values;
}

/** Undefined where a field is not of its kind. */
function valuesOf({ form, isList }: Field, fields: WireFields): Value[] | undefined {
  const { value, start, end, bytes } = fields;
  if (form === "address") return value === undefined && start > 0 ? [bytes.subarray(start, end)] : undefined;
  if (value !== undefined) return [value];
  if (!isList || start === 0) return undefined;
  // Numbers of a list are packed.
  const packed = new WireFields(bytes, start, end);
  const list: Value[] = [];
  while (packed.at < end) {
    const next = packed.readVarint();
    if (next === undefined) return undefined;
    list.push(next);
  }
  return list;
}

function textOf(field: Field, values: ReadonlyMap<number, readonly Value[]>): string {
  const own = values.get(field.number) ?? [];
  if (field.isList) return `[${own.map((value) => valueText(field, value, values)).join(",")}]`;
  return valueText(field, own[0] ?? (field.form === "address" ? new Uint8Array() : 0), values);
}

function valueText(
  { name, form }: Field,
  value: Value,
  values: ReadonlyMap<number, readonly Value[]>,
): string {
  if (value instanceof Uint8Array) return `"${addressText(value) ?? ""}"`;
  switch (form) {
    case "number":
    case "address":
      return String(value);
    case "type":
      return `"${TYPES[Number(value)] ?? value}"`;
    case "layer":
      return `"${Number(value) === CUSTOM_LAYER ? "Custom" : (LAYERS[Number(value)] ?? value)}"`;
    case "etype":
      return `"${ETYPES.get(Number(value)) ?? ""}"`;
    case "protocol":
      return `"${protocolName(value)}"`;
    case "mac":
      return `"${value
        .toString(16)
        .padStart(12, "0")
        .slice(-12)
        .replace(/..(?=.)/g, "$&:")}"`;
    case "network": {
      const address = values.get(NETWORK_OF[name] ?? 0)?.[0];
      const text = address instanceof Uint8Array ? networkText(address, Number(value)) : undefined;
      return `"${text ?? "invalid Prefix"}"`;
    }
  }
}

/*
 * What tables call who talks to whom. Names are compared by their letters and digits alone, so that "id.orig_h" is "idorigh" and
 * "Source IP" is "sourceip".
 */

/** Addresses of who began the flow, or sent it. */
export const SOURCE_NAMES: readonly string[] = [
  ...[
    "idorigh",
    "srcip",
    "sourceip",
    "srcaddr",
    "sourceaddress",
    "sourceaddr",
    "saddr",
    "ipsrc",
    "srcipaddr",
  ],
  ...[
    "srcipaddress",
    "srcipv4",
    "srcipv6",
    "sourceipaddress",
    "srchost",
    "sip",
    "sa",
    "src4addr",
    "src6addr",
  ],
  ...["ipv4srcaddr", "ipv6srcaddr", "sourceipv4address", "sourceipv6address", "clientip", "origh"],
];

/** Addresses of the other end. */
export const DESTINATION_NAMES: readonly string[] = [
  ...[
    "idresph",
    "dstip",
    "destip",
    "destinationip",
    "dstaddr",
    "destaddr",
    "destinationaddress",
    "destinationaddr",
  ],
  ...[
    "daddr",
    "ipdst",
    "dstipaddr",
    "dstipaddress",
    "dstipv4",
    "dstipv6",
    "destinationipaddress",
    "dsthost",
    "dip",
  ],
  ...["da", "dst4addr", "dst6addr", "ipv4dstaddr", "ipv6dstaddr", "destinationipv4address"],
  ...["destinationipv6address", "serverip", "resph"],
];

/** Ports that services answer on. */
export const PORT_NAMES: readonly string[] = [
  ...["idrespp", "dstport", "destport", "destinationport", "dport", "dsport", "portdst", "dp", "l4dstport"],
  ...["destinationtransportport", "serverport", "respp"],
];

/** Ports that flows come from. */
export const SOURCE_PORT_NAMES: readonly string[] = [
  ...["idorigp", "srcport", "sourceport", "sport", "portsrc", "sp", "l4srcport", "sourcetransportport"],
  ...["clientport", "origp"],
];

/** What a sensor calls a flow, so that it is found again. */
export const FLOW_ID_NAMES: readonly string[] = ["uid", "communityid", "flowid"];

export const PROTOCOL_NAMES: readonly string[] = [
  "proto",
  "protocol",
  "ipproto",
  "ipprotocol",
  "pr",
  "protocolidentifier",
];

/** Of both directions: one column, or several that are added up. The first whose columns are all there is taken. */
export const BYTES_NAMES: readonly (readonly string[])[] = [
  ["origbytes", "respbytes"],
  ["flowbytestoserver", "flowbytestoclient"],
  ["netflowbytes"],
  ["bidirectionalbytes"],
  ["sbytes", "dbytes"],
  ["totbytes"],
  ["totalbytes"],
  ["totallengthoffwdpackets", "totallengthofbwdpackets"],
  ["totlenfwdpkts", "totlenbwdpkts"],
  ["totallengthoffwdpacket", "totallengthofbwdpacket"],
  ["inbytes", "outbytes"],
  ["ibyt", "obyt"],
  ["srcbytes", "dstbytes"],
  ["bytes"],
  ["octets"],
  ["octetdeltacount"],
  ["inbytes"],
  ["ibyt"],
];

export const PACKETS_NAMES: readonly (readonly string[])[] = [
  ["origpkts", "resppkts"],
  ["flowpktstoserver", "flowpktstoclient"],
  ["netflowpkts"],
  ["bidirectionalpackets"],
  ["spkts", "dpkts"],
  ["totpkts"],
  ["totalpackets"],
  ["totalfwdpackets", "totalbackwardpackets"],
  ["totfwdpkts", "totbwdpkts"],
  ["totalfwdpacket", "totalbwdpackets"],
  ["inpkts", "outpkts"],
  ["inpackets", "outpackets"],
  ["ipkt", "opkt"],
  ["packets"],
  ["pkts"],
  ["packetdeltacount"],
  ["inpkts"],
  ["inpackets"],
  ["ipkt"],
];

/** What the responder sent, in a table of both directions: 0 where it did not answer. */
export const ANSWER_NAMES: readonly string[] = [
  ...["respbytes", "flowbytestoclient", "dst2srcbytes", "dbytes", "totallengthofbwdpackets", "totlenbwdpkts"],
  ...["totallengthofbwdpacket", "outbytes", "obyt", "dstbytes"],
];

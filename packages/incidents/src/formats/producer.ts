/** Who found an incident, as other programs are told. */
export interface Producer {
  /** Of Oddflow. */
  readonly version: string;
}

/** Names of it in all formats. */
export const PRODUCT = { vendor: "Oddflow", name: "Oddflow", part: "incidents" } as const;

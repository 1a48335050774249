/** Why a shard cannot be read on its own: what stands in it takes `openTable`, which reads the whole file. */
export class NotPlainText extends Error {}

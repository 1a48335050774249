import { JsonFields } from "./json-fields.ts";

const OPEN = 123;

/** What stands in a record: a field, or one of an object in it. */
export interface JsonLeaf {
  /** An object's name and a dot stand before the name of what is in it. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** How many objects it is in; 0 for the record's own. */
  readonly depth: number;
  /** Whether it is an object, whose own fields follow. */
  readonly isObject: boolean;
}

/**
 * Finds the fields of a JSON record and of the objects in it: those of the record first, those of an object before those of the
 * objects in it. Of two objects of one name in one place only the last is looked into, as JSON.parse has it.
 */
export class JsonLeaves {
  readonly #fields: JsonFields[] = [];
  /** Names joined before. */
  readonly #joined = new Map<string, Map<string, string>>();

  /** @returns the fields; undefined for what is no object, or does not end at `end` */
  find(bytes: Uint8Array, start: number, end: number): readonly JsonLeaf[] | undefined {
    const leaves: JsonLeaf[] = [];
    return this.#findIn(bytes, start, end, "", 0, leaves) ? leaves : undefined;
  }

  #findIn(
    bytes: Uint8Array,
    start: number,
    end: number,
    outer: string,
    depth: number,
    leaves: JsonLeaf[],
  ): boolean {
    this.#fields[depth] ??= new JsonFields();
    const fields = this.#fields[depth] as JsonFields;
    if (fields.find(bytes, start, end) !== end) return false;
    const objects = new Map<string, JsonLeaf>();
    for (let field = 0; field < fields.count; field++) {
      const name = outer === "" ? fields.name(field) : this.#join(outer, fields.name(field));
      const from = fields.value(field);
      const isObject = bytes[from] === OPEN;
      const leaf = { name, start: from, end: fields.end(field), depth, isObject };
      leaves.push(leaf);
      if (isObject) objects.set(name, leaf);
      else objects.delete(name);
    }
    for (const object of objects.values()) {
      if (!this.#findIn(bytes, object.start, object.end, object.name, depth + 1, leaves)) return false;
    }
    return true;
  }

  #join(outer: string, name: string): string {
    let names = this.#joined.get(outer);
    if (names === undefined) {
      names = new Map();
      this.#joined.set(outer, names);
    }
    let joined = names.get(name);
    if (joined === undefined) {
      joined = `${outer}.${name}`;
      names.set(name, joined);
    }
    return joined;
  }
}

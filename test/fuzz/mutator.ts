/** Makes one damaged input after another from a corpus, and makes a failing one small. */
import type { Sample } from "./corpus.ts";
import { below, byteMutations, type Mutation, oneOf, type Random } from "./mutate-bytes.ts";
import { jsonMutations } from "./mutate-json.ts";
import { protobufMutations } from "./mutate-protobuf.ts";

export interface DamagedInput extends Sample {
  /** the damages done, in order */
  how: string[];
}

const MAX_INPUT_BYTES = 64 * 1024;

const MUTATIONS: Record<Sample["encoding"], [string, Mutation][]> = {
  protobuf: [...Object.entries(protobufMutations), ...Object.entries(byteMutations)],
  json: [...Object.entries(jsonMutations), ...Object.entries(byteMutations)],
};

export function createMutator(corpus: readonly Sample[], random: Random): () => DamagedInput {
  return () => {
    const sample = oneOf(random, corpus);
    const other = oneOf(random, corpus);
    let { body } = sample;
    const how: string[] = [];
    // mostly one damage, which leaves the rest to be read
    for (let left = random() < 0.7 ? 1 : 2 + below(random, 4); left > 0; left -= 1) {
      const [name, mutate] = oneOf(random, MUTATIONS[sample.encoding]);
      how.push(name);
      body = mutate(body, other.body, random).subarray(0, MAX_INPUT_BYTES);
    }
    // a recorded request may come to any signal's path, in any content type
    const isMisdirected = random() < 0.05;
    const { signal, encoding } = isMisdirected ? { ...sample, encoding: other.encoding, signal: other.signal } : sample;
    return { name: sample.name, signal, encoding, body: Uint8Array.from(body), how };
  };
}

/** Leaves out parts of a failing input for as long as it still fails. */
export function minimise(body: Uint8Array, stillFails: (body: Uint8Array) => boolean, maxTries = 3_000): Uint8Array {
  let smallest = body;
  let tries = 0;
  for (
    let size = Math.ceil(body.length / 2);
    size >= 1 && tries < maxTries;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < smallest.length && tries < maxTries; tries += 1) {
      const shorter = Uint8Array.from(Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]));
      if (stillFails(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}

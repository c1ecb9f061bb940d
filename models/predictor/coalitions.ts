/** What the network says of every coalition of feature groups: those in it as observed, all others as expected.
 *
 *  2^n inputs differ only in which of n parts they take. Where the graph was cut behind the steps by which its input enters, each part
 *  is mapped once, trees answer for all of them at once, and only the rest of the network is run on the sums; otherwise the inputs are put
 *  together and the whole network is run. Either way in blocks, so that a block stays in the processor's cache and others get their
 *  turn in between. */
import { type EnteredNetwork, MIX_INPUT, type ModelSession, type NetworkEntry, type Tensor } from "../model-session.ts";
import { type CoalitionGame, coalitionTreeSums } from "./coalition-trees.ts";
import { meanLogits } from "./ensemble.ts";
import { logOddsWithin } from "./hazard.ts";
import { PREDICTOR_HAZARD_OUTPUT, PREDICTOR_INPUT, type PredictorManifest } from "./manifest.ts";

/** Coalitions per run: a power of two. */
const BLOCK = 512;

/** @returns shape [2^players]: calibrated log-odds of each coalition; bit i = player i as observed */
export async function coalitionLogOdds(
  session: ModelSession,
  manifest: PredictorManifest,
  game: CoalitionGame,
  horizonWindows: number,
): Promise<Float64Array> {
  const { edges, members, calibration } = manifest;
  const count = 2 ** game.columns.length;
  const block = Math.min(BLOCK, count);
  const logOdds = new Float64Array(count);
  const network = session.entered?.[PREDICTOR_INPUT];
  const prepare = network ? enteredBlocks(network, game, block) : inputBlocks(session, game, block);
  for (let from = 0; from < count; from += block) {
    const outputs = await prepare(from);
    const hazard = outputs[PREDICTOR_HAZARD_OUTPUT];
    if (!hazard) throw new RangeError(`the predictor's graph has no output ${PREDICTOR_HAZARD_OUTPUT}`);
    const logits = meanLogits(hazard.data, block, members, edges.length);
    for (let row = 0; row < block; row++) {
      logOdds[from + row] = logOddsWithin(logits, row * edges.length, edges, horizonWindows, calibration);
    }
  }
  return logOdds;
}

/** Runs the block of coalitions that begins at `from`, a multiple of the block. */
type BlockRun = (from: number) => Promise<Record<string, Tensor>>;

function inputBlocks(session: ModelSession, { observed, expected, columns }: CoalitionGame, block: number): BlockRun {
  const width = expected.length;
  return (from) => {
    const rows = new Float32Array(block * width);
    for (let row = 0; row < block; row++) {
      const at = row * width;
      rows.set(expected, at);
      columns.forEach((own, player) => {
        if (!((from + row) & (1 << player))) return;
        for (const column of own) rows[at + column] = observed[column]!;
      });
    }
    return session.run({ [PREDICTOR_INPUT]: { data: rows, dims: [block, width] } });
  };
}

/** Part 0 is the input as expected, of which every coalition has one; part i + 1 is what player i adds. */
function enteredBlocks({ entries, trees, rest }: EnteredNetwork, game: CoalitionGame, block: number): BlockRun {
  const parts = game.columns.length + 1;
  const sums = trees.map((entry) => ({ name: entry.name, all: coalitionTreeSums(entry.trees, game) }));
  const mapped = entries.map((entry): [string, Tensor] => {
    const data = new Float32Array(parts * entry.columns);
    data.set(entered(entry, game.expected));
    game.columns.forEach((own, player) => {
      data.set(partOf(entry, own, game), (player + 1) * entry.columns);
    });
    return [entry.name, { data, dims: [parts, entry.columns] }];
  });
  return (from) => {
    const mix = new Float32Array(block * parts);
    for (let row = 0; row < block; row++) {
      mix[row * parts] = 1;
      for (let part = 1; part < parts; part++) mix[row * parts + part] = ((from + row) >> (part - 1)) & 1;
    }
    const ofTrees = sums.map(({ name, all }): [string, Tensor] => {
      return [name, { data: Float32Array.from(all.subarray(from, from + block)), dims: [block, 1] }];
    });
    return rest.run({
      ...Object.fromEntries([...mapped, ...ofTrees]),
      [MIX_INPUT]: { data: mix, dims: [block, parts] },
    });
  };
}

/** What the entry makes of one input. */
function entered({ weight, bias, columns }: NetworkEntry, input: Float32Array): Float64Array {
  const result = Float64Array.from({ length: columns }, (_, column) => bias?.[column] ?? 0);
  input.forEach((value, row) => {
    if (value === 0) return;
    for (let column = 0; column < columns; column++) result[column]! += value * weight[row * columns + column]!;
  });
  return result;
}

/** What a player adds to the entry's result by being as observed. */
function partOf(
  { weight, columns }: NetworkEntry,
  own: readonly number[],
  { observed, expected }: CoalitionGame,
): Float64Array {
  const part = new Float64Array(columns);
  for (const row of own) {
    const step = observed[row]! - expected[row]!;
    if (step === 0) continue;
    for (let column = 0; column < columns; column++) part[column]! += step * weight[row * columns + column]!;
  }
  return part;
}

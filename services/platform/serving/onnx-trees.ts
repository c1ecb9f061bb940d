/** Reads the regression trees of a `TreeEnsembleRegressor` node, as far as our own export writes them: one target, sums of leaves, "below the
 *  threshold" decisions. Anything else is not read, because it would be read wrongly.
 *
 *  Layout (onnx.proto3): NodeProto.attribute = 5; AttributeProto: name = 1, i = 3, floats = 7, ints = 8, strings = 9. */
import type { RegressionTrees } from "../../../models/model-session.ts";
import { fieldsOf, floatsOf, intsOf, textOf, type WireField } from "./onnx-fields.ts";

const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_NAME = 1;
const ATTRIBUTE_INT = 3;
const ATTRIBUTE_FLOATS = 7;
const ATTRIBUTE_INTS = 8;
const ATTRIBUTE_STRINGS = 9;

const READ = new Set([
  ...["n_targets", "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_values", "nodes_modes"],
  ...["nodes_truenodeids", "nodes_falsenodeids", "target_treeids", "target_nodeids", "target_ids", "target_weights"],
]);

/** @param node a NodeProto   @returns null for trees of a kind that this code does not read */
export function readTrees(node: Uint8Array): RegressionTrees | null {
  const attributes = new Map<string, readonly WireField[]>();
  for (const { number, payload } of fieldsOf(node)) {
    if (number !== NODE_ATTRIBUTE) continue;
    const fields = fieldsOf(payload);
    const name = fields.find((field) => field.number === ATTRIBUTE_NAME);
    attributes.set(name === undefined ? "" : textOf(name), fields);
  }
  // Another attribute may change what the trees mean.
  if ([...attributes.keys()].some((name) => !READ.has(name))) return null;
  const fields = (name: string, number: number) =>
    (attributes.get(name) ?? []).filter((field) => field.number === number);
  const ints = (name: string) => intsOf(fields(name, ATTRIBUTE_INTS));
  const floats = (name: string) => floatsOf(fields(name, ATTRIBUTE_FLOATS));

  const modes = fields("nodes_modes", ATTRIBUTE_STRINGS).map(textOf);
  const isLeaf = modes.map((mode) => mode === "LEAF");
  if (modes.some((mode) => mode !== "LEAF" && mode !== "BRANCH_LT")) return null;
  if (fields("n_targets", ATTRIBUTE_INT)[0]?.value !== 1) return null;

  const [treeIds, nodeIds] = [ints("nodes_treeids"), ints("nodes_nodeids")];
  const indexOf = new Map(treeIds.map((tree, index) => [`${tree} ${nodeIds[index]}`, index]));
  const indices = (ids: readonly number[]) =>
    Int32Array.from(ids, (id, index) => indexOf.get(`${treeIds[index]} ${id}`) ?? -1);
  const columns = ints("nodes_featureids");
  const trees: RegressionTrees = {
    roots: rootsOf(treeIds),
    column: Int32Array.from(columns, (column, index) => (isLeaf[index] ? -1 : column)),
    threshold: Float32Array.from(floats("nodes_values")),
    below: indices(ints("nodes_truenodeids")),
    other: indices(ints("nodes_falsenodeids")),
    value: new Float32Array(modes.length),
  };
  const [leafTrees, leafNodes] = [ints("target_treeids"), ints("target_nodeids")];
  const weights = floats("target_weights");
  for (const [position, tree] of leafTrees.entries()) {
    const leaf = indexOf.get(`${tree} ${leafNodes[position]}`);
    if (leaf === undefined || !isLeaf[leaf]) return null;
    trees.value[leaf]! += weights[position] ?? Number.NaN;
  }
  return isWhole(trees, modes.length) ? trees : null;
}

/** A tree's first node is its root. */
function rootsOf(treeIds: readonly number[]): Int32Array {
  const seen = new Set<number>();
  return Int32Array.from(
    treeIds.flatMap((tree, index) => {
      if (seen.has(tree)) return [];
      seen.add(tree);
      return [index];
    }),
  );
}

/** Every list has one entry per node, and children come after their parent, so that every walk ends. */
function isWhole({ column, threshold, below, other, value }: RegressionTrees, count: number): boolean {
  if ([column, threshold, below, other].some(({ length }) => length !== count)) return false;
  if (!value.every(Number.isFinite)) return false;
  return column.every((at, node) => at < 0 || (below[node]! > node && other[node]! > node));
}

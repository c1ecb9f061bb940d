import { describe, expect, it } from "vitest";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import { createGraph } from "../../../training/export/onnx-writer.ts";

/** The sum of two inputs: an answer that is obvious. */
function sumModel(): Uint8Array {
  const graph = createGraph("sum");
  const x = graph.input("features", 2);
  graph.output("sum", graph.dense(x, Float32Array.of(1, 1), { in: 2, out: 1 }), 1);
  return graph.build();
}

describe("an ONNX session", () => {
  it("runs the graph that the writer wrote, for any number of rows", async () => {
    const session = await createSession(sumModel());
    const { sum } = await session.run({ features: { data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] } });
    expect(Array.from(sum!.data)).toEqual([3, 7]);
    expect(sum!.dims).toEqual([2, 1]);
    await session.release();
  });

  it("runs every operator of the writer", async () => {
    const graph = createGraph("all");
    const x = graph.input("features", 2);
    const two = graph.constant("two", Float32Array.of(2), [1]);
    graph.output("relu", graph.relu(x), 2);
    graph.output("sigmoid", graph.sigmoid(x), 2);
    graph.output("softmax", graph.softmax(x), 2);
    graph.output("both", graph.concat([graph.add(x, two), graph.mul(x, two)]), 4);
    const session = await createSession(graph.build());
    const outputs = await session.run({ features: { data: Float32Array.of(-1, 1), dims: [1, 2] } });
    const rounded = (name: string) => Array.from(outputs[name]!.data, (value) => Number(value.toFixed(4)));
    expect(rounded("relu")).toEqual([0, 1]);
    expect(rounded("sigmoid")).toEqual([0.2689, 0.7311]);
    expect(rounded("softmax")).toEqual([0.1192, 0.8808]);
    expect(rounded("both")).toEqual([1, 3, -2, 2]);
    await session.release();
  });

  it.each([
    ["noise", Uint8Array.of(1, 2, 3, 4)],
    ["nothing", new Uint8Array(0)],
    ["half a model", sumModel().subarray(0, 40)],
  ])("refuses %s as a corrupt artifact", async (_, bytes) => {
    await expect(createSession(bytes)).rejects.toMatchObject({ code: "ARTIFACT_CORRUPT", retryable: false });
  });

  it("refuses inputs whose shape is not theirs, and names that the graph does not have", async () => {
    const session = await createSession(sumModel());
    const three = { data: Float32Array.of(1, 2, 3), dims: [2, 2] };
    await expect(session.run({ features: three })).rejects.toMatchObject({ code: "SHAPE_MISMATCH" });
    const stranger = { data: Float32Array.of(1, 2), dims: [1, 2] };
    await expect(session.run({ stranger })).rejects.toMatchObject({ code: "BUG" });
    await session.release();
  });
});

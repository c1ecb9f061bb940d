/** Classification by stage, on one core: reading, rules, tokens, network, pool; then all of it, in batches and one error at a time. */
import { loadLabelledErrors, toErrorRecord } from "../../datasets/errors/labelled-error.ts";
import { encodeError } from "../../models/classifier/encoder.ts";
import { identifyError } from "../../models/classifier/fingerprint.ts";
import { scoreErrors } from "../../models/classifier/network.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { NOTHING_LEARNED } from "../../models/fusion/learned.ts";
import { decide, voicesOf } from "../../models/fusion/verdict.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { classifyRecords, gatherEvidence } from "../../services/platform/classification/error-classifier.ts";
import { weightsFor } from "../../services/platform/classification/model-voice.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { loadPretrained } from "../../training/evaluate-errors/load-pretrained.ts";
import { durations, quantile, type Suite, throughput } from "./harness.ts";

const MIN_MS = 2_000;
const SINGLE_CALLS = 1_000;

export const classificationSuite: Suite = {
  name: "classification",
  async run(report) {
    const records = (await loadLabelledErrors("datasets/errors/faultlab.jsonl")).map(toErrorRecord);
    const { manifest, onnx } = await loadPretrained();
    const session = await createSession(onnx);
    try {
      const model = { version: manifest.version, manifest, session };
      const engine = createRuleEngine(RULES);
      const context = { engine, learned: NOTHING_LEARNED, model };
      const weights = weightsFor(context);
      const errors = records.map((record) => readError(record));
      const tokens = errors.map(encodeError);
      const { evidence } = await gatherEvidence(records, context);
      const stage = async (name: string, work: () => unknown): Promise<void> => {
        await work();
        const perSecond = await throughput(records.length, MIN_MS, work);
        report.figure(`${name}: errors/s`, perSecond, "1/s");
        report.figure(`${name}: one error`, 1e6 / perSecond, "µs");
      };
      await stage("read", () => records.map((record) => readError(record)));
      await stage("fingerprint", () => errors.map((error) => identifyError(error)));
      await stage("rules", () => errors.map((error) => engine.evaluate(error)));
      await stage("tokens", () => errors.map(encodeError));
      await stage("network", () => scoreErrors(session, manifest, tokens));
      await stage("pool", () => evidence.map((own) => decide(voicesOf(own), weights)));
      await stage("all of it, in batches", async () => {
        const { evidence: own } = await gatherEvidence(records, context);
        return own.map((one) => decide(voicesOf(one), weights));
      });
      const single = await durations(SINGLE_CALLS, (index) =>
        classifyRecords([records[index % records.length]!], { ...context, explain: true }),
      );
      report.figure("one error with its reasons: p50", quantile(single, 0.5), "ms");
      report.figure("one error with its reasons: p99", quantile(single, 0.99), "ms");
    } finally {
      await session.release();
    }
  },
};

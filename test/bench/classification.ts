/** Classification by stage: reading, fingerprint, rules, tokens, network, pool; then all of it, in batches and one error at a time. Stages
 *  and batches are measured in CPU time, so what they print is a rate per core; single calls by the clock, since someone waits for them. */
import { loadLabelledErrors, toErrorRecord } from "../../datasets/errors/labelled-error.ts";
import { createErrorEncoder } from "../../models/classifier/encoder.ts";
import { identifyError } from "../../models/classifier/fingerprint.ts";
import { CLASSIFIER_ENTRIES, scoreErrors } from "../../models/classifier/network.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { NOTHING_LEARNED } from "../../models/fusion/learned.ts";
import { decide, voicesOf } from "../../models/fusion/verdict.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { classifyRecords, gatherEvidence } from "../../services/platform/classification/error-classifier.ts";
import { weightsFor } from "../../services/platform/classification/model-voice.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { loadPretrained } from "../../training/evaluate-errors/load-pretrained.ts";
import { cpuThroughput, durations, quantile, type Suite } from "./harness.ts";

const MIN_MS = 3_000;
const SINGLE_CALLS = 2_000;
const BATCH = 64;

export const classificationSuite: Suite = {
  name: "classification",
  async run(report) {
    const records = (await loadLabelledErrors("datasets/errors/faultlab.jsonl")).map(toErrorRecord);
    const { manifest, onnx } = await loadPretrained();
    const session = await createSession(onnx, { enterAt: CLASSIFIER_ENTRIES });
    try {
      const model = { version: manifest.version, manifest, session };
      const engine = createRuleEngine(RULES);
      const encode = createErrorEncoder();
      const context = { engine, encode, learned: NOTHING_LEARNED, model };
      const weights = weightsFor(context);
      const errors = records.map((record) => readError(record));
      const tokens = errors.map(encode);
      const { evidence } = await gatherEvidence(records, context);
      /** Nothing of a batch is kept when the next one begins. */
      const stage = async <Item>(
        name: string,
        items: readonly Item[],
        work: (batch: readonly Item[]) => unknown,
      ): Promise<void> => {
        const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
          items.slice(index * BATCH, (index + 1) * BATCH),
        );
        const all = async () => {
          for (const batch of batches) await work(batch);
        };
        await all();
        const perSecond = await cpuThroughput(items.length, MIN_MS, all);
        report.figure(`${name}: errors/s per core`, perSecond, "1/s");
        report.figure(`${name}: one error, CPU time`, 1e6 / perSecond, "µs");
      };
      await stage("read", records, (batch) => batch.map((record) => readError(record)));
      await stage("fingerprint", errors, (batch) => batch.map((error) => identifyError(error)));
      await stage("rules", errors, (batch) => batch.map((error) => engine.evaluate(error)));
      await stage("tokens", errors, (batch) => batch.map(encode));
      await stage("network", tokens, (batch) => scoreErrors(session, manifest, batch));
      await stage("pool", evidence, (batch) => batch.map((own) => decide(voicesOf(own), weights)));
      await stage(`all of it, in batches of ${BATCH}`, records, async (batch) => {
        const { evidence: own } = await gatherEvidence(batch, context);
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

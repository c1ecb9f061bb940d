/** Property tests draw the same values in every run, so that a change is judged by itself; HARBINGER_TEST_SEED draws others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.HARBINGER_TEST_SEED ?? 1) });

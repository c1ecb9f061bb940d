/** Labelled examples as matrices: what the store's dataset and the public evaluations hand to the fit. */
export interface TrainingRows {
  /** shape [n, F] row-major in the order of FEATURE_SPEC; NaN = missing */
  vectors: Float32Array;
  /** shape [n]: moment of prediction */
  atMs: Float64Array;
  /** shape [n]: which service; any numbering */
  entity: Int32Array;
  /** shape [n]: 1 = the next window is an onset; NaN = none was seen */
  windowsToOnset: Float32Array;
  /** shape [n]: windows that were watched without an onset (censoring) */
  observedWindows: Float32Array;
  /** shape [n, 14] in the order of ERROR_CLASSES: which errors the failure brought, any scale; all zero or NaN = not known */
  classes?: Float32Array;
  split: RowSplit;
}

/** Row numbers; every train row is earlier than every calibration row, and those than every validation row. */
interface RowSplit {
  train: Int32Array;
  calibration: Int32Array;
  validation: Int32Array;
}

/** Sentences of a business that say what was not done and nothing of why: the first half of a log line, or the message of an exception
 *  that hides its cause. None of them may hint at a class. */

const SUBJECTS = [
  "order", "invoice", "parcel", "voucher", "refund", "claim", "booking", "statement", "reminder", "price list", "payout", "transfer", "ticket",
  "delivery note", "nightly import", "newsletter", "report", "subscription", "credit check", "stocktake", "payroll run", "scan", "avatar",
  "tax return", "archive job", "webhook", "catalogue page", "sensor batch", "tour", "prescription", "exam result", "timetable", "meter reading",
]; // biome-ignore format: a list
const OUTCOMES = [
  "was not sent", "not processed", "left as it was", "put aside", "skipped", "stays open", "will be tried again", "goes to manual review",
  "could not be completed", "not finished", "kept in outbox", "dropped", "is incomplete", "has no result", "failed", "ended early",
  "not published", "given up on", "postponed", "parked", "without effect", "not available right now", "not saved", "not handed over",
]; // biome-ignore format: a list

export function businessOutcome(pick: (n: number) => number): string {
  const subject = SUBJECTS[pick(SUBJECTS.length)]!;
  const outcome = OUTCOMES[pick(OUTCOMES.length)]!;
  const number = pick(90_000) + 100;
  switch (pick(4)) {
    case 0:
      return `${subject} ${number} ${outcome}`;
    case 1:
      return `${subject} ${outcome} (${number})`;
    case 2:
      return `${subject} for customer ${number} ${outcome}`;
    default:
      return `${subject} ${outcome}`;
  }
}

/** Types of wrappers that say nothing, or something misleading, as programs really name them. */
const WRAPPERS = [
  "RuntimeException", "ServiceException", "com.acme.core.OperationFailedException", "InternalError", "JobFailed", "app.errors.ProcessingError",
  "System.ApplicationException", "System.AggregateException", "OrderError", "Exception", "StandardError", "ExecutionException",
  "java.util.concurrent.CompletionException", "org.springframework.web.util.NestedServletException", "HttpException", "UnhandledError",
  "TaskError", "BatchFailure", "javax.servlet.ServletException", "java.lang.reflect.InvocationTargetException",
]; // biome-ignore format: a list

export function wrapperType(pick: (n: number) => number): string {
  return WRAPPERS[pick(WRAPPERS.length)]!;
}

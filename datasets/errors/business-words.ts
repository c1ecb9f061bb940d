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

const DOMAINS = [
  "Order", "Booking", "Ledger", "Shipping", "Payment", "Posting", "Picking", "Survey", "Ticket", "Tariff", "Quote", "Delivery", "Claims", "Catalog",
  "Stock", "Billing", "Payroll", "Scan", "Tour", "Label", "Device", "Journal", "Refund", "Carrier", "Reservation", "Mailing",
]; // biome-ignore format: a list
const NOTHING_SAID = [
  "Error", "Exception", "Failure", "failure", "RuntimeError", "simpleError", "StandardError", "anyhow::Error", "*errors.errorString", "*fmt.wrapError",
  "std::runtime_error", "ErrorCall", "ErrorException", "string", "RuntimeException", "eyre::Report",
]; // biome-ignore format: a list

/** A type that says where an error was raised and nothing of why, as programs of many languages name theirs. */
export function programType(pick: (n: number) => number): string {
  const name = DOMAINS[pick(DOMAINS.length)]!;
  const space = name.toLowerCase();
  const kind = ["Error", "Exception", "Failed", "Failure", "ServiceException", "Rejected"][pick(6)]!;
  switch (pick(8)) {
    case 0:
      return `com.acme.${space}.${name}${kind}`;
    case 1:
      return `Acme.${name}.${name}${kind}`;
    case 2:
      return `${name}::${name}${kind}`;
    case 3:
      return `App\\${name}\\${name}${kind}`;
    case 4:
      return `${space}.errors.${name}${kind}`;
    case 5:
      return `${space}::Error`;
    case 6:
      return `${name}${kind}`;
    default:
      return NOTHING_SAID[pick(NOTHING_SAID.length)]!;
  }
}

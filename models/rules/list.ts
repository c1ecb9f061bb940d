/** How the table writes its lists, so that an entry stays readable with fifty phrases. */

/** Ways to say that something did not work; for use within `phrases`. */
export const UNABLE = "{cannot,can not,can't,could not,couldn't,unable to,failed to,was not able to}";
/** Units of time as logs write them, also glued to their number. */
export const TIME_UNIT = "{ms,msec,millis*,s,sec,secs,second*,min,mins,minute*,h,hour*}";

/** @param text names or codes with blanks between them */
export function names(text: string): string[] {
  return text.split(/\s+/).filter((name) => name !== "");
}

/** @param text phrases with `|` or line ends between them */
export function phrases(text: string): string[] {
  const written = text.split(/[|\n]/).map((phrase) => phrase.trim());
  return [...new Set(written)].filter((phrase) => phrase !== "");
}

/** A function's answers, kept for inputs that come again. Bounded: a full memo is emptied, so that a flood of inputs that never
 *  come again cannot hold the places of those that do. @param answer pure */
export function createMemo<Input, Answer>(
  maxKnown: number,
  answer: (input: Input) => Answer,
): (input: Input) => Answer {
  const known = new Map<Input, Answer>();
  return (input) => {
    const before = known.get(input);
    if (before !== undefined) return before;
    const found = answer(input);
    if (known.size >= maxKnown) known.clear();
    known.set(input, found);
    return found;
  };
}

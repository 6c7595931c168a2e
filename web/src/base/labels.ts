// Where a label stands between negative and positive, and how it is drawn. Colour is never alone: the order is
// always from negative to positive, and negative is hatched.

export type Role = 'negative' | 'neutral' | 'positive' | 'other';

const STARS = /(^|[^0-9])([1-5])\s*stars?$/i;

/** What a label's own name says of its polarity, between -1 and 1; null where it says nothing. */
export function polarityOf(label: string): number | null {
  const name = label.toLowerCase();
  const stars = STARS.exec(name);
  if (stars) return (Number(stars[2]) - 3) / 2;
  const sign = /(^|[^a-z])(negative|neg)([^a-z]|$)/.test(name) ? -1
    : /(^|[^a-z])(positive|pos)([^a-z]|$)/.test(name) ? 1
    : /(^|[^a-z])(neutral|neu)([^a-z]|$)/.test(name) ? 0 : null;
  return sign;
}

export function roleOf(label: string): Role {
  const polarity = polarityOf(label);
  if (polarity === null) return 'other';
  return polarity < 0 ? 'negative' : polarity > 0 ? 'positive' : 'neutral';
}

/** From negative over neutral to positive; labels without polarity behind these, in the order that they had. */
export function inOrder(labels: string[]): string[] {
  const place = (label: string): number => polarityOf(label) ?? 2;
  return [...labels].sort((a, b) => place(a) - place(b));
}

/** The class of styles for a label: its role, and which one of that role it is. */
export function styleOf(label: string, labels: string[]): string {
  const role = roleOf(label);
  const same = inOrder(labels).filter((other) => roleOf(other) === role);
  return `label-${role} nth-${same.indexOf(label) % 8}`;
}
